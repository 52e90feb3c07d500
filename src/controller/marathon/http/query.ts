import type {Request} from 'express';

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

const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  tasks: ['deployments'],
  failures: ['tasks', 'lastTaskFailure', 'deployments'],
};

/** What is to be shown besides the definition. `app.`, `apps.` and `group.apps.` before a name mean the same. */
export function embedsOf(request: Request, always: readonly string[]): ReadonlySet<string> {
  const names = textsOf(request, 'embed').map(name => name.replace(/^(group[.]apps|apps|app)[.]/, ''));
  return new Set([...always, ...names, ...names.flatMap(name => IMPLIED[name] ?? [])]);
}

/** What these parameters mean, for the descriptions of routes. */
export const QUERY = {
  force: 'Also when a deployment is under way: it is cancelled.',
  embed:
    'What else to show; may be repeated: `tasks`, `counts`, `deployments`, `readiness`, `lastTaskFailure`, `taskStats`.',
  partialUpdate: '`false`: fields that are not given get their defaults.',
  scale: 'The app wants that many fewer instances.',
  wipe: 'The instances go as well, and others replace them.',
};
