import {gzipSync} from 'node:zlib';
import {limitOf} from '../../src/lib/limits.ts';
import type {RouteEntry} from '../../src/controller/web/route.ts';

/** A request that nobody means well with. */
export type HostileRequest = {
  readonly title: string;
  readonly method: string;
  /** Sent as it is: nothing resolves `..`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** The body is never sent whole. */
  readonly unfinished?: boolean;
};

const JSON_TYPE = {'content-type': 'application/json'};
const FORM_TYPE = {'content-type': 'application/x-www-form-urlencoded'};
const MIB = 1024 * 1024;

const repeated = (unit: string, count: number): Buffer => Buffer.from(unit.repeat(count));
const list = (unit: string, count: number): Buffer => Buffer.from(`[${`${unit},`.repeat(count - 1)}${unit}]`);
const members = (count: number, value = '1'): string =>
  Array.from({length: count}, (_, index) => `"k${index}":${value}`).join(',');

/** Bodies that are large, deep, wide or broken, whatever the route wants. Made once. */
const BODIES: Readonly<Record<string, Buffer>> = {
  'levels without end': repeated('[', 30 * MIB),
  'levels up to the limit of bytes': repeated('[', 7 * MIB),
  'levels up to their limit': Buffer.from('['.repeat(128) + ']'.repeat(128)),
  'more objects than are allowed': list('{}', 400_000),
  'as many objects as are allowed': list('{}', 240_000),
  'as many numbers as are allowed': list('1', 240_000),
  'as many short texts as are allowed': list('"abc"', 240_000),
  'more members than are allowed': Buffer.from(`{${members(100_000)}}`),
  'as many members as are allowed': Buffer.from(`{${members(19_000)}}`),
  'a field that nobody knows, full': Buffer.from(`{"nobody":${list('{}', 200_000).toString()}}`),
  'a long text': Buffer.from(`{"id":"${'a'.repeat(2 * MIB - 100)}"}`),
  'many long texts': list(`"${'b'.repeat(MIB)}"`, 7),
  escapes: list('"\\ud800\\u0000\\n"', 200_000),
  'a number without end': Buffer.from(`[${'9'.repeat(4 * MIB)}]`),
  blanks: repeated(' ', 7 * MIB),
  'a broken text': Buffer.from('{"a":"'),
  'bytes that are no UTF-8': Buffer.alloc(MIB, 0xff),
  'names of prototypes': Buffer.from('{"__proto__":{"x":1},"constructor":{"prototype":{}},"toString":1}'),
  nothing: Buffer.alloc(0),
  'a number': Buffer.from('1'),
  null: Buffer.from('null'),
  'a list of null': Buffer.from('[null]'),
};

