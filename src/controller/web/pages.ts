import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {readdir, readFile} from 'node:fs/promises';
import {extname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {brotliCompress, constants, gzip} from 'node:zlib';
import {type Exchange, NO_BODY, type Route} from './route.ts';

/** One file of a web UI, with its shorter forms. */
type PageFile = {
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content: a browser need not ask again. */
  readonly lasting: boolean;
  readonly forms: Readonly<Record<'identity' | 'gzip' | 'br', Buffer>>;
};

/** The built files of a web UI by their path. They are all in memory: no path of a request reaches a disk. */
export type Pages = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

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
 * Reads the built web UI of a port.
 *
 * @returns empty when it was not built, as after `npm ci --ignore-scripts`
 */
export async function loadPages(port: 'mesos' | 'marathon', built = BUILT): Promise<Pages> {
  const folder = fileURLToPath(new URL(port, built));
  if (!existsSync(folder)) return new Map();
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const files = paths.map(
    async path => [path.slice(folder.length + 1).replaceAll('\\', '/'), await load(path)] as const,
  );
  return new Map(await Promise.all(files));
}

async function load(path: string): Promise<PageFile> {
  const identity = await readFile(path);
  const [zipped, br] = await Promise.all([
    promisify(gzip)(identity),
    promisify(brotliCompress)(identity, {params: {[constants.BROTLI_PARAM_QUALITY]: 9}}),
  ]);
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`,
    lasting: path.includes('assets'),
    forms: {identity, gzip: zipped, br},
  };
}

const READ = {method: 'GET', permission: 'open', answeredBy: 'any', body: NO_BODY, answers: ['*/*']} as const;

/** The web UI of a port. It is the same on every replica; the data that it asks for comes from the leader. */
export const PAGE_ROUTES: readonly Route<Pages>[] = [
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

function sendPage({request, response, params}: Exchange, pages: Pages): void {
  const path = params['file'] ?? '';
  // Without the slash at its end the page's own addresses would lead elsewhere.
  if (path === '' && !request.path.endsWith('/')) return void response.status(302).set('Location', 'ui/').end();
  const file = pages.get(path === '' ? 'index.html' : path);
  if (file === undefined) return void response.status(404).type('text').send(missing(pages));
  response.set({
    'Content-Type': file.type,
    'Content-Security-Policy': POLICY,
    'Cache-Control': file.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: file.etag,
    Vary: 'Accept-Encoding',
  });
  if (request.headers['if-none-match'] === file.etag) return void response.status(304).end();
  const form = (['br', 'gzip'] as const).find(name => request.acceptsEncodings(name) !== false) ?? 'identity';
  if (form !== 'identity') response.set('Content-Encoding', form);
  response.send(file.forms[form]);
}

const missing = (pages: Pages): string =>
  pages.size === 0 ? 'The web UI is not built here: run npm run build:ui' : 'The web UI has no such file';
