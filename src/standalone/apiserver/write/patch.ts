import {err, ok, type Result} from '../../../lib/result.ts';
import {type Body, decodeJson, decodeYaml, objectOf} from '../body.ts';
import type {Cluster} from '../cluster.ts';
import {
  type ApiError,
  applyConflict,
  badRequest,
  noSuchMediaType,
  notFound,
  requestTooLarge,
  unsupportedMediaType,
} from '../errors.ts';
import {apiVersionOf, type Kind} from '../kinds.ts';
import {type ApiObject, isoSeconds} from '../object.ts';
import {type ApplyError, serverSideApply} from '../patch/apply.ts';
import {applyJsonPatch, type PatchError} from '../patch/json.ts';
import {applyMergePatch} from '../patch/merge.ts';
import {applyStrategicPatch} from '../patch/strategic.ts';
import {cloneJson, isObject, type JsonObject} from '../schema/json.ts';
import {toView} from '../views.ts';
import {create, type Written} from './create.ts';
import {resetFields} from './managed-fields.ts';
import type {WriteRequest} from './request.ts';
import {schemaOfKind, shape} from './shape.ts';
import {update} from './update.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const MEDIA_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Which patch a Content-Type announces; custom kinds know no strategic merge. */
export function patchTypeOf(contentType: string, kind: Kind): Result<PatchType, ApiError> {
  const accepted = Object.keys(MEDIA_TYPES).filter(type => !kind.custom || MEDIA_TYPES[type] !== 'strategic');
  const type = accepted.includes(contentType) ? MEDIA_TYPES[contentType] : undefined;
  if (type !== undefined) return ok(type);
  return err(kind.custom ? unsupportedMediaType(accepted) : noSuchMediaType());
}

/** Applies a patch of any type; server-side apply may create. */
export function patch(
  cluster: Cluster,
  request: WriteRequest,
  type: PatchType,
  bytes: Uint8Array,
): Result<Written, ApiError> {
  const {kind, namespace, name = ''} = request;
  const stored = cluster.store.get(kind.storage, namespace, name);
  if (type === 'apply') return apply(cluster, request, stored, bytes);
  const body = decodeJson(bytes);
  if (!body.ok && body.error.code === 413) return body;
  if (!body.ok)
    return err(badRequest(`error decoding patch: ${body.error.message.replace(/^couldn't .* parse error: /, '')}`));
  if (stored === undefined) return err(notFound(kind, name));
  const patched = patchJson(schemaOfKind(kind), type, cloneJson<JsonObject>(toView(kind, stored)), body.value);
  if (!patched.ok) return patched;
  const shaped = shape(request, patched.value, body.value.duplicates, (_, why) => invalidPatch(patched.value, why));
  if (!shaped.ok) return shaped;
  return update(cluster, request, stored, shaped.value);
}

/** A patched document, whatever it is of: also used for the Scale of the scale subresource. */
export function patchJson(
  schema: Parameters<typeof applyStrategicPatch>[0],
  type: Exclude<PatchType, 'apply'>,
  target: JsonObject,
  {json}: Body,
): Result<JsonObject, ApiError> {
  if (type === 'json') {
    const patched = applyJsonPatch(target, json);
    return patched.ok ? patched : err(refusal(patched.error));
  }
  if (!isObject(json)) return err(badRequest('error decoding patch: json: cannot unmarshal into Go value of type map'));
  if (type === 'merge') return ok(applyMergePatch(target, json));
  const patched = applyStrategicPatch(schema, target, json);
  return patched.ok ? patched : err(refusal(patched.error));
}

function refusal(error: PatchError): ApiError {
  switch (error.kind) {
    case 'malformed':
      return badRequest(`error decoding patch: ${error.message}`);
    case 'too-much':
      return requestTooLarge(error.message);
    case 'failed':
      return REJECTED;
    default:
      return error.kind satisfies never;
  }
}

/** A JSON patch whose operations do not fit the object. A real server does not say why. */
const REJECTED: ApiError = {
  code: 422,
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
  details: {},
};

function invalidPatch(patched: JsonObject, why: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: ${why}`;
  return {
    code: 422,
    reason: 'Invalid',
    message: ` "" is invalid: patch: ${message}`,
    details: {causes: [{reason: 'FieldValueInvalid', message, field: 'patch'}]},
  };
}

function apply(
  cluster: Cluster,
  request: WriteRequest,
  stored: ApiObject | undefined,
  bytes: Uint8Array,
): Result<Written, ApiError> {
  const {kind, name = '', subresource} = request;
  const applied = decodeApplied(request, bytes);
  if (!applied.ok) return applied;
  const live = stored === undefined ? undefined : toView(kind, stored);
  const merged = serverSideApply({
    schema: schemaOfKind(kind),
    live,
    applied: applied.value,
    manager: request.fieldManager,
    force: request.force,
    apiVersion: apiVersionOf(kind),
    subresource,
    nowIso: isoSeconds(cluster.clock.now()),
    resetFields: resetFields(kind, subresource),
  });
  if (!merged.ok) return err(applyRefusal(merged.error));
  const shaped = shape({...request, fieldValidation: 'Ignore'}, merged.value, []);
  if (!shaped.ok) return shaped;
  if (stored !== undefined) return update(cluster, request, stored, shaped.value, true);
  if (subresource !== undefined) return err(notFound(kind, name));
  return create(cluster, request, shaped.value, true);
}

const applyRefusal = (error: ApplyError): ApiError =>
  error.kind === 'invalid'
    ? badRequest(error.message)
    : applyConflict(
        error.message,
        error.causes.map(cause => ({reason: 'FieldManagerConflict', ...cause})),
      );

/** The applied configuration: an object of this kind that goes by the name in the path. */
function decodeApplied({kind, name = '', namespace}: WriteRequest, bytes: Uint8Array): Result<JsonObject, ApiError> {
  const body = decodeYaml(bytes);
  if (!body.ok && body.error.code === 413) return body;
  if (!body.ok) return err(badRequest(`error decoding YAML: ${body.error.message}`));
  const object = objectOf(body.value);
  if (!object.ok) return object;
  const {apiVersion, kind: kindField, metadata = {}} = object.value;
  if (apiVersion !== apiVersionOf(kind) || kindField !== kind.kind) {
    return err(
      badRequest(
        `the apiVersion and kind of the applied object (${String(apiVersion)}, ${String(kindField)}) do not match the request (${apiVersionOf(kind)}, ${kind.kind})`,
      ),
    );
  }
  if (!isObject(metadata)) return err(badRequest('metadata must be an object'));
  if (metadata['name'] !== undefined && metadata['name'] !== name) {
    return err(
      badRequest(`the name of the object (${String(metadata['name'])}) does not match the name on the URL (${name})`),
    );
  }
  if (metadata['managedFields'] !== undefined) return err(badRequest('metadata.managedFields must be nil'));
  object.value['metadata'] = {...metadata, name, ...(namespace === undefined ? {} : {namespace})};
  return object;
}
