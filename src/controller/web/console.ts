import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import {type Exchange, NO_BODY, type Route} from './route.ts';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Marathon: the API</title>
    <link rel="stylesheet" href="swagger-ui.css" />
  </head>
  <body>
    <div id="console"></div>
    <script src="swagger-ui-bundle.js"></script>
    <script src="console.js"></script>
  </body>
</html>
`;

/** Nothing is asked of other servers: no validator, and the description is this port's own. */
const SCRIPT = `SwaggerUIBundle({url: '../v2/openapi.json', dom_id: '#console', validatorUrl: null, tryItOutEnabled: true});
`;

/** It draws with styles that its scripts set, and with pictures inside its style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const at = (url: string) => async (): Promise<Buffer> => readFile(fileURLToPath(url));
const given = (text: string) => async (): Promise<Buffer> => Buffer.from(text);

type File = {readonly type: string; readonly read: () => Promise<Buffer>};

/** By name: no path of a request reaches the disk. */
const FILES: Readonly<Record<string, File>> = {
  'index.html': {type: 'text/html; charset=utf-8', read: given(PAGE)},
  'console.js': {type: 'text/javascript; charset=utf-8', read: given(SCRIPT)},
  'swagger-ui-bundle.js': {
    type: 'text/javascript; charset=utf-8',
    read: at(import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js')),
  },
  'swagger-ui.css': {type: 'text/css; charset=utf-8', read: at(import.meta.resolve('swagger-ui-dist/swagger-ui.css'))},
};

/** Read when somebody looks for the first time: most processes never show them. */
const zipped = new Map<string, Promise<Buffer>>();

function zippedFile(name: string, {read}: File): Promise<Buffer> {
  const known = zipped.get(name) ?? read().then(bytes => promisify(gzip)(bytes));
  zipped.set(name, known);
  return known;
}

const READ = {method: 'GET', permission: 'open', answeredBy: 'any', body: NO_BODY, answers: ['*/*']} as const;

/** A page to try Marathon's API with. It works with the network closed. */
export const CONSOLE_ROUTES: readonly Route<void>[] = [
  {...READ, path: '/api-console/{file*}', does: 'Shows a console of the API.', handle: sendFile},
  {
    ...READ,
    path: '/help',
    does: 'Redirects to the console of the API.',
    handle: ({response}) => void response.status(302).set('Location', 'api-console/index.html').end(),
  },
];

async function sendFile({request, response, params}: Exchange): Promise<void> {
  const name = params['file'] ?? '';
  const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (name === '') return void response.status(302).set('Location', 'index.html').end();
  if (file === undefined) return void response.status(404).type('text').send('The console has no such file');
  response.set({'Content-Type': file.type, 'Content-Security-Policy': POLICY, Vary: 'Accept-Encoding'});
  if (request.acceptsEncodings('gzip') === false) return void response.send(await file.read());
  response.set('Content-Encoding', 'gzip').send(await zippedFile(name, file));
}
