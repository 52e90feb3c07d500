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

type Check = (value: unknown) => boolean;
const isString: Check = value => typeof value === 'string';
const isStringMap: Check = value => isObject(value) && Object.values(value).every(isString);
const isOwner: Check = value =>
  isObject(value) && ['apiVersion', 'kind', 'name', 'uid'].every(field => isString(value[field]));

/** Go's words for the wanted types: they are what a real server's decoding errors show. */
const META: Readonly<Record<string, readonly [Check, string]>> = {
  name: [isString, 'string'],
  generateName: [isString, 'string'],
  namespace: [isString, 'string'],
  uid: [isString, 'types.UID'],
  resourceVersion: [isString, 'string'],
  generation: [value => Number.isInteger(value), 'int64'],
  creationTimestamp: [isString, 'time'],
  deletionTimestamp: [isString, 'time'],
  deletionGracePeriodSeconds: [value => Number.isInteger(value), 'int64'],
  labels: [isStringMap, 'map[string]string'],
  annotations: [isStringMap, 'map[string]string'],
  finalizers: [value => Array.isArray(value) && value.every(isString), '[]string'],
  ownerReferences: [value => Array.isArray(value) && value.every(isOwner), '[]v1.OwnerReference'],
  managedFields: [value => Array.isArray(value), '[]v1.ManagedFieldsEntry'],
};

/**
 * Makes an object of decoded JSON: metadata is there and of the right types, and nulls in it are gone.
 *
 * @returns the same object, its metadata repaired in place; or what is wrong with it
 */
export function decodeObject(value: JsonObject): Result<ApiObject, string> {
  const meta = value['metadata'] ?? {};
  if (!isObject(meta)) return err('json: cannot unmarshal into Go struct field .metadata of type v1.ObjectMeta');
  for (const [field, [holds, type]] of Object.entries(META)) {
    if (meta[field] === null) delete meta[field];
    if (meta[field] !== undefined && !holds(meta[field])) {
      return err(`json: cannot unmarshal into Go struct field ObjectMeta.metadata.${field} of type ${type}`);
    }
  }
  meta['name'] ??= '';
  value['metadata'] = meta;
  value['apiVersion'] ??= '';
  value['kind'] ??= '';
  if (!isString(value['apiVersion']) || !isString(value['kind'])) return err('apiVersion and kind must be strings');
  return ok(value as ApiObject);
}

/** Seconds precision, as Kubernetes writes its times. */
export const isoSeconds = (nowMs: number): string => new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');

/** `namespace/name`, or just the name of a cluster-scoped object. */
export const keyOf = (namespace: string | undefined, name: string): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
