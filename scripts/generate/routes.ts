import {OPERATOR_CALLS} from '../../src/controller/mesos/http/operator.ts';
import {permissionText, shownPath} from '../../src/controller/web/describe.ts';
import {PERMISSIONS, type Permission} from '../../src/controller/web/permissions.ts';
import type {AnsweredBy, Body, RouteEntry} from '../../src/controller/web/route.ts';
import {ROUTE_TABLE} from '../../src/controller/web/route-table.ts';

/** docs/reference/operator-api.md and docs/reference/rest-api.md: every route of :5050 and of :8080. */
export const routeFiles = (): [path: string, content: string][] => [
  ['docs/reference/operator-api.md', operatorApi()],
  ['docs/reference/rest-api.md', restApi()],
];

const MADE = '<!-- Made from the table of routes by `npm run generate`. Do not edit. -->';

const RULES = [
  'A change wants the content type `application/json`, except where a form is named. A web page of another origin may change nothing.',
  'Limits of requests stand in [limits.md](limits.md). More than a limit is refused with its name and value.',
  'Who has which permission says [how to say who may do what](../how-to/who-may-do-what.md).',
];

function operatorApi(): string {
  const calls = Object.entries(OPERATOR_CALLS).filter(([call]) => call !== 'UNKNOWN');
  return [
    '# Routes of the master, on :5050',
    '',
    MADE,
    '',
    'Every path is also there behind `/master`.',
    ...RULES,
    'Calls of the v1 APIs may also be protobuf (`application/x-protobuf`); events and answers are what `Accept` allows, JSON first.',
    '',
    ...rows(ROUTE_TABLE.master),
    '',
    '## Calls of `POST /api/v1`',
    '',
    '| call | permission |',
    '|---|---|',
    ...calls.map(([call, permission]) => `| ${call} | \`${permission}\` |`),
    '',
    ...permissions(),
    '',
  ].join('\n');
}

function restApi(): string {
  return [
    '# Routes of Marathon, on :8080',
    '',
    MADE,
    '',
    'Ids of apps are paths: the app `/prod/web` is at `/v2/apps/prod/web`. `GET /v2/openapi.json` has this table for programs.',
    ...RULES,
    '',
    ...rows(ROUTE_TABLE.marathon),
    '',
    ...permissions(),
    '',
  ].join('\n');
}

const WHO: Readonly<Record<AnsweredBy, string>> = {
  any: 'each process',
  'leader-by-redirect': 'the leader; others redirect',
  'leader-by-proxy': 'the leader; others ask it',
};

const rows = (routes: readonly RouteEntry[]): string[] => [
  '| route | does | query | body | permission | who answers |',
  '|---|---|---|---|---|---|',
  ...routes.map(({method, path, does, query = {}, body, permission, answeredBy}) =>
    row([
      `\`${method} ${shownPath(path)}\``,
      does,
      Object.entries(query)
        .map(([name, text]) => `\`${name}\`: ${text}`)
        .join('<br>'),
      bodyText(body),
      permission === 'by-call' ? permissionText(permission) : `\`${permission}\``,
      WHO[answeredBy],
    ]),
  ),
];

function bodyText(body: Body): string {
  if (body.kind === 'bytes') return 'JSON or protobuf';
  if (body.kind !== 'form') return body.kind === 'none' ? '' : 'JSON';
  return `form: ${Object.entries(body.fields)
    .map(([name, text]) => `\`${name}\`: ${text}`)
    .join('<br>')}`;
}

const permissions = (): string[] => [
  '## Permissions',
  '',
  '| permission | what a caller with it may do |',
  '|---|---|',
  ...Object.keys(PERMISSIONS).map(name => row([`\`${name}\``, permissionText(name as Permission)])),
];

const row = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
