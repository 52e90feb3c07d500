import type {KubeError} from './types.ts';

/** What a server that speaks no Kubernetes (a proxy, a load balancer) means by its status code. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};
const LONGEST_MESSAGE = 1024;
/** Kubernetes has no reason of its own for it. */
const UID_DIFFERS = /precondition failed: uid/i;
/** A token that has just expired, a request that took too long, too many of them. */
const RETRYABLE = new Set([401, 408, 429]);

export const networkError = (message: string): KubeError => ({kind: 'network', message});

export const FENCED: KubeError = {
  kind: 'fenced',
  message: 'This process does not hold its Lease; another one may be writing.',
};

/**
 * An answer outside 2xx as an error.
 *
 * @param text       the body: a Status object, or whatever a proxy wrote
 * @param retryAfter the Retry-After header, seconds; a date there is ignored, Kubernetes sends none
 */
export function httpError(status: number, text: string, retryAfter?: string): KubeError {
  return statusError(parse(text), status, text, retryAfter);
}

/** A Status object (also the `object` of an ERROR event in a watch) as an error; `code` wins over `fallback`. */
export function statusError(body: unknown, fallback: number, text = '', retryAfter?: string): KubeError {
  const fields = record(body);
  const status = typeof fields.code === 'number' ? fields.code : fallback;
  const given = typeof fields.reason === 'string' && fields.reason !== '' ? fields.reason : undefined;
  const retryAfterMs = secondsToMs(retryAfter) ?? secondsToMs(record(fields.details).retryAfterSeconds);
  return {
    kind: 'http',
    status,
    // `Gone` and `Expired` are both 410, and both mean: list again.
    reason: status === 410 ? 'Expired' : (given ?? REASONS[status] ?? 'Unknown'),
    message: typeof fields.message === 'string' ? fields.message : text.slice(0, LONGEST_MESSAGE) || `HTTP ${status}`,
    ...(retryAfterMs === undefined ? {} : {retryAfterMs}),
    ...(fields.details === undefined ? {} : {details: fields.details}),
  };
}

/** True when the server answered with this reason, for example `Forbidden`. */
export const hasReason = (error: KubeError, reason: string): boolean =>
  error.kind === 'http' && error.reason === reason;

/** The object is not there any more, or another one has its name (a `uid` was given, and it is not its). */
export const isGone = (error: KubeError): boolean =>
  error.kind === 'http' && (error.status === 404 || (error.reason === 'Conflict' && UID_DIFFERS.test(error.message)));

/** Somebody else has written the object meanwhile: read it anew, and decide again. */
export const isConflict = (error: KubeError): boolean => hasReason(error, 'Conflict') && !isGone(error);

/** There is an object of this name already. */
export const isTaken = (error: KubeError): boolean => hasReason(error, 'AlreadyExists');

/**
 * The same call may succeed later: nobody answered, or the server is busy, starting, or between two of its replicas. A
 * conflict is none of these: the same call would meet it again.
 */
export const isRetryable = (error: KubeError): boolean =>
  error.kind === 'network' || (error.kind === 'http' && (RETRYABLE.has(error.status) || error.status >= 500));

/** One line for logs and conditions. */
export const explainKubeError = (error: KubeError): string =>
  error.kind === 'http' ? `${error.status} ${error.reason}: ${error.message}` : `${error.kind}: ${error.message}`;

function secondsToMs(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const seconds = Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
