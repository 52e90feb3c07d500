import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {MARATHON_FLAGS} from '../../../src/controller/marathon/flags.ts';
import {bind} from '../../../src/controller/web/route.ts';
import {WHAT_IF_ROUTE} from '../../../src/controller/what-if/what-if-route.ts';
import {parseFlags} from '../../../src/lib/flags.ts';
import {runReplay} from '../../../src/programs/replay.ts';
import {runWhatIf} from '../../../src/programs/what-if.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {TestKube} from '../../support/test-kube.ts';
import {addAgent, testMaster} from '../../support/test-master.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

/** A master with two agents, without Marathon. */
async function cluster(t: ExecutionContext) {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192');
  await addAgent(client, clock, 'a2', 'cpus:2;mem:8192');
  const flags = parseFlags(MARATHON_FLAGS, {argv: []});
  if (!flags.ok) throw new Error(flags.error.join());
  const marathon = {app: () => undefined, frameworkId: () => undefined, flags: flags.value};
  const {service, url, close} = await testMaster({
    client,
    clock,
    leaderAddress: 'leader:5050',
    more: ({cluster: live}) => bind([WHAT_IF_ROUTE], {cluster: live, marathon}),
  });
  t.teardown(close);
  return {service, url};
}

const headers = {'Content-Type': 'application/json'};
const post = async (url: string, body: string) => {
  const response = await fetch(`${url}/allocator/what-if`, {method: 'POST', headers, body, redirect: 'manual'});
  return {status: response.status, location: response.headers.get('Location'), body: await response.text()};
};

const APP = {id: '/web', cmd: 'sleep 100', cpus: 1, mem: 128, instances: 10, portDefinitions: []};

test('an app is answered with places and reasons', async t => {
  const {url} = await cluster(t);
  const {status, body} = await post(url, JSON.stringify({app: APP}));
  t.is(status, 200);
  const answer = JSON.parse(body);
  t.deepEqual(answer.instances, {wanted: 10, running: 0, placed: 6, missing: 4});
  t.deepEqual(
    answer.agents.map(({hostname, instances}: {hostname: string; instances: number}) => [hostname, instances]),
    [
      ['a1.example', 4],
      ['a2.example', 2],
    ],
  );
  t.like(answer.blocked[0], {reason: 'InsufficientCpus', agents: 2, text: 'cpus: 1 wanted, at most 0 left'});
});

const refused: Record<string, {body: string; status: number; want: RegExp}> = {
  'no JSON': {body: '{', status: 400, want: /Failed to parse body/},
  nothing: {body: '{}', status: 400, want: /want an object with app, role or both/},
  'a misspelt field of a role': {body: '{"role":{"name":"r","wait":1}}', status: 400, want: /role\.wait: want one of/},
  'a role without a name': {body: '{"role":{"weight":1}}', status: 400, want: /role\.name: want a text/},
  'a quota of a nested role': {body: '{"role":{"name":"a/b","limits":null}}', status: 400, want: /top-level role/},
  'an app without an id': {body: '{"app":{"cmd":"a"}}', status: 422, want: /app\/id/},
  'an app that runs nothing': {body: '{"app":{"id":"/a"}}', status: 422, want: /must either contain/},
};
for (const [title, {body, status, want}] of Object.entries(refused)) {
  test(`refused: ${title}`, async t => {
    const {url} = await cluster(t);
    const answer = await post(url, body);
    t.is(answer.status, status);
    t.regex(answer.body, want);
  });
}

test('a master that does not lead sends on to the leader', async t => {
  const {service, url} = await cluster(t);
  await service.stop();
  const {status, location} = await post(url, JSON.stringify({app: APP}));
  t.deepEqual([status, location], [307, '//leader:5050/allocator/what-if']);
});

/** Runs `mesos what-if` in this process. */
async function cli(flags: Partial<Parameters<typeof runWhatIf>[0]>) {
  const [out, complaints]: [string[], string[]] = [[], []];
  const none = {app: undefined, role: undefined, weight: undefined, guarantees: undefined, limits: undefined};
  const status = await runWhatIf(
    {...none, master: '', json: false, ...flags},
    {print: line => out.push(line), complain: line => complaints.push(line)},
  );
  return {status, out, complaints};
}

test('mesos what-if asks and says it in words', async t => {
  const {url} = await cluster(t);
  const folder = await mkdtemp(join(tmpdir(), 'what-if-'));
  t.teardown(() => rm(folder, {recursive: true}));
  const file = join(folder, 'app.json');
  await writeFile(file, JSON.stringify({...APP, role: 'web'}));
  const {status, out} = await cli({app: file, master: url, role: 'web', limits: 'cpus:1'});
  t.is(status, 0);
  t.is(out[1], '  6 of 10 instances would get resources now; 4 would wait');
  t.is(
    out.find(line => line.startsWith('with')),
    'with the change:',
  );
  t.true(out.includes('  1 of 10 instances would get resources now; 9 would wait'));
  const wrong = await cli({master: url, weight: 2});
  t.deepEqual(wrong, {status: 1, out: [], complaints: ['--weight: want --role with it']});
});

test('what a master was told lately replays', async t => {
  const {url} = await cluster(t);
  const folder = await mkdtemp(join(tmpdir(), 'what-if-'));
  t.teardown(() => rm(folder, {recursive: true}));
  const file = join(folder, 'journal.jsonl');
  await writeFile(file, await (await fetch(`${url}/allocator/journal`)).text());
  const lines: string[] = [];
  const status = await runReplay(
    {
      file,
      until: undefined,
      decisions: true,
      policy: '{roleSorter: random}',
      explain: true,
      role: undefined,
      framework: undefined,
      agent: undefined,
    },
    {
      env: {},
      log: silentLogger,
      print: line => lines.push(line),
      complain: t.log,
      stopRequested: new Promise(() => undefined),
      self: ['mesos'],
      version: '1',
    },
  );
  t.is(status, 0);
  t.true(lines.join('\n').includes('all as in the journal, byte for byte'));
});
