import {err, ok, type Result} from '../../../lib/result.ts';
import {cloneJson, isObject, type JsonObject, type JsonValue, memberOf, objectAt, stringAt} from '../schema/json.ts';
import {pruneObject} from '../schema/prune.ts';
import type {Schema} from '../schema/schema.ts';
import {
  differenceOf,
  equalSets,
  type FieldSet,
  insertPath,
  intersectionOf,
  pathTexts,
  unionOf,
  withoutFields,
} from './field-set.ts';
import {
  capUpdaters,
  decodeManagers,
  describeManager,
  encodeManagers,
  identityOf,
  isReset,
  type Manager,
  type Managers,
  type Operation,
} from './managed-fields.ts';
import {BadList, compareObjects, fieldSetOf, mergeObjects, removeFields, withNamedParents} from './typed.ts';

/** Who writes, through which path, and when. */
export type Writer = {
  readonly manager: string;
  readonly apiVersion: string;
  /** `status`, `scale`…; absent for the main path. */
  readonly subresource?: string;
  /** RFC 3339 in whole seconds. */
  readonly nowIso: string;
  /** Top-level fields that this path cannot write (`status` on the main path): nobody comes to own them through it. */
  readonly resetFields?: readonly string[];
};

export type ConflictCause = {readonly field: string; readonly message: string};

/** `conflict`: 409, with one cause per field. `invalid`: the object cannot be applied (400). */
export type ApplyError =
  | {readonly kind: 'conflict'; readonly message: string; readonly causes: readonly ConflictCause[]}
  | {readonly kind: 'invalid'; readonly message: string};

/**
 * Server-side apply: what the applier says wins or conflicts, what it no longer says goes unless somebody else owns it.
 * The caller defaults, validates and stores the result. Neither object is changed.
 *
 * @param live  undefined when the object does not exist yet
 * @param force take fields over instead of failing with a conflict
 * @returns     the new object, metadata.managedFields included
 */
export function serverSideApply(
  request: Writer & {
    readonly schema: Schema | undefined;
    readonly live: JsonObject | undefined;
    readonly applied: JsonObject;
    readonly force: boolean;
  },
): Result<JsonObject, ApplyError> {
  const {schema, live, applied, force} = request;
  if ((objectAt(applied, 'metadata')?.['managedFields'] ?? null) !== null) {
    return err({kind: 'invalid', message: 'metadata.managedFields must be nil'});
  }
  const unknown = undeclared(schema, applied);
  if (unknown !== undefined) return err({kind: 'invalid', message: unknown});
  try {
    const outcome = applyOnce(request, schema, live, applied, force);
    if (outcome.ok) return ok(finished(outcome.value, request, applied));
    const conflicts = request.manager === KUBECTL ? beyondLastApplied(schema, live, outcome.error) : outcome.error;
    if (conflicts.length > 0) return err(conflictError(conflicts));
    const forced = applyOnce(request, schema, live, applied, true);
    return forced.ok ? ok(finished(forced.value, request, applied)) : err(conflictError(forced.error));
  } catch (error) {
    if (error instanceof BadList) return err({kind: 'invalid', message: error.message});
    throw error;
  }
}

/**
 * The managedFields of an object after an ordinary write (create, update, any patch but apply).
 *
 * @param before undefined for a creation
 * @param after  what is about to be stored; its own managedFields count, as the request may have edited them
 */
export function trackUpdate(
  write: Writer & {
    readonly schema: Schema | undefined;
    readonly before: JsonObject | undefined;
    readonly after: JsonObject;
    readonly operation?: 'Update';
  },
): JsonValue[] {
  const {schema, before, after} = write;
  const wanted = managedFieldsOf(after);
  if (isReset(wanted)) return [];
  const asked = decodeManagers(wanted);
  const managers = asked.size > 0 ? asked : decodeManagers(managedFieldsOf(before));
  // Objects that are not tracked stay so until somebody applies.
  if (before !== undefined && managers.size === 0) return [];
  try {
    recordUpdate(managers, schema, before ?? {}, after, write);
  } catch (error) {
    // A list without its keys is for validation to refuse; ownership then stays as it was.
    if (!(error instanceof BadList)) throw error;
  }
  capUpdaters(managers);
  return encodeManagers(managers);
}

