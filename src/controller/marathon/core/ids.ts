import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import type {Random} from '../../../lib/clock.ts';
import {trimEndOf} from '../../../lib/trim.ts';

/** An absolute path such as `/prod/web`. */
export type AppId = string & {readonly __brand: 'AppId'};
/** `<segments joined by _>.instance-<uuid>`; survives restarts of its task. */
export type InstanceId = string & {readonly __brand: 'InstanceId'};
/** `<instanceId>._app.<incarnation>`. */
export type TaskId = string & {readonly __brand: 'TaskId'};

export const toAppId = (path: string): AppId => path as AppId;
export const toInstanceId = (text: string): InstanceId => text as InstanceId;
export const toTaskId = (text: string): TaskId => text as TaskId;

const segments = (id: string): string[] => id.split('/').filter(segment => segment !== '');

/** Makes a path absolute: a relative one starts at `base`; `.` and `..` are resolved. `//a` and `/a/` are `/a`. */
export function resolvePath(path: string, base = '/'): string {
  const resolved: string[] = path.startsWith('/') ? [] : segments(base);
  for (const segment of segments(path)) {
    if (segment === '..') resolved.pop();
    else if (segment !== '.') resolved.push(segment);
  }
  return `/${resolved.join('/')}`;
}

/** Ids of the groups around an app, the top-level one first; without the root. */
export const ancestorsOf = (id: AppId): readonly AppId[] =>
  segments(id)
    .slice(0, -1)
    .map((_, index, all) => toAppId(`/${all.slice(0, index + 1).join('/')}`));

/** The group that one app is in; the root of several apps. */
export const groupAround = ([first, ...others]: readonly AppId[]): string =>
  first === undefined || others.length > 0 ? '/' : (ancestorsOf(first).at(-1) ?? '/');

/** The id of an object that does not name one: each `.` of the object's name is read as `/`. */
export const appIdFromName = (name: string): AppId => toAppId(`/${name.replaceAll('.', '/')}`);

/** Kubernetes allows 253; this leaves room for a hash after it. */
const LONGEST_NAME = 244;

/**
 * The name of the object that holds this app: its segments joined by `.`. The name gets a hash when a segment has a dot
 * itself, because two ids would share a name otherwise. It also gets a hash when it would be too long.
 */
export function objectNameOf(id: AppId): string {
  const name = segments(id).join('.');
  if (name.length > LONGEST_NAME) return `${trimEndOf(name.slice(0, LONGEST_NAME - 9), '.-')}-${shortHash(id)}`;
  return segments(id).some(segment => segment.includes('.')) ? `${name}-${shortHash(id)}` : name;
}

/** What a value hashes to, as hexadecimal digits; for names and for comparing, not for secrets. */
export const shortHash = (text: string, digits = 8): string => bytesToHex(sha256(utf8ToBytes(text))).slice(0, digits);

/** `/a/b/c` is `c.b.a` for service discovery. */
export const discoveryName = (id: AppId): string => segments(id).reverse().join('.');

export const newInstanceId = (id: AppId, random: Random): InstanceId =>
  toInstanceId(`${instancePrefix(id)}${uuid(random)}`);

/** The part of an instance's id that all instances of an app share. */
export const prefixOf = (id: InstanceId): string => id.slice(0, id.lastIndexOf('.instance-') + '.instance-'.length);

/** `prod_web` for `/prod/web`. */
export const safePath = (id: AppId): string => segments(id).join('_');

/** What the ids of an app's instances begin with. */
export const instancePrefix = (id: AppId): string => `${safePath(id)}.instance-`;

export const taskIdOf = (instance: InstanceId, incarnation: number): TaskId =>
  toTaskId(`${instance}._app.${incarnation}`);

export type ParsedTaskId = {readonly instanceId: InstanceId; readonly incarnation: number};

/** @returns undefined when the id was not made by `taskIdOf` */
export function parseTaskId(taskId: string): ParsedTaskId | undefined {
  const match = /^(.+[.]instance-[0-9a-f-]{36})[.]_app[.]([0-9]{1,15})$/.exec(taskId);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return {instanceId: toInstanceId(match[1]), incarnation: Number(match[2])};
}

const TASK_ID =
  /^[^/]+[.](?:instance-[0-9a-f-]{36}[.][^./]+(?:[.][0-9]{1,15})?|(?:marathon-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** A task of an app or a pod could have this id, or could have had it under an older Marathon. */
export const isTaskId = (text: string): boolean => TASK_ID.test(text);

/** A random (version 4) UUID. */
export function uuid(random: Random): string {
  const hex = Array.from({length: 32}, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = (8 + Math.floor(random() * 4)).toString(16);
  const part = (from: number, to: number): string => hex.slice(from, to).join('');
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}

/** A version is the time of the change, to the millisecond; equal texts are equal versions and order is time's. */
export const versionAt = (timeMs: number): string => new Date(timeMs).toISOString();
