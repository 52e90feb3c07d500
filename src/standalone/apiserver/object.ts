import {err, ok, type Result} from '../../lib/result.ts';
import {isObject, type JsonObject, type JsonValue} from './schema/json.ts';

export type OwnerRef = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** ObjectMeta; what is not named here travels along unread. Times are RFC 3339 in whole seconds. */
export type Meta = {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string | null;
  deletionGracePeriodSeconds?: number | null;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerRef[];
  managedFields?: JsonValue[];
};

/** A Kubernetes object. One that came out of the store is shared: clone it before changing it. */
export type ApiObject = {apiVersion: string; kind: string; metadata: Meta; [field: string]: JsonValue};

/**
 * Makes an object of decoded JSON of which the fields have the types of its kind: metadata is there, and nulls in it
 * are gone.
 *
 * @returns the same object, its metadata repaired in place; or what is wrong with it
 */
export function decodeObject(value: JsonObject): Result<ApiObject, string> {
  const meta = value['metadata'] ?? {};
  if (!isObject(meta)) return err('metadata must be an object');
  for (const [field, child] of Object.entries(meta)) if (child === null) delete meta[field];
  fillMeta(meta);
  meta['name'] ??= '';
  value['metadata'] = meta;
  value['apiVersion'] ??= '';
  value['kind'] ??= '';
  if (typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string') {
    return err('apiVersion and kind must be strings');
  }
  return ok(value as ApiObject);
}

/** A null in a list of texts is an empty text, and an owner has all its fields: Go's zero values. */
function fillMeta(meta: JsonObject): void {
  const {finalizers, ownerReferences} = meta;
  if (Array.isArray(finalizers)) meta['finalizers'] = finalizers.map(finalizer => finalizer ?? '');
  if (!Array.isArray(ownerReferences)) return;
  meta['ownerReferences'] = ownerReferences.map(owner => ({...NO_OWNER, ...withoutNulls(owner)}));
}

const NO_OWNER = {apiVersion: '', kind: '', name: '', uid: ''};

const withoutNulls = (value: JsonValue): JsonObject =>
  isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, child]) => child !== null)) : {};

/** Seconds precision, as Kubernetes writes its times. */
export const isoSeconds = (nowMs: number): string => new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');

/** `namespace/name`, or just the name of a cluster-scoped object. */
export const keyOf = (namespace: string | undefined, name: string): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
