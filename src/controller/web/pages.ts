import {existsSync} from 'node:fs';
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type Exchange, NO_BODY, type Route} from './route.ts';
import {sendStatic, StaticFile, type StaticFiles} from './static-files.ts';

/** A page takes scripts, styles and data from this server alone, and nobody may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const BUILT = new URL('../../../dist/ui/', import.meta.url);

/**
 * Finds the built web UI of a port.
 *
 * @returns empty when it was not built, as after `npm ci --ignore-scripts`
 */
export async function findPages(port: 'mesos' | 'marathon', built = BUILT): Promise<StaticFiles> {
  const folder = fileURLToPath(new URL(port, built));
  if (!existsSync(folder)) return new Map();
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return new Map(
    paths.map(path => {
      const name = path.slice(folder.length + 1);
      return [name, new StaticFile(name, () => readFile(path), {lasting: name.startsWith('assets/')})];
    }),
  );
}

const READ = {method: 'GET', permission: 'open', answeredBy: 'any', body: NO_BODY, answers: ['*/*']} as const;

/** The web UI of a port. It is the same on every replica; the data that it asks for comes from the leader. */
export const PAGE_ROUTES: readonly Route<StaticFiles>[] = [
  {
    ...READ,
    path: '/',
    does: 'Redirects a browser to the web UI.',
    // Relative: a proxy may have put a path before it.
    handle: ({response}) => void response.status(302).set('Location', 'ui/').end(),
  },
  {
    ...READ,
    path: '/ui/{file*}',
    does: 'Shows the web UI.',
    answers: ['text/html', '*/*'],
    handle: sendPage,
  },
];

function sendPage(exchange: Exchange, pages: StaticFiles): void | Promise<void> {
  const {request, response, params} = exchange;
  const path = params['file'] ?? '';
  // Without the slash at its end the page's own addresses would lead elsewhere.
  if (path === '' && !request.path.endsWith('/')) return void response.status(302).set('Location', 'ui/').end();
  const file = pages.get(path === '' ? 'index.html' : path);
  if (file === undefined) return void response.status(404).type('text').send(missing(pages));
  return sendStatic(exchange, file, POLICY);
}

const missing = (pages: StaticFiles): string =>
  pages.size === 0 ? 'The web UI is not built here: run npm run build:ui' : 'The web UI has no such file';