const KUBECTL = 'kubectl';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const NONE: FieldSet = new Map();

const managedFieldsOf = (object: JsonObject | undefined): JsonValue | undefined =>
  memberOf(memberOf(object, 'metadata'), 'managedFields');

/** Nobody owns what the server itself looks after. */
const UNOWNED: FieldSet = new Map();
for (const name of ['apiVersion', 'kind', 'metadata']) insertPath(UNOWNED, [`f:${name}`]);
for (const name of [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]) {
  insertPath(UNOWNED, ['f:metadata', `f:${name}`]);
}

const ownable = (set: FieldSet, writer: Writer): FieldSet =>
  differenceOf(withoutFields(set, writer.resetFields ?? []), UNOWNED);

function withoutManagedFields(object: JsonObject): JsonObject {
  const {metadata} = object;
  if (!isObject(metadata)) return object;
  const {managedFields: _, ...rest} = metadata;
  return {...object, metadata: rest};
}

const entryOf = (writer: Writer, operation: Operation, fields: FieldSet): Manager => ({
  name: writer.manager,
  operation,
  apiVersion: writer.apiVersion,
  subresource: writer.subresource ?? '',
  time: writer.nowIso,
  fields,
});

/** The time of an entry is that of the last change of its fields. */
function putEntry(managers: Managers, entry: Manager): void {
  const identity = identityOf(entry);
  const known = managers.get(identity);
  if (known !== undefined && equalSets(known.fields, entry.fields)) return;
  if (entry.fields.size === 0) managers.delete(identity);
  else managers.set(identity, entry);
}

function recordUpdate(
  managers: Managers,
  schema: Schema | undefined,
  before: JsonObject,
  after: JsonObject,
  writer: Writer,
): void {
  const {added, modified, removed} = compareObjects(schema, withoutManagedFields(before), withoutManagedFields(after));
  const touched = ownable(unionOf(added, modified), writer);
  const gone = ownable(removed, writer);
  const self = entryOf(writer, 'Update', NONE);
  const own = managers.get(identityOf(self))?.fields ?? NONE;
  for (const [identity, manager] of managers) {
    if (identity === identityOf(self)) continue;
    const fields = differenceOf(manager.fields, unionOf(touched, gone));
    if (fields.size === 0) managers.delete(identity);
    else managers.set(identity, {...manager, fields});
  }
  putEntry(managers, {...self, fields: differenceOf(unionOf(own, touched), gone)});
}

type Conflict = {readonly manager: Manager; readonly paths: FieldSet};
type Applied = {readonly object: JsonObject; readonly managers: Managers};
type Outcome = Result<Applied, readonly Conflict[]>;

function applyOnce(
  writer: Writer,
  schema: Schema | undefined,
  live: JsonObject | undefined,
  appliedRaw: JsonObject,
  force: boolean,
): Outcome {
  const managers = managersBefore(schema, live, writer);
  const current = live === undefined ? {} : withoutManagedFields(live);
  const applied = withoutTopLevel(appliedRaw, writer.resetFields ?? []);
  const identity = identityOf(entryOf(writer, 'Apply', NONE));
  const lastSet = managers.get(identity)?.fields ?? NONE;
  const appliedSet = fieldSetOf(schema, applied);
  const merged = mergeObjects(schema, current, applied);
  const owned = [...managers].reduce(
    (all, [id, {fields}]) => (id === identity ? all : unionOf(all, fields)),
    appliedSet,
  );
  const object = prune(schema, merged, lastSet, owned);
  const {added, modified, removed} = compareObjects(schema, current, object);
  const changed = unionOf(added, modified);
  const conflicts: Conflict[] = [];
  for (const [id, manager] of managers) {
    if (id === identity) continue;
    const paths = intersectionOf(manager.fields, changed);
    if (paths.size > 0) conflicts.push({manager, paths});
    managers.set(id, {...manager, fields: differenceOf(differenceOf(manager.fields, paths), removed)});
  }
  if (conflicts.length > 0 && !force) return err(conflicts);
  putEntry(managers, entryOf(writer, 'Apply', ownable(appliedSet, writer)));
  return ok({object, managers});
}

