import test from 'ava';
import {disruptionBudget} from '../../../../../src/controller/marathon/core/apps/disruption-budget.ts';
import {surgeOf} from '../../../../../src/controller/marathon/core/deployments/surge.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.5, mem: 32};

/** An app that runs on the first agent only, and two empty agents beside it. */
function onFirstAgent(instances: number, more: object = {}): Simulation {
  const sim = new Simulation();
  sim.connect();
  sim.cordon('agent-1', 'agent-2');
  sim.apply('web', {...APP, instances, ...more});
  sim.settle();
  sim.cordon();
  return sim;
}

const agentsOf = (sim: Simulation): string[] =>
  sim.instances('web').flatMap(({task, condition}) => (condition === 'Running' ? [task?.agent.agentId ?? ''] : []));
const on = (sim: Simulation, agentId: string): string[] =>
  sim.instances('web').flatMap(({task}) => (task?.agent.agentId === agentId ? [task.taskId] : []));

/** `kubectl drain` removes one pod, if the budget allows. */
function evict(sim: Simulation, agentId: string): boolean {
  const budget = disruptionBudget(sim.app('web'), 'default')?.spec as {minAvailable: number};
  const [victim] = on(sim, agentId);
  if (victim === undefined || sim.running('web').length <= budget.minAvailable) return false;
  sim.report(victim, 'TASK_KILLED');
  sim.settle();
  return true;
}

test('an app that can spare none gets one more while it sits on a cordoned agent', t => {
  const sim = onFirstAgent(2);
  t.false(evict(sim, 'agent-0'));
  sim.cordon('agent-0');
  sim.advance(10_000);
  t.is(sim.running('web').length, 3);
  t.is(on(sim, 'agent-0').length, 2);
  sim.advance(10_000);
  t.is(sim.running('web').length, 3, 'one, not one more each time');
});

test('a drain moves all instances, with never fewer than wanted, and the surplus goes', t => {
  const sim = onFirstAgent(3);
  sim.cordon('agent-0');
  sim.advance(10_000);
  sim.check = () => t.true(sim.running('web').length >= 3);
  for (let i = 0; i < 3; i++) {
    sim.advance(10_000);
    t.true(evict(sim, 'agent-0'), `eviction ${i}`);
  }
  sim.advance(10_000);
  t.is(on(sim, 'agent-0').length, 0);
  t.is(sim.running('web').length, 3);
  t.is(sim.tasks.size, 3);
});

test('uncordoned, the app has one too many for a moment only', t => {
  const sim = onFirstAgent(2);
  sim.cordon('agent-0');
  sim.advance(10_000);
  t.is(sim.running('web').length, 3);
  sim.cordon();
  sim.settle();
  t.is(sim.running('web').length, 2);
});

test('scaled down, the app first leaves the cordoned agent', t => {
  const sim = onFirstAgent(2);
  sim.apply('web', {...APP, instances: 4});
  sim.advance(10_000);
  // Two older ones, which the default kill selection would keep, sit on agent-0.
  t.is(on(sim, 'agent-0').length >= 2, true);
  sim.cordon('agent-0');
  sim.apply('web', {...APP, instances: 4 - on(sim, 'agent-0').length});
  sim.advance(10_000);
  t.is(on(sim, 'agent-0').length, 0);
  t.is(sim.running('web').length, sim.app('web').definition?.instances ?? 0);
});

test('an app that can spare some is not made larger', t => {
  const sim = onFirstAgent(4, {upgradeStrategy: {minimumHealthCapacity: 0.5, maximumOverCapacity: 1}});
  sim.cordon('agent-0');
  sim.settle();
  t.is(sim.running('web').length, 4);
  t.true(evict(sim, 'agent-0'));
});

test('an app that is not well is not made larger', t => {
  const sim = onFirstAgent(2);
  sim.behaviour = () => 'stay';
  const [victim = ''] = sim.running('web');
  sim.report(victim, 'TASK_FAILED');
  sim.cordon('agent-0');
  sim.settle();
  t.is(sim.instances('web').length, 2);
});

test('an app elsewhere is left alone', t => {
  const sim = onFirstAgent(2);
  sim.cordon('agent-1');
  sim.settle();
  t.deepEqual(agentsOf(sim), ['agent-0', 'agent-0']);
});

test('a new leader that finds one more keeps it while it is needed', t => {
  const sim = onFirstAgent(2);
  sim.cordon('agent-0');
  sim.advance(10_000);
  const before = sim.running('web').toSorted();
  t.is(before.length, 3);
  sim.failover();
  sim.advance(10_000);
  t.deepEqual(sim.running('web').toSorted(), before);
});

const budgets = {
  'all must stay': [{instances: 3}, 3],
  'half, rounded up': [{instances: 3, upgradeStrategy: {minimumHealthCapacity: 0.5, maximumOverCapacity: 1}}, 2],
  none: [{instances: 3, upgradeStrategy: {minimumHealthCapacity: 0, maximumOverCapacity: 1}}, 0],
  'of nothing nothing': [{instances: 0}, 0],
} as const;
for (const [title, [spec, want]] of Object.entries(budgets)) {
  test(`evictions: ${title}`, t => {
    const sim = new Simulation();
    sim.connect();
    sim.apply('web', {...APP, ...spec});
    t.like(disruptionBudget(sim.app('web'), 'ns'), {
      metadata: {name: 'marathon-web', namespace: 'ns'},
      spec: {minAvailable: want, selector: {matchLabels: {'marathon.mesos.dev/name': 'web'}}},
    });
  });
}

test('the budget of an app with a long name has a name that Kubernetes takes', t => {
  const app = onFirstAgent(1).app('web');
  for (const [length, want] of [
    [244, /^marathon-x{244}$/],
    [245, /^marathon-[0-9a-f]{40}$/],
  ] as const) {
    app.object = {...app.object, name: 'x'.repeat(length)};
    t.regex(disruptionBudget(app, 'ns')?.metadata.name ?? '', want);
  }
});

test('an app that is deleted has no budget', t => {
  const sim = onFirstAgent(1);
  sim.behaviour = () => 'stay';
  const app = sim.app('web');
  app.object = {...app.object, deleting: true};
  t.is(disruptionBudget(app, 'ns'), undefined);
});

test('an instance that is going anyway is no reason for one more', t => {
  const sim = onFirstAgent(2);
  const app = sim.app('web');
  const [going] = sim.instances('web');
  if (going === undefined || app.definition === undefined) return t.fail();
  sim.state.leavingAgents = new Set(['agent-0']);
  t.is(surgeOf(sim.state, app, app.definition), 1);
  for (const instance of app.instances.values()) instance.goal = 'Decommissioned';
  t.is(surgeOf(sim.state, app, {...app.definition, instances: 1}), 0);
});
