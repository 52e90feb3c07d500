import test from 'ava';
import type {Offer} from '../../../../../src/api/mesos/v1/common.ts';
import {awaitOffers, demandOf} from '../../../../../src/controller/marathon/core/offers/await-offers.ts';
import type {Effect} from '../../../../../src/controller/marathon/core/effects.ts';
import type {Settings} from '../../../../../src/controller/marathon/core/state.ts';
import {step} from '../../../../../src/controller/marathon/core/step.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 1, mem: 32, instances: 1};

const offer = (id: string, cpus = 4, role = '*', agentId = 'A'): Offer => ({
  id: {value: id},
  framework_id: {value: 'f-0000'},
  agent_id: {value: agentId},
  hostname: `host-${agentId}`,
  allocation_info: {role},
  resources: [
    {name: 'cpus', type: 'SCALAR', scalar: {value: cpus}},
    {name: 'mem', type: 'SCALAR', scalar: {value: 4096}},
    {name: 'ports', type: 'RANGES', ranges: {range: [{begin: 31000, end: 31999}]}},
  ],
});

function waiting(apps: Record<string, object>, settings: Partial<Settings> = {}): Simulation {
  const sim = new Simulation({settings});
  sim.connect();
  for (const [name, fields] of Object.entries(apps)) sim.apply(name, {...APP, ...fields});
  return sim;
}

/** What the offers are answered with: `accept O1 x2 for 0 s`. */
function answers(sim: Simulation, ...offers: readonly Offer[]): readonly string[] {
  return step(sim.state, {kind: 'offers', offers}, sim.nowMs, sim.random).flatMap(answer);
}

function answer(effect: Effect): string | readonly string[] {
  if (effect.kind === 'accept') return `${effect.offerId} x${effect.launches.length} ${effect.refuseSeconds} s`;
  return effect.kind === 'decline' ? `no ${effect.offerIds.join(' ')} ${effect.refuseSeconds} s` : [];
}

type Row = {apps: Record<string, object>; settings?: Partial<Settings>; offers: readonly Offer[]; want: string[]};
const rows: Record<string, Row> = {
  'an offer that nobody waits for is declined for long': {apps: {}, offers: [offer('O1')], want: ['no O1 120 s']},
  'offers that nobody waits for are declined together': {
    apps: {},
    offers: [offer('O1'), offer('O2')],
    want: ['no O1 O2 120 s'],
  },
  'an offer that all instances fit on is refused for long afterwards': {
    apps: {web: {instances: 2}},
    offers: [offer('O1')],
    want: ['O1 x2 120 s'],
  },
  'an offer that some instances fit on is wanted again at once': {
    apps: {web: {instances: 5}},
    offers: [offer('O1')],
    want: ['O1 x4 0 s'],
  },
  'an offer that is too small is declined for long': {
    apps: {web: {cpus: 5}},
    offers: [offer('O1')],
    want: ['no O1 120 s'],
  },
  'an offer of another role is declined': {
    apps: {web: {}},
    offers: [offer('O1', 4, 'dev')],
    want: ['no O1 120 s'],
  },
  'no more are launched on one offer than the flag says': {
    apps: {web: {instances: 4}},
    settings: {maxInstancesPerOffer: 3},
    offers: [offer('O1')],
    want: ['O1 x3 0 s'],
  },
  'the limit of one offer is for all apps together': {
    apps: {web: {instances: 2}, db: {instances: 2}},
    settings: {maxInstancesPerOffer: 3},
    offers: [offer('O1')],
    want: ['O1 x3 0 s'],
  },
  'the next offer has its own limit': {
    apps: {web: {instances: 4}},
    settings: {maxInstancesPerOffer: 3},
    offers: [offer('O1'), offer('O2')],
    want: ['O1 x3 0 s', 'O2 x1 120 s'],
  },
  'no more are launched than there are tokens': {
    apps: {web: {instances: 4}},
    settings: {launchTokens: 2},
    offers: [offer('O1')],
    want: ['O1 x2 0 s'],
  },
  'an offer that comes when the tokens are used up is wanted again at once': {
    apps: {web: {instances: 4}},
    settings: {launchTokens: 2},
    offers: [offer('O1'), offer('O2')],
    want: ['O1 x2 0 s', 'no O2 0 s'],
  },
  'one token is enough for one launch': {
    apps: {web: {}},
    settings: {launchTokens: 1},
    offers: [offer('O1')],
    want: ['O1 x1 120 s'],
  },
  'without tokens an offer that nobody waits for is declined for long': {
    apps: {},
    settings: {launchTokens: 0},
    offers: [offer('O1')],
    want: ['no O1 120 s'],
  },
  'a part of a token is none': {
    apps: {web: {}},
    settings: {launchTokens: 0.9},
    offers: [offer('O1')],
    want: ['no O1 0 s'],
  },
};
for (const [title, {apps, settings, offers, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(answers(waiting(apps, settings), ...offers), want);
  });
}