const withoutTopLevel = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** Fields of an object that nobody tracked yet belong to a manager of that name: applying them differently conflicts. */
function managersBefore(schema: Schema | undefined, live: JsonObject | undefined, writer: Writer): Managers {
  const managers = decodeManagers(managedFieldsOf(live));
  if (live === undefined || managers.size > 0) return managers;
  recordUpdate(managers, schema, {}, live, {...writer, manager: 'before-first-apply', subresource: ''});
  return managers;
}

/** Takes away what the applier had said before, says no longer, and nobody else owns. */
function prune(schema: Schema | undefined, merged: JsonObject, lastSet: FieldSet, owned: FieldSet): JsonObject {
  if (lastSet.size === 0) return merged;
  const dropped = differenceOf(withNamedParents(schema, lastSet), withNamedParents(schema, owned));
  return removeFields(schema, merged, dropped);
}

/** An applied field that the schema does not know would be owned by somebody and be nowhere. */
function undeclared(schema: Schema | undefined, applied: JsonObject): string | undefined {
  const unknown = schema === undefined ? [] : pruneObject(schema, cloneJson(applied));
  if (unknown.length === 0) return undefined;
  const metadata = objectAt(applied, 'metadata');
  const name = [stringAt(metadata, 'namespace'), stringAt(metadata, 'name')].filter(part => part !== undefined);
  const kind = `${stringAt(applied, 'apiVersion') ?? ''}, Kind=${stringAt(applied, 'kind') ?? ''}`;
  const problems = unknown.map(path => `.${path}: field not declared in schema`);
  const listed = problems.length === 1 ? problems[0] : ['errors:', ...problems].join('\n  ');
  return `failed to create typed patch object (${name.join('/')}; ${kind}): ${listed}`;
}

function finished({object, managers}: Applied, writer: Writer, applied: JsonObject): JsonObject {
  capUpdaters(managers);
  const metadata: JsonObject = {...(objectAt(object, 'metadata') ?? {}), managedFields: encodeManagers(managers)};
  const annotations = objectAt(metadata, 'annotations');
  // Kept in step, so that client-side apply still works on the object.
  if (writer.manager === KUBECTL && stringAt(annotations, LAST_APPLIED) !== undefined) {
    metadata['annotations'] = {...annotations, [LAST_APPLIED]: `${JSON.stringify(applied)}\n`};
  }
  return {...object, metadata};
}

function conflictError(conflicts: readonly Conflict[]): ApplyError {
  const causes = conflicts.flatMap(({manager, paths}) =>
    pathTexts(paths).map(field => ({field, message: `conflict with ${describeManager(manager)}`})),
  );
  const [only] = causes;
  if (causes.length === 1 && only !== undefined) {
    return {kind: 'conflict', message: `Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes};
  }
  const parts = conflicts.map(({manager, paths}) =>
    [`conflicts with ${describeManager(manager)}:`, ...pathTexts(paths).map(path => `- ${path}`)].join('\n'),
  );
  return {
    kind: 'conflict',
    message: `Apply failed with ${causes.length} conflicts: ${parts.sort().join('\n')}`,
    causes,
  };
}

/**
 * kubectl may take over without force what its own client-side apply had set and nobody has changed since.
 *
 * @returns the conflicts that remain
 */
function beyondLastApplied(
  schema: Schema | undefined,
  live: JsonObject | undefined,
  conflicts: readonly Conflict[],
): readonly Conflict[] {
  const text = stringAt(objectAt(objectAt(live, 'metadata'), 'annotations'), LAST_APPLIED);
  const last = text === undefined ? undefined : parsed(text);
  if (last === undefined) return conflicts;
  const {added, modified, removed} = compareObjects(schema, last, live ?? {});
  const unchanged = differenceOf(fieldSetOf(schema, last), unionOf(unionOf(added, modified), removed));
  return conflicts
    .map(({manager, paths}) => ({manager, paths: differenceOf(paths, unchanged)}))
    .filter(({paths}) => paths.size > 0);
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
