import test from 'ava';
import {runExplain} from '../../../../src/programs/explain.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {call, frameworkInfo, subscribe} from '../../../support/scheduler-client.ts';
import {addAgent, getJson, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

/** Spark was offered all of the agent; night came later and suppresses. */
async function cluster() {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192');
  const running = await testMaster({client, clock});
  const spark = await subscribe(running.url, frameworkInfo('spark', {roles: ['eng']}));
  await spark.next('OFFERS');
  const night = await subscribe(running.url, frameworkInfo('night', {roles: ['batch']}));
  await night.next('SUBSCRIBED');
  await call(running.url, night, {type: 'SUPPRESS', suppress: {}});
  return {...running, spark, night};
}

type Page = {
  readonly judged: number;
  readonly reasons: readonly {
    readonly reason: string;
    readonly pairs: number;
    readonly examples: readonly {readonly text: string; readonly hostname: string; readonly details: object}[];
  }[];
  readonly standings: readonly {readonly framework_id: string; readonly role_shares: object}[];
};

/** Runs `mesos explain` in this process. */
async function cli(master: string, flags: {framework?: string; role?: string; agent?: string; json?: boolean} = {}) {
  const [out, complaints]: [string[], string[]] = [[], []];
  const status = await runExplain(
    {policy: false, master, json: false, framework: undefined, role: undefined, agent: undefined, ...flags},
    {print: line => out.push(line), complain: line => complaints.push(line)},
  );
  return {status, out: out.join('\n'), complaints: complaints.join('\n')};
}

test('one framework and one agent, by their names', async t => {
  const {url, close, night} = await cluster();
  t.teardown(close);
  const page = await getJson<Page>(`${url}/master/allocator/explain?framework=night&agent=a1`);
  t.is(page.judged, 1);
  t.like(page.reasons[0], {reason: 'suppressed', pairs: 1});
  t.like(page.reasons[0]?.examples[0], {
    framework_name: 'night',
    role: 'batch',
    hostname: 'a1.example',
    text: 'the framework suppressed offers for the role; REVIVE ends that',
  });
  t.like(page.standings[0], {
    framework_id: night.frameworkId(),
    role: 'batch',
    weight: 1,
    role_shares: {before_run: 0, after_run: 0, now: 0},
  });
});

test('counts by reason, most frequent first', async t => {
  const {url, close} = await cluster();
  t.teardown(close);
  const page = await getJson<Page>(`${url}/allocator/explain`);
  t.deepEqual(
    page.reasons.map(({reason, pairs}) => [reason, pairs]),
    [
      ['offered', 1],
      ['suppressed', 1],
    ],
  );
  t.deepEqual(page.reasons[0]?.examples[0]?.details, {resources: 'cpus:4;mem:8192'});
});

test('what is not known is 404, with what is', async t => {
  const {url, close} = await cluster();
  t.teardown(close);
  const response = await fetch(`${url}/allocator/explain?role=web`);
  t.is(response.status, 404);
  t.deepEqual(await response.json(), {error: 'There is no role web', known: ['batch', 'eng'], known_count: 2});
});

test('only the leader answers, and only GET', async t => {
  const {client} = new TestKube();
  const standby = await testMaster({client, clock: new VirtualClock(), started: false, leaderAddress: '127.0.0.1:1'});
  t.teardown(standby.close);
  const response = await fetch(`${standby.url}/allocator/explain?role=r`, {redirect: 'manual'});
  t.is(response.headers.get('Location'), '//127.0.0.1:1/allocator/explain?role=r');
  t.is((await fetch(`${standby.url}/allocator/explain`, {method: 'POST', redirect: 'manual'})).status, 307);
});

test('mesos explain prints the reason and the shares', async t => {
  const {url, close} = await cluster();
  t.teardown(close);
  const {status, out} = await cli(url, {framework: 'night'});
  t.is(status, 0);
  t.regex(out, /night \(role batch\) on a1[.]example: the framework suppressed offers for the role/);
  t.regex(out, /night \(role batch, weight 1\): role 0 % → 0 %, now 0 %/);
});

test('mesos explain counts when there is more than one pair, also as JSON', async t => {
  const {url, close} = await cluster();
  t.teardown(close);
  const {out} = await cli(url);
  t.regex(out, /^2 frameworks and roles, 1 agent\n/);
  t.regex(out, /\n1 × offered\n {4}spark \(role eng\) on a1[.]example: the last run offered it cpus:4;mem:8192\n/);
  t.is(JSON.parse((await cli(url, {json: true})).out).judged, 2);
});

test('mesos explain says what is wrong', async t => {
  const {url, close} = await cluster();
  t.teardown(close);
  t.deepEqual(await cli(url, {agent: 'a9'}), {
    status: 1,
    out: '',
    complaints: `There is no agent a9. There are: ${(await getJson<{slaves: {id: string}[]}>(`${url}/slaves`)).slaves[0]?.id}`,
  });
  const nobody = await cli('127.0.0.1:1');
  t.is(nobody.status, 1);
  t.regex(nobody.complaints, /^can't ask 127[.]0[.]0[.]1:1: /);
});
