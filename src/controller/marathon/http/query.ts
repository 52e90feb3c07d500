import type {Request} from 'express';
import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {err, ok, type Result} from '../../../lib/result.ts';

export const textOf = (request: Request, name: string): string | undefined => {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
};

/** All values of a parameter that may be repeated. */
export const textsOf = (request: Request, name: string): string[] => [request.query[name] ?? []].flat().map(String);

/** `?force` alone means true. */
export const flagOf = (request: Request, name: string, fallback = false): boolean => {
  const text = textOf(request, name);
  return text === undefined ? fallback : text.toLowerCase() === 'true' || text === '';
};

/** The path as the caller meant it: decoded, slashes single and none at the ends. */
export function decodePath(path: string): Result<string, MarathonError> {
  try {
    return ok(
      decodeURIComponent(path)
        .replaceAll(/\/{2,}/g, '/')
        .replace(/^\/|\/$/g, ''),
    );
  } catch {
    return err({kind: 'bad-request', message: `Malformed escape in '${path}'`});
  }
}

/** The JSON of a body that was read as text. */
export function readBody(request: Request): Result<unknown, MarathonError> {
  if (request.headers['content-type'] !== undefined && request.is(['json', '+json']) === false)
    return err({kind: 'wrong-media-type'});
  const text: unknown = request.body;
  if (typeof text !== 'string' || text.trim() === '') return err({kind: 'empty-body'});
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return err({kind: 'not-json', details: error instanceof Error ? error.message : String(error)});
  }
}

const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  tasks: ['deployments'],
  failures: ['tasks', 'lastTaskFailure', 'deployments'],
};

/** What is to be shown besides the definition. `app.`, `apps.` and `group.apps.` before a name mean the same. */
export function embedsOf(request: Request, always: readonly string[]): ReadonlySet<string> {
  const names = textsOf(request, 'embed').map(name => name.replace(/^(group[.]apps|apps|app)[.]/, ''));
  return new Set([...always, ...names, ...names.flatMap(name => IMPLIED[name] ?? [])]);
}
