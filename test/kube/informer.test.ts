import fs from 'node:fs';
import type {ServerResponse} from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {createKubeClient} from '../../src/kube/client.ts';
import {createInformer, type InformerOptions} from '../../src/kube/informer.ts';
import {PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import type {KubeObject} from '../../src/kube/types.ts';
import {err, ok} from '../../src/lib/result.ts';
import {
  kubeconfigText,
  sendJson,
  startFakeApi,
  statusBody,
  writeKubeconfig,
  type FakeApi,
} from '../support/fake-kube-api.ts';

type Pod = {readonly name: string; readonly version: string; readonly node?: string};
type Answer = (response: ServerResponse) => void;

const hurriedClock = {
  ...systemClock,
  after: (ms: number, run: () => void) => systemClock.after(ms > 45_000 ? ms : 0, run),
};
const pod = (name: string, resourceVersion: number, more: {uid?: string; node?: string} = {}) => ({
  metadata: {name, namespace: 'ns', uid: more.uid ?? `uid-${name}`, resourceVersion: String(resourceVersion)},
  spec: {nodeName: more.node},
});
const project = ({metadata, spec}: KubeObject): Pod => {
  const node = typeof spec === 'object' && spec && 'nodeName' in spec ? spec.nodeName : undefined;
  const {name, resourceVersion = ''} = metadata;
  return typeof node === 'string' ? {name, version: resourceVersion, node} : {name, version: resourceVersion};
};

const listOf =
  (resourceVersion: number, ...items: unknown[]): Answer =>
  response =>
    sendJson(response, {items, metadata: {resourceVersion: String(resourceVersion)}});
const line = (type: string, object: unknown) => `${JSON.stringify({type, object})}\n`;
const added = (name: string, version: number, more = {}) => line('ADDED', pod(name, version, more));
const modified = (name: string, version: number, more = {}) => line('MODIFIED', pod(name, version, more));
const deleted = (name: string, version: number) => line('DELETED', pod(name, version));
const bookmark = (version: number) => line('BOOKMARK', {metadata: {resourceVersion: String(version)}});
/** Sends the text and keeps the watch open. */
const open =
  (...text: string[]): Answer =>
  response =>
    response.write(text.join('') || '\n');
/** Sends the text, then breaks the connection. */
const cut =
  (...text: string[]): Answer =>
  response =>
    response.write(text.join(''), () => response.socket?.destroy());
const end =
  (...text: string[]): Answer =>
  response =>
    response.end(text.join(''));

type Script = {readonly lists: Answer[]; readonly watches: Answer[]};

/** Answers lists and watches in the order of the script; what comes after its end hangs. */
async function follow(t: ExecutionContext, {lists, watches}: Script, more: Partial<InformerOptions<Pod>> = {}) {
  const api = await startFakeApi(t, ({query}, response) => {
    const answer = (query.has('watch') ? watches : lists).shift();
    if (answer) answer(response);
  });
  return {api, ...watchPods(t, writeKubeconfig(t, {server: api.url}), more)};
}

function watchPods(t: ExecutionContext, kubeconfigPath: string, more: Partial<InformerOptions<Pod>> = {}) {
  const client = createKubeClient({kubeconfigPath, log: silentLogger, clock: systemClock});
  const log = silentLogger;
  const informer = createInformer<Pod>({
    client,
    kind: PODS,
    project,
    clock: hurriedClock,
    random: () => 0,
    log,
    ...more,
  });
  t.teardown(informer.stop);
  const events: string[] = [];
  const waiting: {text: string; resolve: () => void}[] = [];
  informer.onEvent(event => {
    const before = event.type === 'updated' ? `${event.old.version}->` : '';
    events.push(`${event.type} ${event.object.name}@${before}${event.object.version}`);
    for (const waiter of waiting) if (waiter.text === events.at(-1)) waiter.resolve();
  });
  /** Resolves with all events so far as soon as this one has come. */
  const until = async (text: string): Promise<string[]> => {
    if (!events.includes(text)) await new Promise<void>(resolve => waiting.push({text, resolve}));
    return events;
  };
  informer.start();
  return {informer, events, until};
}

const queries = (api: FakeApi) =>
  api.requests.map(({query}) => (query.has('watch') ? `watch ${query.get('resourceVersion')}` : 'list'));

test('lists in pages, is synced after the last one, then watches from the version of the list', async t => {
  const {api, informer, until} = await follow(
    t,
    {
      lists: [
        response =>
          sendJson(response, {items: [pod('a', 1), pod('b', 2)], metadata: {resourceVersion: '9', continue: 'x'}}),
        listOf(9, pod('c', 3)),
      ],
      watches: [open(added('d', 10), modified('a', 11), deleted('b', 12))],
    },
    {pageSize: 2},
  );
  t.false(informer.hasSynced());
  await informer.synced();
  t.true(informer.hasSynced());
  t.deepEqual(await until('deleted b@2'), [
    'added a@1',
    'added b@2',
    'added c@3',
    'added d@10',
    'updated a@1->11',
    'deleted b@2',
  ]);
  t.deepEqual(
    informer
      .list()
      .map(({name}) => name)
      .sort(),
    ['a', 'c', 'd'],
  );
  t.is(informer.get('a', 'ns')?.version, '11');
  t.is(informer.get('b', 'ns'), undefined);
  t.deepEqual(
    api.requests.map(({query}) => query.get('limit') ?? query.get('watch')),
    ['2', '2', 'true'],
  );
  t.is(api.requests[1]?.query.get('continue'), 'x');
});

test('a watch that is cut within a line resumes from the last whole event', async t => {
  const half = added('b', 12).slice(0, 30);
  const {api, until} = await follow(t, {
    lists: [listOf(10)],
    watches: [cut(added('a', 11), half), open(added('b', 12))],
  });
  t.deepEqual(await until('added b@12'), ['added a@11', 'added b@12']);
  t.deepEqual(queries(api), ['list', 'watch 10', 'watch 11']);
});

test('a bookmark moves the place to resume from', async t => {
  const {api, until} = await follow(t, {
    lists: [listOf(10)],
    watches: [end(bookmark(500)), open(added('a', 501))],
  });
  await until('added a@501');
  t.deepEqual(queries(api), ['list', 'watch 10', 'watch 500']);
});

test('what is delivered again after a resume is told once', async t => {
  const {until, informer} = await follow(t, {
    lists: [listOf(10, pod('gone', 3))],
    watches: [
      end(added('a', 11), modified('a', 12), deleted('gone', 13)),
      open(added('a', 11), modified('a', 12), added('gone', 3), deleted('gone', 13), modified('a', 14)),
    ],
  });
  t.deepEqual(await until('updated a@12->14'), [
    'added gone@3',
    'added a@11',
    'updated a@11->12',
    'deleted gone@3',
    'updated a@12->14',
  ]);
  t.is(informer.get('gone', 'ns'), undefined);
});

const expired: Record<string, Answer> = {
  'in the stream': end(line('ERROR', statusBody(410, 'Expired', 'too old resource version: 10 (20)'))),
  'as status': response => sendJson(response, statusBody(410, 'Gone', 'too old'), 410),
};
for (const [title, tooOld] of Object.entries(expired)) {
  test(`410 ${title}: lists again and tells the differences only`, async t => {
    const {api, until} = await follow(t, {
      lists: [
        listOf(10, pod('same', 1), pod('changed', 2), pod('gone', 3), pod('replaced', 4)),
        listOf(20, pod('same', 1), pod('changed', 15), pod('new', 16), pod('replaced', 17, {uid: 'other'})),
      ],
      watches: [tooOld, open(added('last', 21))],
    });
    const events = (await until('added last@21')).slice(4);
    t.deepEqual(events, [
      'deleted gone@3',
      'updated changed@2->15',
      'added new@16',
      'deleted replaced@4',
      'added replaced@17',
      'added last@21',
    ]);
    t.deepEqual(queries(api), ['list', 'watch 10', 'list', 'watch 20']);
  });
}

test('500s, refusals, cut lists and pages that grew old are tried again', async t => {
  const {api, until} = await follow(t, {
    lists: [
      response => response.writeHead(500).end(),
      response => sendJson(response, statusBody(403, 'Forbidden', 'no'), 403),
      cut('{"items":['),
      response => sendJson(response, {items: [pod('stale', 1)], metadata: {resourceVersion: '5', continue: 'x'}}),
      response => sendJson(response, statusBody(410, 'Expired', 'the provided continue parameter is too old'), 410),
      listOf(10, pod('a', 9)),
    ],
    watches: [response => response.writeHead(500).end(), end(), open(added('b', 11))],
  });
  t.deepEqual(await until('added b@11'), ['added a@9', 'added b@11']);
  t.deepEqual(queries(api), [...Array(6).fill('list'), 'watch 10', 'watch 10', 'watch 10']);
  t.deepEqual(
    api.requests.slice(3, 6).map(({query}) => query.get('limit')),
    ['500', '500', null],
  );
});

test('a server that went away and came back elsewhere is found again', async t => {
  const first = await startFakeApi(t, ({query}, response) =>
    query.has('watch') ? open(added('a', 11))(response) : listOf(10)(response),
  );
  const kubeconfigPath = writeKubeconfig(t, {server: first.url});
  const {until} = watchPods(t, kubeconfigPath);
  await until('added a@11');
  await first.close();
  const second = await startFakeApi(t, (_request, response) => open(added('b', 12))(response));
  fs.writeFileSync(kubeconfigPath, kubeconfigText({server: second.url}));
  t.deepEqual(await until('added b@12'), ['added a@11', 'added b@12']);
  t.deepEqual(queries(second)[0], 'watch 11');
});

test('an index files objects under their keys and follows changes', async t => {
  const byNode = ({node}: Pod) => (node === undefined ? [] : [node]);
  const {informer, until} = await follow(
    t,
    {
      lists: [listOf(10, pod('a', 1, {node: 'n1'}), pod('b', 2, {node: 'n1'}), pod('c', 3))],
      watches: [open(modified('a', 11, {node: 'n2'}), deleted('b', 12), added('d', 13, {node: 'n2'}))],
    },
    {indexes: {node: byNode}},
  );
  await until('added d@13');
  const names = (node: string) => informer.byIndex('node', node).map(({name}) => name);
  t.deepEqual([names('n1'), names('n2')], [[], ['a', 'd']]);
});

test('an object that cannot be read stays as it was, or unknown', async t => {
  const picky = (raw: KubeObject) =>
    ['11', '12'].includes(raw.metadata.resourceVersion ?? '') ? err('bad') : ok(project(raw));
  const {informer, until} = await follow(
    t,
    {lists: [listOf(10, pod('a', 1))], watches: [open(modified('a', 11), added('b', 12), added('c', 13))]},
    {project: picky},
  );
  t.deepEqual(await until('added c@13'), ['added a@1', 'added c@13']);
  t.is(informer.get('a', 'ns')?.version, '1');
});

test('a listener or projection with a bug does not stop the others', async t => {
  const {informer, until} = await follow(
    t,
    {lists: [listOf(10, pod('a', 1))], watches: [open(added('b', 11), added('c', 12))]},
    {
      project: raw => {
        if (raw.metadata.name === 'b') throw new Error('bug');
        return project(raw);
      },
    },
  );
  informer.onEvent(() => {
    throw new Error('bug');
  });
  t.deepEqual(await until('added c@12'), ['added a@1', 'added c@12']);
});

test('seen resolves once the cache is as new as the write', async t => {
  let watch: ServerResponse | undefined;
  const {informer} = await follow(t, {
    lists: [listOf(10, pod('a', 9))],
    watches: [response => void (watch = response).write(added('b', 11))],
  });
  await informer.synced();
  await informer.seen('a', 'ns', '9');
  await informer.seen('b', 'ns', '11');
  const order: string[] = [];
  const waits = [
    informer.seen('c', 'ns', '12').then(() => order.push(`c ${informer.get('c', 'ns')?.version}`)),
    informer.seen('x', 'ns', '20').then(() => order.push('x')),
  ];
  watch?.write(added('c', 12));
  await waits[0];
  watch?.write(bookmark(25));
  await Promise.all(waits);
  t.deepEqual(order, ['c 12', 'x']);
});

test('stop ends the watch and lets nobody wait for ever', async t => {
  const {informer, until} = await follow(t, {lists: [listOf(10)], watches: [open(added('a', 11))]});
  await until('added a@11');
  const waiting = informer.seen('a', 'ns', '99');
  informer.stop();
  await waiting;
  t.is(informer.get('a', 'ns')?.version, '11');
});