const crowd = (count: number): Simulation =>
  waiting(Object.fromEntries(Array.from({length: count}, (_, i) => [`web-${i}`, {cpus: 99}])));

test('while every waiting app can be tried on an offer it is declined for long', t => {
  const sim = crowd(500);
  t.deepEqual(answers(sim, offer('O1')), ['no O1 120 s']);
  t.is([...sim.state.apps.values()].filter(({offerStats}) => offerStats?.unused === 1).length, 500);
});

test('an offer that not every waiting app was tried on is declined for a short time', t => {
  const sim = crowd(501);
  t.deepEqual(answers(sim, offer('O1')), ['no O1 5 s']);
  t.is([...sim.state.apps.values()].filter(({offerStats}) => offerStats?.unused === 1).length, 500);
});

test('offers are declined until the running tasks are known', t => {
  const sim = waiting({web: {}});
  sim.state.ready = false;
  t.deepEqual(answers(sim, offer('O1')), ['no O1 120 s']);
});

test('a launch is written down', t => {
  const sim = waiting({web: {instances: 2}});
  answers(sim, offer('O1'));
  const app = sim.app('web');
  t.is(app.unmade, 0);
  t.is(sim.state.tokens, 98);
  t.is(app.offerStats, undefined); // nothing waits any more
  t.is(app.instances.size, 2);
  for (const {condition, goal, incarnation, sinceMs, version, config, task} of app.instances.values()) {
    t.deepEqual(
      {condition, goal, incarnation, sinceMs, version, config},
      {
        condition: 'Provisioned',
        goal: 'Running',
        incarnation: 1,
        sinceMs: sim.nowMs,
        version: app.versionInfo?.version,
        config: app.config,
      },
    );
    t.like(task, {role: '*', ipAddresses: [], stagedAtMs: sim.nowMs, agent: {agentId: 'A', hostname: 'host-A'}});
  }
  t.deepEqual(
    [...sim.state.tasks],
    [...app.instances.values()].map(({id, task}) => [task?.taskId, {app: 'web', instance: id}]),
  );
});

test('an instance whose task has ended is launched before one that was only counted', t => {
  const sim = waiting({web: {}});
  answers(sim, offer('O1', 1));
  const [first] = sim.app('web').instances.values();
  if (first?.task === undefined) return t.fail();
  const status = {task_id: {value: first.task.taskId}, state: 'TASK_KILLED' as const, uuid: undefined};
  step(sim.state, {kind: 'update', status}, sim.nowMs, sim.random);
  sim.apply('web', {...APP, instances: 2});
  t.deepEqual(answers(sim, offer('O2', 1)), ['O2 x1 0 s']);
  t.deepEqual([first.condition, first.incarnation, sim.app('web').unmade], ['Provisioned', 2, 1]);
});

test('an offer that came to nothing is counted, and so is its reason', t => {
  const sim = waiting({web: {cpus: 5}});
  answers(sim, offer('O1'));
  t.like(sim.app('web').offerStats, {
    unused: 1,
    lastUnusedAtMs: sim.nowMs,
    sinceMs: sim.nowMs,
    lastUsedAtMs: undefined,
  });
  t.deepEqual(
    [...(sim.app('web').offerStats?.lastByAgent ?? [])],
    [['A', {reason: 'InsufficientCpus', wanted: 5, offered: 4}]],
  );
});

test('an offer that was used as far as it went is not counted as refused', t => {
  const sim = waiting({web: {instances: 5}});
  answers(sim, offer('O1'));
  t.like(sim.app('web').offerStats, {unused: 0, lastUsedAtMs: sim.nowMs});
  t.deepEqual([...(sim.app('web').offerStats?.usedAgents ?? [])], ['A']);
});

