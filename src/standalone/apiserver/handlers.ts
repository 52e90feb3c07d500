import {Buffer} from 'node:buffer';
import {err, ok, type Result} from '../../lib/result.ts';
import {decodeBody, objectOf} from './body.ts';
import type {Cluster} from './cluster.ts';
import {type ApiError, badRequest, forbidden, methodNotAllowed, notFound} from './errors.ts';
import type {Target} from './paths.ts';
import type {Accept} from './read/accept.ts';
import {list} from './read/list.ts';
import {parseSelection} from './read/query.ts';
import {bodyReply, type FormatRequest, listReply, objectReply, type Reply} from './respond.ts';
import type {ApiObject} from './object.ts';
import {toView} from './views.ts';
import {create, type Written} from './write/create.ts';
import {remove} from './write/delete.ts';
import {decodeDeleteOptions, deletedStatus} from './write/delete-options.ts';
import {patch, patchTypeOf} from './write/patch.ts';
import {decodeWriteRequest} from './write/decode-request.ts';
import type {WriteRequest} from './write/request.ts';
import {missingType, shape} from './write/shape.ts';
import {update} from './write/update.ts';

/** A request on the objects of a kind, read to its end. */
export type ApiRequest = {
  readonly method: string;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly accept: Accept;
  /** Media type without parameters; '' when absent. */
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: Uint8Array;
};

/** So much of a body that can't be read goes into the error. */
const SHOWN_CHARS = 256;

/** GET of one object or of a collection. */
export function read(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  const {kind, namespace, name} = request.target;
  if (name === undefined) {
    const selection = parseSelection(kind, namespace, request.query);
    if (!selection.ok) return selection;
    const page = list(cluster, selection.value, request.query);
    return page.ok ? ok(listReply(formatOf(cluster, request), page.value)) : page;
  }
  const stored = cluster.store.get(kind.storage, namespace, name);
  if (stored === undefined) return err(notFound(kind, name));
  return ok(objectReply(formatOf(cluster, request), 200, toView(kind, stored)));
}

export const formatOf = (cluster: Cluster, {accept, target, query}: ApiRequest): FormatRequest => ({
  accept,
  kind: target.kind,
  includeObject: query.get('includeObject'),
  nowMs: cluster.clock.now(),
});

/** POST to a collection. */
export function post(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  if (request.target.name !== undefined) return err(methodNotAllowed());
  return write(cluster, request, writing => {
    const shaped = shapeBody(request, writing);
    return shaped.ok ? create(cluster, writing, shaped.value) : shaped;
  });
}

/** PUT of an object, or of its status. */
export function put(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  const {kind, namespace, name, subresource} = request.target;
  if (name === undefined) return err(methodNotAllowed());
  return write(cluster, request, writing => {
    const shaped = shapeBody(request, writing);
    if (!shaped.ok) return shaped;
    const misnamed = nameProblem(shaped.value.object, name);
    if (misnamed !== undefined) return err(badRequest(misnamed));
    const stored = cluster.store.get(kind.storage, namespace, name);
    if (stored !== undefined) return update(cluster, writing, stored, shaped.value);
    if (!kind.createOnUpdate || subresource !== undefined) return err(notFound(kind, name));
    return create(cluster, writing, shaped.value);
  });
}

/** What replaces an object goes by its name. */
function nameProblem({metadata}: ApiObject, name: string): string | undefined {
  if (metadata.name === '')
    return `the name of the object (${name} based on URL) was undeterminable: name must be provided`;
  return metadata.name === name
    ? undefined
    : `the name of the object (${metadata.name}) does not match the name on the URL (${name})`;
}

/** PATCH of an object, or of its status. */
export function patchObject(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  if (request.target.name === undefined) return err(methodNotAllowed());
  const type = patchTypeOf(request.contentType, request.target.kind);
  if (!type.ok) return type;
  return write(cluster, request, writing => patch(cluster, writing, type.value, request.body));
}

function shapeBody(request: ApiRequest, writing: WriteRequest) {
  const body = decodeBody(request.body, request.contentType);
  if (!body.ok) return err(unrecognized(request, body.error));
  const object = objectOf(body.value);
  if (!object.ok) return err(unrecognized(request, object.error));
  const untyped = missingType(request.target.kind, object.value);
  if (untyped !== undefined) return err(unrecognized(request, untyped));
  return shape(writing, object.value, body.value.duplicates);
}

/** What can't be read is shown. */
function unrecognized({target: {kind}, body}: ApiRequest, error: ApiError): ApiError {
  if (error.code !== 400) return error;
  const text = new TextDecoder().decode(body);
  const shown = text === '' ? '<empty>' : text.startsWith('{') ? text : Buffer.from(body).toString('hex');
  return {
    ...error,
    message: `the object provided is unrecognized (must be of type ${kind.kind}): ${error.message} (${shown.slice(0, SHOWN_CHARS)})`,
  };
}

/** Runs a write and shows its result as the kind of the request. */
export function write(
  cluster: Cluster,
  request: ApiRequest,
  act: (writing: WriteRequest) => Result<Written, ApiError>,
): Result<Reply, ApiError> {
  const writing = decodeWriteRequest(request);
  if (!writing.ok) return writing;
  const written = act(writing.value);
  if (!written.ok) return written;
  const {object, created, warnings} = written.value;
  return ok(
    objectReply(formatOf(cluster, request), created ? 201 : 200, toView(request.target.kind, object), warnings),
  );
}

/** Kinds whose deletion answers with the object even when it is gone. */
const RETURNS_OBJECT = new Set(['pods', 'services', 'serviceaccounts', 'namespaces']);

/** Namespaces that are always there. */
const PERMANENT = new Set(['default', 'kube-system', 'kube-public']);

/** DELETE of one object. */
export function del(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  const {kind, namespace, name} = request.target;
  if (name === undefined) return deleteCollection(cluster, request);
  const options = decodeDeleteOptions(request);
  if (!options.ok) return options;
  const stored = cluster.store.get(kind.storage, namespace, name);
  if (stored === undefined) return err(notFound(kind, name));
  if (kind.storage === 'namespaces' && PERMANENT.has(name)) {
    return err(forbidden(kind, name, 'this namespace may not be deleted'));
  }
  const deleted = remove(cluster, kind, stored, options.value);
  if (!deleted.ok) return deleted;
  const {object, gone} = deleted.value;
  if (gone && !RETURNS_OBJECT.has(kind.storage)) return ok(bodyReply(request.accept, 200, deletedStatus(kind, object)));
  return ok(objectReply(formatOf(cluster, request), 200, toView(kind, object)));
}

/** Deletes what a list with the same selectors would show, and answers with that list. */
function deleteCollection(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  const {kind, namespace} = request.target;
  if (!kind.verbs.includes('deletecollection')) return err(methodNotAllowed());
  const options = decodeDeleteOptions(request);
  if (!options.ok) return options;
  const selection = parseSelection(kind, namespace, request.query);
  if (!selection.ok) return selection;
  const page = list(cluster, selection.value, request.query);
  if (!page.ok) return page;
  const deleted: ApiObject[] = [];
  for (const {metadata} of page.value.objects) {
    const stored = cluster.store.get(kind.storage, metadata.namespace, metadata.name);
    const done = stored === undefined ? undefined : remove(cluster, kind, stored, options.value);
    if (done?.ok === true) deleted.push(toView(kind, done.value.object));
  }
  return ok(listReply(formatOf(cluster, request), {...page.value, objects: deleted}));
}
