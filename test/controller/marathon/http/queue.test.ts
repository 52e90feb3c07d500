import test from 'ava';
import {asJson, listOf, rest} from './rest.ts';

test('the queue shows how many instances wait, and which check refused how many offers', async t => {
  const system = await rest(t);
  await system.run({id: '/small', instances: 2});
  await system.run({id: '/big', cpus: 100, instances: 3});
  const [item = {}, ...others] = listOf(await system.must('GET', '/v2/queue'), 'queue');
  t.is(others.length, 0);
  t.is(asJson(item['app'])['id'], '/big');
  t.like(item, {count: 3, role: '*', delay: {timeLeftSeconds: 0, overdue: true}});
  const summary = asJson(item['processedOffersSummary']);
  const offers = Number(summary['processedOffersCount']);
  t.true(offers > 0);
  t.is(summary['unusedOffersCount'], offers);
  for (const [name, processed] of Object.entries({rejectSummaryLastOffers: 1, rejectSummaryLaunchAttempt: offers})) {
    const rows = listOf(summary, name);
    t.is(rows.length, 10);
    t.deepEqual(rows[0], {reason: 'UnfulfilledRole', declined: 0, processed});
    t.deepEqual(rows[4], {reason: 'InsufficientCpus', declined: processed, processed});
    t.deepEqual(rows[5], {reason: 'InsufficientMemory', declined: 0, processed: 0});
  }
});

test('the latest offers that were not taken are shown when they are asked for', async t => {
  const system = await rest(t);
  await system.run({id: '/big', cpus: 100, mem: 100_000});
  const [plain = {}] = listOf(await system.must('GET', '/v2/queue'), 'queue');
  t.false('lastUnusedOffers' in plain);
  const [item = {}] = listOf(await system.must('GET', '/v2/queue?embed=lastUnusedOffers'), 'queue');
  const [unused = {}, ...others] = listOf(item, 'lastUnusedOffers');
  t.is(others.length, 0); // one for each agent
  t.deepEqual(unused['reason'], ['InsufficientCpus', 'InsufficientMemory']);
  t.is(unused['timestamp'], asJson(item['processedOffersSummary'])['lastUnusedOfferAt']);
  const {id, ...offer} = asJson(unused['offer']);
  t.regex(String(id), /^O\d+$/);
  t.deepEqual(offer, {
    hostname: 'node-a',
    agentId: 'A',
    resources: [
      {name: 'cpus', role: '*', scalar: 8},
      {name: 'mem', role: '*', scalar: 8192},
      {name: 'ports', role: '*', ranges: [{begin: 31000, end: 32000}]},
    ],
    attributes: [],
  });
});

test('the queue and the condition of the app agree on the first check that refuses, with its numbers', async t => {
  const system = await rest(t);
  await system.run({id: '/big', cpus: 100, instances: 2});
  const [item = {}] = listOf(await system.must('GET', '/v2/queue'), 'queue');
  const message = '2 instances to be launched: no agent has enough cpus: 100 wanted, at most 8 offered';
  t.is(item['explanation'], message);
  t.like(system.cluster.condition('big', 'Progressing'), {reason: 'WaitingForOffers', message});
});

test('since when an app waits does not change while it waits, also without offers', async t => {
  const system = await rest(t);
  system.cluster.master.offer = () => undefined;
  await system.run({id: '/web'});
  const [first = {}] = listOf(await system.must('GET', '/v2/queue'), 'queue');
  await system.cluster.pass(5000);
  const [later = {}] = listOf(await system.must('GET', '/v2/queue'), 'queue');
  t.is(later['since'], first['since']);
  t.is(later['explanation'], '1 instance to be launched, waiting for offers');
});

test('an app that waits after a failure is launched at once when its delay is ended', async t => {
  const system = await rest(t);
  await system.run({id: '/web', backoffSeconds: 3000, maxLaunchDelaySeconds: 3600});
  const [taskId = ''] = [...system.cluster.master.tasks.keys()];
  system.cluster.master.report(taskId, 'TASK_FAILED');
  await system.cluster.pass(1000);
  const [item = {}] = listOf(await system.must('GET', '/v2/queue'), 'queue');
  t.like(asJson(item['delay']), {overdue: false});
  t.is((await system.ask('DELETE', '/v2/queue//web/delay')).status, 204);
  await system.cluster.pass(6000);
  t.deepEqual(listOf(await system.must('GET', '/v2/queue'), 'queue'), []);
  t.is(system.cluster.master.tasks.size, 1);
  const again = await system.ask('DELETE', '/v2/queue/web/delay');
  t.is(again.status, 404);
  t.is(again.body['message'], 'Application /web not found in tasks queue.');
});