/** Bodies that look like what the route wants, in amounts that nobody means. */
const MEANT: Readonly<Record<string, Readonly<Record<string, () => unknown>>>> = {
  'POST /v2/tasks/delete': {
    'as many ids as are allowed': () => ({ids: taskIds(20_000)}),
    'ten times as many ids': () => ({ids: taskIds(200_000)}),
    'one id again and again': () => ({ids: Array.from({length: 20_000}, () => taskIds(1)[0])}),
  },
  'PUT /v2/apps': {
    'forty thousand apps': () => apps(40_000),
    'as many apps as are allowed': () => apps(1000),
    'one app again and again': () => Array.from({length: 1000}, () => ({id: '/same', cmd: 'true'})),
    'apps that depend on each other': () =>
      apps(1000).map((app, index) => ({...app, dependencies: [`/hostile/a${(index + 1) % 1000}`]})),
    'as many good apps as are allowed': () => goodApps(limitOf('appsInChange')),
    'good apps that depend on each other': () =>
      goodApps(limitOf('appsInChange')).map((app, index, all) => ({
        ...app,
        dependencies: index === 0 ? [] : [all[index - 1]?.id, all[0]?.id],
      })),
    'apps with nothing right': () => Array.from({length: 1000}, () => ({id: 1, cmd: 2, args: 3, env: 4})),
  },
  'PATCH /v2/apps': {'as many apps as are allowed': () => apps(1000)},
  'POST /v2/apps': APP_BODIES(),
  'PUT /v2/apps/{id}': APP_BODIES(),
  'POST /api/v1/scheduler/{rest}': {
    'offers without end': () => ({
      type: 'DECLINE',
      framework_id: {value: 'f'},
      decline: {offer_ids: Array.from({length: 60_000}, (_, index) => ({value: `o${index}`}))},
    }),
    'roles without end': () => ({
      type: 'SUBSCRIBE',
      subscribe: {framework_info: {user: 'u', name: 'n', roles: Array.from({length: 100_000}, (_, i) => `r${i}`)}},
    }),
    'a role of many levels': () => ({
      type: 'SUBSCRIBE',
      subscribe: {framework_info: {user: 'u', name: 'n', roles: ['a/'.repeat(100_000)]}},
    }),
  },
  'POST /api/v1/{rest}': {
    'machines without end': () => ({
      type: 'UPDATE_MAINTENANCE_SCHEDULE',
      update_maintenance_schedule: {
        schedule: {windows: [{machine_ids: machines(60_000), unavailability: {start: {nanoseconds: 1}}}]},
      },
    }),
    'weights without end': () => ({
      type: 'UPDATE_WEIGHTS',
      update_weights: {weight_infos: Array.from({length: 60_000}, (_, i) => ({role: `r${i}`, weight: -1}))},
    }),
    'resources without end': () => ({
      type: 'RESERVE_RESOURCES',
      reserve_resources: {
        agent_id: {value: 'x'},
        resources: Array.from({length: 20_000}, (_, i) => ({name: `n${i}`, type: 'SCALAR', scalar: {value: 1}})),
      },
    }),
    'ranges without end': () => ({
      type: 'RESERVE_RESOURCES',
      reserve_resources: {
        agent_id: {value: 'x'},
        resources: [
          {
            name: 'ports',
            type: 'RANGES',
            ranges: {range: Array.from({length: 60_000}, (_, i) => ({begin: 2 * i, end: 2 * i}))},
          },
        ],
      },
    }),
  },
  'POST /machine/down': {'machines without end': () => machines(60_000)},
  'POST /machine/up': {'machines without end': () => machines(60_000)},
  'PUT /weights': {'roles without end': () => Array.from({length: 60_000}, (_, i) => ({role: `r${i}`, weight: -1}))},
  'POST /allocator/what-if': {
    'an app without end': () => ({app: {id: '/a', cmd: 'true', instances: 100_000, cpus: 0.0001, mem: 0}}),
    'limits without end': () => ({
      role: {name: 'r', limits: Object.fromEntries(Array.from({length: 19_000}, (_, i) => [`n${i}`, 1]))},
    }),
  },
};

function APP_BODIES(): Readonly<Record<string, () => unknown>> {
  const app = (more: object) => () => ({id: '/hostile', cmd: 'true', ...more});
  const many = (count: number, value: unknown) =>
    Object.fromEntries(Array.from({length: count}, (_, index) => [`K${index}`, value]));
  return {
    'arguments of a wrong type': app({args: Array.from({length: 240_000}, () => 1)}),
    'arguments without end': app({args: Array.from({length: 200_000}, () => 'a')}),
    'variables without end': app({env: many(19_000, 'x')}),
    'variables of a wrong type': app({env: many(19_000, 1)}),
    'labels without end': app({labels: many(19_000, 'x')}),
    'constraints without end': app({constraints: Array.from({length: 60_000}, () => ['hostname', 'LIKE', '(a+)+$'])}),
    'an expression that goes back and back': app({constraints: [['hostname', 'LIKE', '(a+)+'.repeat(700)]]}),
    'dependencies without end': app({dependencies: Array.from({length: 100_000}, (_, index) => `/a${index}`)}),
    'a path of many parts': app({id: '/a'.repeat(100_000)}),
    'ports without end': app({portDefinitions: Array.from({length: 60_000}, () => ({port: 0}))}),
    'a million wanted instances': app({instances: 1_000_000}),
  };
}

const taskIds = (count: number): string[] =>
  Array.from(
    {length: count},
    (_, index) => `web.instance-00000000-0000-4000-8000-${String(index).padStart(12, '0')}._app.1`,
  );
const apps = (count: number) =>
  Array.from({length: count}, (_, index) => ({id: `/hostile/a${index}`, cpus: 'x', cmd: 'true'}));
/** They may be made, but never run: nobody has so much. */
const goodApps = (count: number) =>
  Array.from({length: count}, (_, index) => ({id: `/good/a${index}`, cmd: 'true', cpus: 1000, instances: 1}));
const machines = (count: number) => Array.from({length: count}, (_, index) => ({hostname: `h${index}`}));

const IDS: Readonly<Record<string, string>> = {
  'two dots': '..',
  'two dots, escaped': '%2e%2e',
  'a zero byte': 'a%00b',
  'a broken escape': 'a%E0%A4%A',
  'a name of a prototype': '__proto__',
  'many parts': 'a/'.repeat(3500).slice(0, -1),
  'a long part': 'a'.repeat(7000),
  'a part that only slashes follow': 'a//////////',
  'what ends other paths': 'tasks/versions/restart/tasks',
  'letters of another script': encodeURIComponent('приложение/日本'),
};

