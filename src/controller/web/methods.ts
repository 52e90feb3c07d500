import type {RequestHandler, Router} from 'express';

/** Handlers of one path by method, in upper case. */
export type MethodHandlers = Readonly<Record<string, readonly RequestHandler[]>>;

/** Adds a path that answers these methods; any other is refused with 405 and an Allow header. HEAD follows GET. */
export function route(
  router: Router,
  path: string,
  methods: MethodHandlers,
  before: readonly RequestHandler[] = [],
): void {
  const allowed = Object.keys(methods);
  const known = new Set([...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])]);
  router.all(path, ...before, (request, response, next) => {
    if (known.has(request.method)) return next();
    response.status(405).set('Allow', allowed.join(', ')).type('text');
    response.send(`Expecting one of { '${allowed.join("', '")}' }, but received '${request.method}'`);
  });
  for (const [method, handlers] of Object.entries(methods)) {
    if (method === 'GET') router.get(path, ...handlers);
    else if (method === 'POST') router.post(path, ...handlers);
    else if (method === 'PUT') router.put(path, ...handlers);
    else if (method === 'DELETE') router.delete(path, ...handlers);
    else throw new Error(`No routes for ${method} yet`);
  }
}
