import test from 'ava';
import {appConditions} from '../../../../../src/controller/marathon/core/apps/status.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2};

const conditionsOf = (sim: Simulation) =>
  Object.fromEntries(
    appConditions(sim.app('web'), sim.nowMs).map(({type, status, reason}) => [type, `${status} ${reason}`]),
  );

function running(more: object = {}): Simulation {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', {...APP, ...more});
  sim.advance(5000);
  return sim;
}

test('an app that runs as wanted is stable', t => {
  t.deepEqual(conditionsOf(running()), {
    Available: 'True InstancesAvailable',
    Progressing: 'False Stable',
    Degraded: 'False AsExpected',
  });
});

test('an app all of whose instances are unreachable is neither available nor stable', t => {
  const sim = running({unreachableStrategy: 'disabled'});
  for (const agent of sim.agents.keys()) sim.loseAgent(agent);
  sim.advance(5000);
  t.deepEqual(conditionsOf(sim), {
    Available: 'False InstancesMissing',
    Progressing: 'False Unreachable',
    Degraded: 'True Unreachable',
  });
});

test('an app that fails in a loop is degraded between the failures too', t => {
  const sim = running();
  sim.behaviour = () => 'stay';
  const [first = ''] = sim.running('web');
  sim.report(first, 'TASK_FAILED', {message: 'ImagePullBackOff'});
  const seen = new Set<string>();
  sim.check = () => void (sim.app('web').lastTaskFailure && seen.add(conditionsOf(sim)['Degraded'] ?? ''));
  sim.advance(60_000);
  t.deepEqual([...seen], ['True TaskFailing']);
});

test('an app that came through its failures is not degraded any more', t => {
  const sim = running();
  const [first = ''] = sim.running('web');
  sim.report(first, 'TASK_FAILED');
  sim.advance(30_000);
  t.is(conditionsOf(sim)['Degraded'], 'False AsExpected');
});
