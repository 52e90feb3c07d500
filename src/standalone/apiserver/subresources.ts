import {err, ok, type Result} from '../../lib/result.ts';
import {decodeBody, decodeJson, objectOf} from './body.ts';
import type {Cluster} from './cluster.ts';
import {type ApiError, badRequest, conflict, methodNotAllowed, notFound} from './errors.ts';
import {objectAt, stringAt} from './fields.ts';
import {type ApiRequest, patchObject, put, read, write} from './handlers.ts';
import {bodyReply, type Reply} from './respond.ts';
import type {ApiObject} from './object.ts';
import {cloneJson, isObject, type JsonObject} from './schema/json.ts';
import {toView} from './views.ts';
import {remove} from './write/delete.ts';
import {patchJson, patchTypeOf} from './write/patch.ts';
import {decodeWriteRequest} from './write/decode-request.ts';
import {scaleOf, writeScale} from './write/scale.ts';
import {update} from './write/update.ts';

/** A request on a part of an object. Logs and exec are streams and not handled here. */
export function onSubresource(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  const {kind, namespace, name = '', subresource} = request.target;
  const stored = cluster.store.get(kind.storage, namespace, name);
  if (stored === undefined) return err(notFound(kind, name));
  switch (subresource) {
    case 'scale':
      return onScale(cluster, request, stored);
    case 'binding':
      return bind(cluster, request, stored);
    case 'eviction':
      return evict(cluster, request, stored);
    case 'finalize':
      return finalize(cluster, request, stored);
    default:
      return onPart(cluster, request);
  }
}

/** `status` and the like: the object itself, with only that part open to writing. */
function onPart(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  switch (request.method) {
    case 'GET':
      return read(cluster, request);
    case 'PUT':
      return put(cluster, request);
    case 'PATCH':
      return patchObject(cluster, request);
    default:
      return err(methodNotAllowed());
  }
}

function onScale(cluster: Cluster, request: ApiRequest, stored: ApiObject): Result<Reply, ApiError> {
  const {kind} = request.target;
  const scale = scaleOf(kind, toView(kind, stored));
  if (!scale.ok) return scale;
  if (request.method === 'GET') return ok(bodyReply(request.accept, 200, scale.value));
  const wanted = request.method === 'PATCH' ? patchedScale(request, scale.value) : bodyObject(request);
  if (!wanted.ok) return wanted;
  if (request.method !== 'PATCH' && request.method !== 'PUT') return err(methodNotAllowed());
  const writing = decodeWriteRequest(request);
  if (!writing.ok) return writing;
  const written = writeScale(cluster, writing.value, stored, wanted.value);
  if (!written.ok) return written;
  const shown = scaleOf(kind, toView(kind, written.value.object));
  return shown.ok ? ok(bodyReply(request.accept, 200, shown.value)) : shown;
}

function patchedScale(request: ApiRequest, scale: JsonObject): Result<JsonObject, ApiError> {
  const type = patchTypeOf(request.contentType, request.target.kind);
  if (!type.ok) return type;
  if (type.value === 'apply') return bodyObject({...request, contentType: 'application/yaml'});
  const body = decodeJson(request.body);
  return body.ok ? patchJson({type: 'object'}, type.value, cloneJson(scale), body.value) : body;
}

function bodyObject(request: Pick<ApiRequest, 'body' | 'contentType'>): Result<JsonObject, ApiError> {
  const body = decodeBody(request.body, request.contentType);
  return body.ok ? objectOf(body.value) : body;
}

const created = (request: ApiRequest): Reply =>
  bodyReply(request.accept, 201, {kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201});

/** Puts a pod on a node, once. */
function bind(cluster: Cluster, request: ApiRequest, stored: ApiObject): Result<Reply, ApiError> {
  const binding = bodyObject(request);
  if (!binding.ok) return binding;
  if (request.method !== 'POST') return err(methodNotAllowed());
  const nodeName = stringAt(binding.value, 'target', 'name') ?? '';
  if (nodeName === '') return err(badRequest('a binding names its target'));
  const {kind, name = ''} = request.target;
  const taken = stringAt(stored, 'spec', 'nodeName') ?? '';
  if (taken !== '') return err(conflict(kind, name, `pod ${name} is already assigned to node "${taken}"`));
  const writing = decodeWriteRequest(request);
  if (!writing.ok) return writing;
  const object = cloneJson<ApiObject>(stored);
  object['spec'] = {...objectAt(object, 'spec'), nodeName};
  const written = update(cluster, writing.value, stored, {object, warnings: []});
  return written.ok ? ok(created(request)) : written;
}

/** Nothing here guards a pod against eviction: it is a deletion. */
function evict(cluster: Cluster, request: ApiRequest, stored: ApiObject): Result<Reply, ApiError> {
  const eviction = bodyObject(request);
  if (!eviction.ok) return eviction;
  if (request.method !== 'POST') return err(methodNotAllowed());
  const options = objectAt(eviction.value, 'deleteOptions');
  const grace = options?.['gracePeriodSeconds'];
  const deleted = remove(cluster, request.target.kind, stored, {
    gracePeriodSeconds: typeof grace === 'number' ? grace : undefined,
    uid: stringAt(options, 'preconditions', 'uid'),
    dryRun: request.query.get('dryRun') === 'All',
  });
  return deleted.ok ? ok(created(request)) : deleted;
}

/** Sets `spec.finalizers` of a namespace, the only way to write them. */
function finalize(cluster: Cluster, request: ApiRequest, stored: ApiObject): Result<Reply, ApiError> {
  const wanted = bodyObject(request);
  if (!wanted.ok) return wanted;
  if (request.method !== 'PUT') return err(methodNotAllowed());
  const finalizers = objectAt(wanted.value, 'spec')?.['finalizers'] ?? [];
  return write(cluster, request, writing => {
    const object = cloneJson<ApiObject>(stored);
    object['spec'] = {...(isObject(object['spec']) ? object['spec'] : {}), finalizers};
    return update(cluster, writing, stored, {object, warnings: []});
  });
}