/** Everything hostile that can be sent to a route. */
export function* hostileRequests(entry: RouteEntry): Generator<HostileRequest> {
  const {method, body} = entry;
  // It takes no argument, so whatever is sent is a right request: the leader would give up its place each time.
  if (method === 'DELETE' && entry.path === '/v2/leader') return;
  const path = entry.path.replaceAll(/\{\w+[+*]?\}/g, 'a');
  const type = body.kind === 'form' ? FORM_TYPE : JSON_TYPE;
  const base = {method, path, headers: type, body: undefined};
  for (const [title, id] of Object.entries(IDS)) {
    if (entry.path.includes('{'))
      yield {...base, title: `id: ${title}`, path: entry.path.replaceAll(/\{\w+[+*]?\}/g, id)};
  }
  const query = (title: string, text: string): HostileRequest => ({
    ...base,
    title: `query: ${title}`,
    path: `${path}?${text}`,
  });
  yield query('parameters without end', 'force=true&'.repeat(700));
  yield query('names of prototypes', '__proto__[x]=1&constructor=1&toString=1&jsonp=a&jsonp=b');
  yield query('a function that is none', `jsonp=${'a('.repeat(100)}`);
  yield query('a long value', `label=${'a,'.repeat(3500)}`);
  yield query('wrong types', 'limit=1e9&offset=-1&order=x&task_id[]=1&embed=x&status=1&host=%00&role=%2F');
  yield {...base, title: 'a longer URL than is allowed', path: `${path}?${'a'.repeat(10_000)}`};
  if (method === 'GET') return;
  yield {...base, title: 'no content type', headers: {}, body: Buffer.from('{}')};
  yield {...base, title: 'a form', headers: body.kind === 'form' ? JSON_TYPE : FORM_TYPE, body: Buffer.from('a=1')};
  yield {...base, title: 'plain text', headers: {'content-type': 'text/plain'}, body: Buffer.from('{}')};
  if (body.kind === 'none') return;
  for (const [title, bytes] of Object.entries(BODIES)) yield {...base, title, body: bytes};
  const encoded = (title: string, encoding: string, bytes: Buffer): HostileRequest => ({
    ...base,
    title,
    headers: {...type, 'content-encoding': encoding},
    body: bytes,
  });
  yield encoded('39 KB that inflate to 40 MB', 'gzip', BOMB);
  yield encoded('a bomb of levels', 'gzip', LEVELS);
  yield encoded('gzip that is none', 'gzip', Buffer.from('none'));
  yield encoded('an encoding that nobody knows', 'x', Buffer.from('{}'));
  yield encoded('gzip that breaks off', 'gzip', BOMB.subarray(0, 1000));
  yield {...base, title: 'a body that never ends', body: Buffer.from('{"a":'), unfinished: true};
  const shown = `${method} ${entry.path.replaceAll(/\{(\w+)[+*]\}/g, '{$1}')}`;
  for (const [title, make] of Object.entries(MEANT[shown] ?? {}))
    yield {...base, title, body: Buffer.from(JSON.stringify(make()))};
  if (body.kind === 'bytes') yield* hostileProtobuf(base);
  if (body.kind !== 'form') return;
  const resources = Array.from({length: 40_000}, () => ({name: 'cpus', type: 'SCALAR', scalar: {value: 1}}));
  for (const field of Object.keys(body.fields).filter(name => name !== 'slaveId')) {
    const form = new URLSearchParams({slaveId: 'x', [field]: JSON.stringify(resources)});
    yield {...base, title: 'resources without end', body: Buffer.from(form.toString())};
    yield {...base, title: 'fields without end', body: repeated('a=1&', MIB)};
  }
}

const PROTOBUF_TYPE = {'content-type': 'application/x-protobuf'};

function* hostileProtobuf(base: Omit<HostileRequest, 'title'>): Generator<HostileRequest> {
  const bodies = {
    'fields without end': repeated('\u0008\u0001', MIB),
    'a text longer than the body': Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x61]),
    'levels without end': repeated('\u0022\u007f', MIB),
    'zero bytes': Buffer.alloc(MIB),
    'a number that does not end': Buffer.alloc(MIB, 0xff),
  };
  for (const [title, bytes] of Object.entries(bodies))
    yield {...base, title: `protobuf: ${title}`, headers: PROTOBUF_TYPE, body: bytes};
}

const BOMB = gzipSync(Buffer.alloc(40 * MIB, '{'), {level: 9});
const LEVELS = gzipSync(repeated('[', 40 * MIB), {level: 9});
