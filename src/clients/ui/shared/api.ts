/** A refusal of the server, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  /** The body as it came: Marathon's errors name fields, and the deployments that hold a lock. */
  readonly body: unknown;

  constructor(status: number, message: string, body: unknown) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Asks the server that this page came from; pages are one level below its root, whatever prefix a proxy puts before it.
 *
 * @param path without the leading slash
 * @returns    the decoded JSON, or the text of another type
 * @throws     ApiError, also when nothing answers (status 0)
 */
export const call = async <T>(method: Method, path: string, body?: unknown): Promise<T> =>
  (await ask(method, path, body)).value as T;

/** Like `call`, with the text as it came: whoever asks again and again compares that. */
export async function ask(method: Method, path: string, body?: unknown): Promise<{text: string; value: unknown}> {
  const response = await send(method, path, body);
  const text = await response.text();
  const value = decode(response, text);
  if (!response.ok) throw new ApiError(response.status, messageOf(response, value), value);
  return {text, value};
}

async function send(method: Method, path: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = {Accept: 'application/json, text/plain'};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(`../${path}`, {method, headers, body: body === undefined ? undefined : JSON.stringify(body)});
  } catch {
    throw new ApiError(0, 'The server does not answer', undefined);
  }
}

function decode(response: Response, text: string): unknown {
  if (response.headers.get('content-type')?.includes('json') !== true) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf({status}: Response, value: unknown): string {
  if (status === 401) return 'Unauthorized: sign in and load the page again';
  if (typeof value === 'string' && value !== '') return value.slice(0, 1000);
  const message = fieldOf(value, 'message') ?? fieldOf(value, 'error');
  return typeof message === 'string' ? message : `The server answered ${status}`;
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** @returns the error's text for people */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
