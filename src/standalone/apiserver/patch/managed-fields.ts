import {isObject, type JsonObject, type JsonValue, stringAt} from '../schema/json.ts';
import {decodeFields, encodeFields, type FieldSet, unionOf} from './field-set.ts';

export type Operation = 'Apply' | 'Update';

/** One entry of metadata.managedFields. */
export type Manager = {
  readonly name: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339, of the last change of `fields`. */
  readonly time: string;
  readonly fields: FieldSet;
};

/** By identity: one entry per manager, operation and subresource; for updates also per version. */
export type Managers = Map<string, Manager>;

export const identityOf = (manager: Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>): string =>
  JSON.stringify([
    manager.name,
    manager.operation,
    manager.operation === 'Apply' ? '' : manager.apiVersion,
    manager.subresource,
  ]);

/** Reads metadata.managedFields; entries that are not in its form are left out. */
export function decodeManagers(managedFields: JsonValue | undefined): Managers {
  const managers: Managers = new Map();
  if (!Array.isArray(managedFields)) return managers;
  for (const entry of managedFields) {
    const operation = stringAt(entry, 'operation');
    if (!isObject(entry) || (operation !== 'Apply' && operation !== 'Update')) continue;
    const manager: Manager = {
      name: stringAt(entry, 'manager') ?? '',
      operation,
      apiVersion: stringAt(entry, 'apiVersion') ?? '',
      subresource: stringAt(entry, 'subresource') ?? '',
      time: stringAt(entry, 'time') ?? '',
      fields: decodeFields(entry['fieldsV1']),
    };
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

/** `[{}]`: the request wants the bookkeeping thrown away. */
export const isReset = (managedFields: JsonValue | undefined): boolean =>
  Array.isArray(managedFields) &&
  managedFields.length === 1 &&
  isObject(managedFields[0]) &&
  Object.keys(managedFields[0]).length === 0;

export function encodeManagers(managers: Managers): JsonValue[] {
  const sortKey = (manager: Manager): string =>
    JSON.stringify([manager.operation, manager.time, manager.name, manager.apiVersion, manager.subresource]);
  return [...managers.values()]
    .filter(manager => manager.fields.size > 0)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map(encodeManager);
}

const encodeManager = (manager: Manager): JsonObject => ({
  manager: manager.name,
  operation: manager.operation,
  apiVersion: manager.apiVersion,
  ...(manager.time === '' ? {} : {time: manager.time}),
  fieldsType: 'FieldsV1',
  fieldsV1: encodeFields(manager.fields),
  ...(manager.subresource === '' ? {} : {subresource: manager.subresource}),
});

/** Kubernetes keeps ten updaters per object and lumps the oldest together under one name. */
const MAX_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

export function capUpdaters(managers: Managers): void {
  const updaters = [...managers].filter(([, manager]) => manager.operation === 'Update');
  if (updaters.length <= MAX_UPDATERS) return;
  const oldestFirst = updaters.sort(([, a], [, b]) => (a.time < b.time ? -1 : 1));
  for (const [identity, manager] of oldestFirst.slice(0, updaters.length - MAX_UPDATERS + 1)) {
    const ancient: Manager = {...manager, name: ANCIENT, subresource: ''};
    const known = managers.get(identityOf(ancient));
    managers.delete(identity);
    managers.set(identityOf(ancient), {...ancient, fields: unionOf(known?.fields ?? new Map(), manager.fields)});
  }
}

/** How conflicts name a manager: `"kubectl-edit" using mesos.dev/v1`. */
export function describeManager(manager: Manager): string {
  const name = JSON.stringify(manager.name);
  const place = manager.subresource === '' ? name : `${name} with subresource ${JSON.stringify(manager.subresource)}`;
  return manager.operation === 'Update' ? `${place} using ${manager.apiVersion}` : place;
}
