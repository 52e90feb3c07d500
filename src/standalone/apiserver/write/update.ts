import {err, ok, type Result} from '../../../lib/result.ts';
import {checkBookkeeping} from '../bounds.ts';
import type {Cluster} from '../cluster.ts';
import {type ApiError, badRequest, beyondLimit, conflict, invalid, MODIFIED, uidMismatch} from '../errors.ts';
import type {Kind} from '../kinds.ts';
import {type ApiObject, isoSeconds, type Meta} from '../object.ts';
import {cloneJson, equalJson} from '../schema/json.ts';
import type {StatusCause} from '../schema/schema.ts';
import {toStored, toView} from '../views.ts';
import {sameContent, storedApiVersion, validate, type Written} from './create.ts';
import {track} from './managed-fields.ts';
import type {WriteRequest} from './request.ts';
import type {Shaped} from './shape.ts';
import {strategyOf} from './strategies.ts';

/**
 * Replaces what is stored by an object that already has the shape of its kind.
 *
 * @param stored what is there now
 * @param tracked whether `managedFields` is already right (server-side apply wrote it)
 */
export function update(
  cluster: Cluster,
  request: WriteRequest,
  stored: ApiObject,
  shaped: Shaped,
  tracked = false,
): Result<Written, ApiError> {
  const {kind, subresource} = request;
  const old = toView(kind, stored);
  const {object} = shaped;
  const refused = checkIdentity(request, object, old);
  if (refused !== undefined) return err(refused);
  const nowIso = isoSeconds(cluster.clock.now());
  carryOver(kind, subresource, object, old, nowIso);
  const causes = [...metaChangeCauses(object.metadata, old.metadata), ...validate(kind, object, old, subresource)];
  if (causes.length > 0) return err(invalid(kind, object.metadata.name, causes));
  if (kind.generation && generationMoves(kind, object, old)) {
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
  if (!tracked) track(request, old, object, nowIso);
  const tooMuch = checkBookkeeping(object.metadata.managedFields);
  if (tooMuch !== undefined) return err(beyondLimit(tooMuch));
  const next = toStored(kind, object, storedApiVersion(cluster, kind));
  if (sameContent(next, stored)) return ok({object: stored, created: false, warnings: shaped.warnings});
  return ok({object: commit(cluster, request, next), created: false, warnings: shaped.warnings});
}

/** Stores the object, or removes it when it was only waiting for its last finalizer. */
function commit(cluster: Cluster, {kind, dryRun}: WriteRequest, next: ApiObject): ApiObject {
  if (dryRun) return next;
  return isReleased(next) ? cluster.store.remove(kind.storage, next) : cluster.store.put(kind.storage, next);
}

/** Deleted, nobody holds it any more, and no grace is left. */
export function isReleased({metadata, apiVersion, kind, spec}: ApiObject): boolean {
  if (metadata.deletionTimestamp == null) return false;
  if ((metadata.finalizers ?? []).length > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  return apiVersion !== 'v1' || kind !== 'Namespace' || !holdsFinalizers(spec);
}

const holdsFinalizers = (spec: ApiObject[string] | undefined): boolean =>
  typeof spec === 'object' &&
  spec !== null &&
  !Array.isArray(spec) &&
  Array.isArray(spec['finalizers']) &&
  spec['finalizers'].length > 0;

function checkIdentity({kind, name, namespace}: WriteRequest, object: ApiObject, old: ApiObject): ApiError | undefined {
  const {metadata} = object;
  if (kind.namespaced && (metadata.namespace ?? '') !== '' && metadata.namespace !== namespace) {
    return badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if ((metadata.uid ?? '') !== '' && metadata.uid !== old.metadata.uid) {
    return uidMismatch(kind, name ?? '', metadata.uid ?? '', old.metadata.uid ?? '');
  }
  const version = metadata.resourceVersion ?? '';
  if (version !== '' && version !== '0' && version !== old.metadata.resourceVersion) {
    return conflict(kind, old.metadata.name, MODIFIED);
  }
  if ((version === '' || version === '0') && !kind.unconditionalUpdate) {
    const message = 'Invalid value: 0: must be specified for an update';
    return invalid(kind, old.metadata.name, [
      {reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message},
    ]);
  }
  return undefined;
}

/** What this write may not touch stays as it was. */
function carryOver(
  kind: Kind,
  subresource: string | undefined,
  object: ApiObject,
  old: ApiObject,
  nowIso: string,
): void {
  if (subresource === 'status') return carryOverForStatus(kind, object, old);
  fixMeta(object.metadata, old.metadata);
  if (kind.statusIsolated) {
    if (old['status'] === undefined) delete object['status'];
    else object['status'] = cloneJson(old['status']);
  }
  if (subresource === undefined) strategyOf(kind.storage).onUpdate?.(object, old, nowIso);
}

/** A status write changes the status; of custom kinds nothing else, of built-in ones also labels, annotations, finalizers. */
function carryOverForStatus(kind: Kind, object: ApiObject, old: ApiObject): void {
  const {managedFields} = object.metadata;
  for (const field of Object.keys(object)) {
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(field)) delete object[field];
  }
  for (const [field, value] of Object.entries(old)) {
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(field)) object[field] = cloneJson(value);
  }
  if (kind.custom) object.metadata = {...cloneJson(old.metadata), managedFields};
  else {
    fixMeta(object.metadata, old.metadata);
    object.metadata.ownerReferences = cloneJson(old.metadata.ownerReferences ?? []);
    if (old.metadata.ownerReferences === undefined) delete object.metadata.ownerReferences;
  }
}

/** The server's own metadata: taken from what is stored unless the client contradicts (which validation reports). */
function fixMeta(meta: Meta, old: Meta): void {
  meta.name = old.name;
  if (old.namespace !== undefined) meta.namespace = old.namespace;
  meta.uid = old.uid;
  meta.creationTimestamp = old.creationTimestamp;
  meta.resourceVersion = old.resourceVersion;
  if (old.generateName !== undefined) meta.generateName ??= old.generateName;
  setOrDelete(meta, 'generation', old.generation);
  setOrDelete(meta, 'deletionTimestamp', old.deletionTimestamp);
  setOrDelete(meta, 'deletionGracePeriodSeconds', old.deletionGracePeriodSeconds);
}

function setOrDelete<K extends keyof Meta>(meta: Meta, field: K, value: Meta[K]): void {
  if (value === undefined) delete meta[field];
  else meta[field] = value;
}

function metaChangeCauses(meta: Meta, old: Meta): readonly StatusCause[] {
  if (old.deletionTimestamp == null) return [];
  const added = (meta.finalizers ?? []).filter(finalizer => !(old.finalizers ?? []).includes(finalizer));
  if (added.length === 0) return [];
  const shown = added.map(finalizer => JSON.stringify(finalizer)).join(', ');
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`;
  return [{reason: 'FieldValueForbidden', field: 'metadata.finalizers', message}];
}

/** Metadata never counts, nor does a status that has its own path. */
function generationMoves(kind: Kind, object: ApiObject, old: ApiObject): boolean {
  const ignored = new Set(['metadata', 'apiVersion', 'kind', ...(kind.statusIsolated ? ['status'] : [])]);
  const fields = new Set([...Object.keys(object), ...Object.keys(old)].filter(field => !ignored.has(field)));
  return [...fields].some(field => !equalJson(object[field], old[field]));
}