test('an offer tells of its agent, also when nothing is launched', t => {
  const sim = waiting({});
  answers(sim, offer('O1', 4, '*', 'B'));
  t.is(sim.state.agents.get('B')?.hostname, 'host-B');
});

test('a role whose offers are refused for long has to ask for them again', t => {
  const sim = waiting({web: {cpus: 5}});
  answers(sim, offer('O1', 4, '*'));
  t.true(sim.state.roles.get('*')?.filtered);
});

test('a role that wants the next offer at once has nothing to ask for', t => {
  const sim = waiting({web: {instances: 5}});
  const role = sim.state.roles.get('*');
  if (role === undefined) return t.fail();
  Object.assign(role, {filtered: false});
  answers(sim, offer('O1'));
  t.false(role.filtered);
});

test('an agent where an instance runs is not unique any more', t => {
  const sim = waiting({web: {instances: 3, constraints: [['hostname', 'UNIQUE']]}});
  t.deepEqual(answers(sim, offer('O1'), offer('O2'), offer('O3', 4, '*', 'B')), [
    'O1 x1 0 s',
    'O3 x1 0 s',
    'no O2 120 s',
  ]);
});

test('an agent where an older version runs may get the new one', t => {
  const unique = {instances: 1, constraints: [['hostname', 'UNIQUE']]};
  const sim = waiting({web: unique});
  answers(sim, offer('O1'));
  const [first] = sim.running('web').concat(sim.instances('web').flatMap(({task}) => task?.taskId ?? []));
  const running = {task_id: {value: first ?? ''}, agent_id: {value: 'A'}, state: 'TASK_RUNNING' as const};
  step(sim.state, {kind: 'update', status: running}, sim.nowMs, sim.random);
  sim.apply('web', {...APP, ...unique, cmd: 'sleep 2000'});
  t.deepEqual(answers(sim, offer('O2')), ['O2 x1 120 s']);
});

test('chance decides which app is tried first', t => {
  const names = (random: number): readonly string[] => {
    const sim = waiting({a: {}, b: {}, c: {}}, {maxInstancesPerOffer: 1});
    step(sim.state, {kind: 'offers', offers: [offer('O1')]}, sim.nowMs, () => random);
    return [...sim.state.apps.keys()].filter(name => sim.app(name).instances.size > 0);
  };
  t.deepEqual([0, 0.34, 0.99].map(names), [['a'], ['b'], ['c']]);
});

test('every app is tried once, whatever chance says', t => {
  for (const random of [0, 0.34, 0.5, 0.99]) {
    const sim = waiting({a: {}, b: {}, c: {}});
    step(sim.state, {kind: 'offers', offers: [offer('O1')]}, sim.nowMs, () => random);
    t.deepEqual(
      [...sim.state.apps.keys()].map(name => sim.app(name).instances.size),
      [1, 1, 1],
    );
  }
});

test('an instance that waited is launched under the version in force, and counts as launched now', t => {
  const sim = waiting({web: {}});
  answers(sim, offer('O1'));
  const [instance] = sim.instances('web');
  if (instance?.task === undefined) return t.fail();
  const ended = {task_id: {value: instance.task.taskId}, agent_id: {value: 'A'}, state: 'TASK_KILLED' as const};
  step(sim.state, {kind: 'update', status: ended}, sim.nowMs, sim.random);
  Object.assign(instance, {version: 'earlier', config: 'earlier'});
  sim.nowMs += 5000;
  answers(sim, offer('O2'));
  const {versionInfo, config} = sim.app('web');
  t.like(instance, {
    condition: 'Provisioned',
    incarnation: 2,
    version: versionInfo?.version,
    config,
    sinceMs: sim.nowMs,
  });
});

test('a role that is new has nothing to look forward to until it asks', t => {
  const sim = waiting({});
  t.deepEqual(demandOf(sim.state, 'dev'), {suppressed: true, filtered: true, newWork: false});
  awaitOffers(sim.state, 'dev');
  t.deepEqual(sim.state.roles.get('dev'), {suppressed: true, filtered: true, newWork: true});
});
