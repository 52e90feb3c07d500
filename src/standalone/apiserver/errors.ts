import {explainTooMuch, limitOf, type TooMuch} from '../../lib/limits.ts';
import {resourceName, type Kind} from './kinds.ts';
import type {JsonObject} from './schema/json.ts';
import {invalidMessage, type StatusCause} from './schema/schema.ts';

/** Like StatusCause, with the reasons that no schema knows. */
export type Cause = {readonly reason: string; readonly message: string; readonly field?: string};

/** Why a request was refused; becomes a Status with `status: Failure`. `code` is the HTTP status. */
export type ApiError = {
  readonly code: number;
  /** '' where a real server gives none. */
  readonly reason: string;
  readonly message: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly Cause[];
    readonly retryAfterSeconds?: number;
  };
};

type Named = Pick<Kind, 'group' | 'plural' | 'kind'>;

/** Details name the resource by its plural, except those of Invalid, which name the kind. */
const detailsOf = (kind: Named, name: string) => ({
  name,
  ...(kind.group === '' ? {} : {group: kind.group}),
  kind: kind.plural,
});

export const notFound = (kind: Named, name: string): ApiError => ({
  code: 404,
  reason: 'NotFound',
  message: `${resourceName(kind)} "${name}" not found`,
  details: detailsOf(kind, name),
});

export const noSuchPath = (): ApiError => ({
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
});

export const alreadyExists = (kind: Named, name: string): ApiError => ({
  code: 409,
  reason: 'AlreadyExists',
  message: `${resourceName(kind)} "${name}" already exists`,
  details: detailsOf(kind, name),
});

export const generateNameConflict = (kind: Named, name: string): ApiError => ({
  ...alreadyExists(kind, name),
  message: `${resourceName(kind)} "${name}" already exists, the server was not able to generate a unique name for the object`,
});

export const conflict = (kind: Named, name: string, why: string, causes?: readonly Cause[]): ApiError => ({
  code: 409,
  reason: 'Conflict',
  message: `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`,
  details: {...detailsOf(kind, name), ...(causes === undefined ? {} : {causes})},
});

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** A server-side apply met fields of others; `causes` name them (their reason is FieldManagerConflict). */
export const applyConflict = (message: string, causes: readonly Cause[]): ApiError => ({
  code: 409,
  reason: 'Conflict',
  message,
  details: {causes},
});

export function invalid(kind: Named, name: string, all: readonly StatusCause[]): ApiError {
  const causes = all.slice(0, limitOf('errorsListed'));
  const more = all.length - causes.length;
  const message = invalidMessage({group: kind.group, kind: kind.kind}, name, causes);
  return {
    code: 422,
    reason: 'Invalid',
    message: more === 0 ? message : `${message} and ${more} more`,
    details: {name, ...(kind.group === '' ? {} : {group: kind.group}), kind: kind.kind, causes},
  };
}

export const forbidden = (kind: Named, name: string, why: string, causes?: readonly Cause[]): ApiError => ({
  code: 403,
  reason: 'Forbidden',
  message: `${resourceName(kind)} "${name}" is forbidden: ${why}`,
  details: {...detailsOf(kind, name), ...(causes === undefined ? {} : {causes})},
});

export const badRequest = (message: string): ApiError => ({code: 400, reason: 'BadRequest', message});

export const expired = (message: string): ApiError => ({code: 410, reason: 'Expired', message});

export const tooOldResourceVersion = (asked: number, oldest: number): ApiError =>
  expired(`too old resource version: ${asked} (${oldest})`);

export const unauthorized = (): ApiError => ({code: 401, reason: 'Unauthorized', message: 'Unauthorized'});

/** No API at all: what answers is not an API server but the router in front of it. */
export const noSuchPage = (): ApiError => ({code: 404, reason: '', message: '404 page not found\n'});

export const methodNotAllowed = (): ApiError => ({
  code: 405,
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
  details: {},
});

export const notAcceptable = (accepted: readonly string[]): ApiError => ({
  code: 406,
  reason: 'NotAcceptable',
  message: `only the following media types are accepted: ${accepted.join(', ')}`,
});

/** The same, from the router in front of the built-in kinds. */
export const notAvailable = (available: readonly string[]): ApiError => ({
  code: 406,
  reason: 'NotAcceptable',
  message: `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`,
  details: {},
});

export const unsupportedMediaType = (accepted: readonly string[]): ApiError => ({
  code: 415,
  reason: 'UnsupportedMediaType',
  message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
});

/** The same, from the router in front of the built-in kinds. */
export const noSuchMediaType = (): ApiError => ({
  code: 415,
  reason: 'UnsupportedMediaType',
  message: '415: Unsupported Media Type',
  details: {},
});

export const tooLarge = (limitBytes: number): ApiError => ({
  code: 413,
  reason: 'RequestEntityTooLarge',
  message: `Request entity too large: limit is ${limitBytes}`,
});

/** A limit of ours: the message names it, its value and what was found. */
export const beyondLimit = (found: TooMuch): ApiError => requestTooLarge(explainTooMuch(found));

export const requestTooLarge = (message: string): ApiError => ({code: 413, reason: 'RequestEntityTooLarge', message});

export const internalError = (message: string): ApiError => ({
  code: 500,
  reason: 'InternalError',
  message: `Internal error occurred: ${message}`,
  details: {},
});

/** The server knows the version asked for only from the future. */
export const tooLargeResourceVersion = (asked: number, current: number): ApiError => ({
  code: 504,
  reason: 'Timeout',
  message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
  details: {
    causes: [{reason: 'ResourceVersionTooLarge', message: 'Too large resource version'}],
    retryAfterSeconds: 1,
  },
});

/** The uid in the object that replaces another is not the one of the other. */
export const uidMismatch = (kind: Named, name: string, wanted: string, actual: string): ApiError =>
  conflict(kind, name, `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${actual}`);

/** A precondition of a deletion does not hold. */
export const deletionRefused = (
  {kind, group}: Named,
  name: string,
  field: 'UID' | 'ResourceVersion',
  wanted: string,
  actual: string,
): ApiError => {
  const guess = field === 'UID' ? 'deleted and then recreated' : 'modified';
  const why = `the ${field} in the precondition (${wanted}) does not match the ${field} in record (${actual}). The object might have been ${guess}`;
  const named = group === '' ? kind : `${kind}.${group}`;
  return {
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${named} ${JSON.stringify(name)}: ${why}`,
    details: {name, ...(group === '' ? {} : {group}), kind},
  };
};

export const statusOf = (error: ApiError): JsonObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: error.message,
  ...(error.reason === '' ? {} : {reason: error.reason}),
  ...(error.details === undefined ? {} : {details: detailsJson(error)}),
  code: error.code,
});

function detailsJson(error: ApiError): JsonObject {
  const {causes, ...rest} = error.details ?? {};
  return {...rest, ...(causes === undefined ? {} : {causes: causes.map(cause => ({...cause}))})};
}
