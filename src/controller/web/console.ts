import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {type Exchange, NO_BODY, type Route} from './route.ts';
import {sendStatic, StaticFile, type StaticFiles} from './static-files.ts';

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

const text = (name: string, content: string) => new StaticFile(name, async () => Buffer.from(content));
const packaged = (name: string) =>
  new StaticFile(name, () => readFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`))));

const FILES: StaticFiles = new Map([
  ['index.html', text('index.html', PAGE)],
  ['console.js', text('console.js', SCRIPT)],
  ['swagger-ui-bundle.js', packaged('swagger-ui-bundle.js')],
  ['swagger-ui.css', packaged('swagger-ui.css')],
]);

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

function sendFile(exchange: Exchange): void | Promise<void> {
  const {response, params} = exchange;
  const name = params['file'] ?? '';
  if (name === '') return void response.status(302).set('Location', 'index.html').end();
  const file = FILES.get(name);
  if (file === undefined) return void response.status(404).type('text').send('The console has no such file');
  return sendStatic(exchange, file, POLICY);
}
