import {stringify} from 'yaml';
import {type ApiError, statusOf} from './errors.ts';
import {apiVersionOf, type Kind} from './kinds.ts';
import type {ApiObject} from './object.ts';
import type {Accept} from './read/accept.ts';
import type {Page} from './read/list.ts';
import type {EventFormat} from './read/watch.ts';
import {eventLine} from './read/watch-hub.ts';
import type {JsonObject} from './schema/json.ts';
import {textOf} from './store.ts';
import {toTable} from './table/table.ts';
import {metadataOnly} from './views.ts';

/** A whole answer; streams have their own way out. */
export type Reply = {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
  readonly warnings?: readonly string[];
  readonly retryAfterSeconds?: number;
};

const CONTENT_TYPES = {json: 'application/json', yaml: 'application/yaml'};

export const jsonReply = (status: number, body: JsonObject): Reply => ({
  status,
  text: `${JSON.stringify(body)}\n`,
  contentType: CONTENT_TYPES.json,
});

export const textReply = (status: number, text: string): Reply => ({
  status,
  text,
  contentType: 'text/plain; charset=utf-8',
});

/** A router knows no Status. */
export const errorReply = (error: ApiError): Reply =>
  error.code === 404 && error.reason === ''
    ? textReply(404, error.message)
    : {...jsonReply(error.code, statusOf(error)), retryAfterSeconds: error.details?.retryAfterSeconds};

/** One object, or anything else that is JSON. */
export function bodyReply(accept: Accept, status: number, body: JsonObject, warnings?: readonly string[]): Reply {
  const text = accept.format === 'yaml' ? stringify(body) : `${JSON.stringify(body)}\n`;
  return {status, text, contentType: CONTENT_TYPES[accept.format], warnings};
}

export type FormatRequest = {
  readonly accept: Accept;
  readonly kind: Kind;
  /** `Metadata` (default), `Object` or `None`: what the rows of a Table carry. */
  readonly includeObject: string | null;
  readonly nowMs: number;
};

export function objectReply(
  request: FormatRequest,
  status: number,
  object: ApiObject,
  warnings?: readonly string[],
): Reply {
  const {accept} = request;
  if (accept.as === 'Table') {
    const {resourceVersion = ''} = object.metadata;
    return bodyReply(accept, status, table(request, [object], {resourceVersion}), warnings);
  }
  if (accept.as === 'PartialObjectMetadata') return bodyReply(accept, status, metadataOnly(object), warnings);
  if (accept.format === 'yaml') return bodyReply(accept, status, object, warnings);
  return {status, text: `${textOf(object)}\n`, contentType: CONTENT_TYPES.json, warnings};
}

export function listReply(request: FormatRequest, page: Page): Reply {
  const {accept, kind} = request;
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : {continue: page.continue}),
    ...(page.remainingItemCount === undefined ? {} : {remainingItemCount: page.remainingItemCount}),
  };
  if (accept.as === 'Table') return bodyReply(accept, 200, table(request, page.objects, metadata));
  if (accept.as === 'PartialObjectMetadataList') {
    const items = page.objects.map(metadataOnly);
    return bodyReply(accept, 200, {kind: accept.as, apiVersion: 'meta.k8s.io/v1', metadata, items});
  }
  const head = {kind: kind.listKind, apiVersion: apiVersionOf(kind), metadata};
  if (accept.format === 'yaml') return bodyReply(accept, 200, {...head, items: [...page.objects]});
  // Put together from texts that exist already.
  const items = page.objects.map(textOf).join(',');
  const text = `${JSON.stringify(head).slice(0, -1)},"items":[${items}]}\n`;
  return {status: 200, text, contentType: CONTENT_TYPES.json};
}

/** How a watch's events are written; a Table names its columns only in the first one. */
export function eventFormat(base: Omit<FormatRequest, 'nowMs'>, now: () => number): EventFormat {
  const {accept} = base;
  let columnsSent = false;
  return event => {
    const request = {...base, nowMs: now()};
    if (accept.as === 'Table') {
      const {resourceVersion = '', annotations} = event.object.metadata;
      const metadata = {resourceVersion, ...(event.type === 'BOOKMARK' && annotations ? {annotations} : {})};
      const made = table(request, event.type === 'BOOKMARK' ? [] : [event.object], metadata, columnsSent);
      columnsSent = true;
      if (event.type === 'BOOKMARK') made['rows'] = [bookmarkRow(event.object)];
      return `${JSON.stringify({type: event.type, object: made})}\n`;
    }
    if (accept.as === 'PartialObjectMetadata' || accept.as === 'PartialObjectMetadataList') {
      return `${JSON.stringify({type: event.type, object: metadataOnly(event.object)})}\n`;
    }
    if (event.type === 'BOOKMARK') return `${JSON.stringify({type: event.type, object: unnamed(event.object)})}\n`;
    return eventLine({type: event.type, object: event.object});
  };
}

/** A bookmark is an object without a name. */
function unnamed(object: ApiObject): JsonObject {
  const {name: _, ...metadata} = object.metadata;
  return {...object, metadata};
}

const bookmarkRow = (object: ApiObject): JsonObject => ({cells: [], object: metadataOnly(object)});

function table(
  {kind, includeObject, nowMs, accept}: FormatRequest,
  objects: readonly ApiObject[],
  metadata: JsonObject,
  withoutDefinitions = false,
): JsonObject {
  const include = includeObject === 'None' || includeObject === 'Object' ? includeObject : 'Metadata';
  const made = toTable(kind, objects, {nowMs, includeObject: include, metadata, withoutDefinitions});
  return {...made, apiVersion: accept.version ?? made.apiVersion};
}
