import {err, ok, type Result} from '../../../lib/result.ts';
import {checkBookkeeping} from '../bounds.ts';
import type {Cluster} from '../cluster.ts';
import {
  alreadyExists,
  type ApiError,
  badRequest,
  beyondLimit,
  forbidden,
  generateNameConflict,
  invalid,
  notFound,
} from '../errors.ts';
import {apiVersionOf, type Kind} from '../kinds.ts';
import {generateName, validateMeta} from '../names.ts';
import {type ApiObject, isoSeconds} from '../object.ts';
import {equalJson} from '../schema/json.ts';
import {validateObject} from '../schema/validate.ts';
import {toStored} from '../views.ts';
import {track} from './managed-fields.ts';
import type {WriteRequest} from './request.ts';
import {scaleCauses} from './scale-check.ts';
import {type Shaped, schemaOfKind} from './shape.ts';
import {strategyOf} from './strategies.ts';

export type Written = {
  /** As stored. */
  readonly object: ApiObject;
  readonly created: boolean;
  readonly warnings: readonly string[];
};

const GENERATE_ATTEMPTS = 8;

/**
 * Creates an object that already has the shape of its kind.
 *
 * @param tracked whether `managedFields` is already right (server-side apply wrote it)
 */
export function create(
  cluster: Cluster,
  request: WriteRequest,
  shaped: Shaped,
  tracked = false,
): Result<Written, ApiError> {
  const {kind} = request;
  const {object} = shaped;
  const refused = placeObject(request, object) ?? namespaceProblem(cluster, request, object);
  if (refused !== undefined) return err(refused);
  const named = nameObject(cluster, kind, object);
  if (!named.ok) return named;
  const nowIso = isoSeconds(cluster.clock.now());
  initMeta(cluster, kind, object, nowIso);
  if (kind.custom && kind.statusIsolated) delete object['status'];
  strategyOf(kind.storage).onCreate?.(object, nowIso);
  const causes = validate(kind, object, undefined, undefined);
  if (causes.length > 0) return err(invalid(kind, object.metadata.name, causes));
  if (!tracked) track(request, undefined, object, nowIso);
  const tooMuch = checkBookkeeping(object.metadata.managedFields);
  if (tooMuch !== undefined) return err(beyondLimit(tooMuch));
  const stored = toStored(kind, object, storedApiVersion(cluster, kind));
  if (!request.dryRun) cluster.store.put(kind.storage, stored);
  return ok({object: stored, created: true, warnings: shaped.warnings});
}

export const storedApiVersion = (cluster: Cluster, kind: Kind): string =>
  kind.custom ? cluster.registry.storageApiVersion(kind) : apiVersionOf(kind);

/** Everything that can be wrong with an object's content, in the order of a real server. */
export function validate(kind: Kind, object: ApiObject, old: ApiObject | undefined, subresource: string | undefined) {
  const meta = validateMeta(kind, object.metadata);
  const own = strategyOf(kind.storage).validate?.(object, old, subresource) ?? [];
  const part = kind.custom && subresource === 'status' ? 'status' : 'all';
  return validateObject(schemaOfKind(kind), object, old, part, {
    before: [...meta, ...own],
    afterValues: scaleCauses(kind, object, part),
  });
}

/** Path and body agree on the namespace; the body may leave it to the path. */
function placeObject({kind, namespace}: WriteRequest, object: ApiObject): ApiError | undefined {
  const {metadata} = object;
  if (!kind.namespaced) {
    delete metadata.namespace;
    return undefined;
  }
  if (namespace === undefined) return badRequest('an empty namespace may not be set during creation');
  if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== namespace) {
    return badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace;
  return undefined;
}

function namespaceProblem(
  cluster: Cluster,
  {kind, namespace}: WriteRequest,
  {metadata}: ApiObject,
): ApiError | undefined {
  if (!kind.namespaced || namespace === undefined) return undefined;
  const found = cluster.store.get('namespaces', undefined, namespace);
  if (found === undefined) return notFound({group: '', plural: 'namespaces', kind: 'Namespace'}, namespace);
  if (found.metadata.deletionTimestamp == null) return undefined;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return forbidden(kind, metadata.name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

function nameObject(cluster: Cluster, kind: Kind, {metadata}: ApiObject): Result<void, ApiError> {
  const exists = (name: string): boolean => cluster.store.get(kind.storage, metadata.namespace, name) !== undefined;
  if (metadata.name !== '') {
    return exists(metadata.name) ? err(alreadyExists(kind, metadata.name)) : ok(undefined);
  }
  const base = metadata.generateName ?? '';
  if (base === '') {
    const message = 'Required value: name or generateName is required';
    return err(invalid(kind, '', [{reason: 'FieldValueRequired', field: 'metadata.name', message}]));
  }
  for (let attempt = 0; attempt < GENERATE_ATTEMPTS; attempt++) {
    metadata.name = generateName(base, cluster.random);
    if (!exists(metadata.name)) return ok(undefined);
  }
  return err(generateNameConflict(kind, metadata.name));
}

function initMeta(cluster: Cluster, kind: Kind, {metadata}: ApiObject, nowIso: string): void {
  metadata.uid = cluster.newUid();
  metadata.creationTimestamp = nowIso;
  if (kind.generation) metadata.generation = 1;
  else delete metadata.generation;
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
}

/** Whether two states differ in anything but bookkeeping. */
export function sameContent(a: ApiObject, b: ApiObject): boolean {
  const stripped = (object: ApiObject) => ({
    ...object,
    metadata: {...object.metadata, managedFields: withoutTimes(object.metadata.managedFields), resourceVersion: ''},
  });
  return equalJson(stripped(a), stripped(b));
}

const withoutTimes = (managed: ApiObject['metadata']['managedFields']) =>
  (managed ?? []).map(entry => (typeof entry === 'object' && entry !== null ? {...entry, time: ''} : entry));
