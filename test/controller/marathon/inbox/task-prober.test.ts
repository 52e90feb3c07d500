import test from 'ava';
import type {Command} from '../../../../src/controller/marathon/core/commands.ts';
import type {ProbeAnswer, ProbeTarget} from '../../../../src/controller/marathon/core/health/probes.ts';
import {TaskProber} from '../../../../src/controller/marathon/inbox/task-prober.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';
import {Simulation} from '../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1};
const CHECK = {protocol: 'TCP', intervalSeconds: 10, timeoutSeconds: 2};

/** Tasks that run, and a prober that hears what `answer` says. */
function begin(fields: object, concurrency = 256) {
  const sim = new Simulation({agents: 1});
  sim.connect();
  sim.apply('web', {...APP, ...fields});
  sim.settle();
  const clock = new VirtualClock();
  const asked: {readonly atMs: number; readonly target: ProbeTarget}[] = [];
  const posted: Command[] = [];
  const open: ((answer: ProbeAnswer) => void)[] = [];
  let answering = true;
  const prober = new TaskProber({
    clock,
    concurrency,
    state: () => sim.state,
    post: command => void posted.push(command),
    ask: target => {
      asked.push({atMs: clock.monotonic(), target});
      return answering
        ? Promise.resolve({kind: 'connected'} as const)
        : new Promise<ProbeAnswer>(resolve => void open.push(resolve));
    },
  });
  const times = (): readonly number[] => asked.map(({atMs}) => atMs);
  const beganMs = clock.monotonic();
  return {
    ...{sim, clock, asked, posted, open, prober, beganMs},
    times: () => times().map(ms => ms - beganMs),
    hold: () => (answering = false),
  };
}

test('a task is asked soon, then at its interval, and each answer is told', async t => {
  const {sim, clock, prober, times, posted} = begin({healthChecks: [CHECK]});
  prober.look(sim.app('web'));
  prober.look(sim.app('web')); // a second look begins nothing anew
  await clock.advanceAsync(25_000);
  t.deepEqual(times(), [5000, 15_000, 25_000]);
  const [taskId = ''] = sim.running('web');
  t.deepEqual(posted[0], {kind: 'probe-answer', taskId, check: 0, answer: {kind: 'connected'}});
});

test('each check of a task has its own time', async t => {
  const {sim, clock, prober, times} = begin({healthChecks: [CHECK, {...CHECK, intervalSeconds: 2}]});
  prober.look(sim.app('web'));
  await clock.advanceAsync(6000);
  t.deepEqual(times(), [2000, 4000, 5000, 6000]);
});

test('a task that has gone is not asked any more', async t => {
  const {sim, clock, prober, times} = begin({healthChecks: [CHECK]});
  prober.look(sim.app('web'));
  await clock.advanceAsync(5000);
  const [taskId = ''] = sim.running('web');
  sim.report(taskId, 'TASK_FAILED');
  sim.deliver();
  await clock.advanceAsync(60_000);
  t.deepEqual(times(), [5000]);
});

test('a task that is back is asked again', async t => {
  const {sim, clock, prober, times} = begin({healthChecks: [CHECK], unreachableStrategy: 'disabled'});
  prober.look(sim.app('web'));
  sim.loseAgent('agent-0');
  sim.deliver();
  await clock.advanceAsync(60_000);
  t.deepEqual(times(), []);
  sim.returnAgent('agent-0');
  sim.deliver();
  prober.look(sim.app('web'));
  await clock.advanceAsync(5000);
  t.deepEqual(times(), [65_000]);
});

test('no more questions are open at a time than are allowed', async t => {
  const {sim, clock, prober, hold, asked, open, posted} = begin({instances: 3, healthChecks: [CHECK]}, 2);
  hold();
  prober.look(sim.app('web'));
  await clock.advanceAsync(5000);
  t.is(asked.length, 2);
  open[0]?.({kind: 'connected'});
  await clock.advanceAsync(0);
  t.deepEqual([asked.length, posted.length], [3, 1]);
});

test('an answer that comes after everything was dropped is not told', async t => {
  const {sim, clock, prober, hold, open, posted} = begin({healthChecks: [CHECK]});
  hold();
  prober.look(sim.app('web'));
  await clock.advanceAsync(5000);
  prober.clear();
  open[0]?.({kind: 'connected'});
  await clock.advanceAsync(60_000);
  t.deepEqual(posted, []);
});

test('an app without checks of Marathon’s own is not looked through', async t => {
  const {sim, clock, prober, times} = begin({healthChecks: [{protocol: 'MESOS_TCP'}]});
  prober.look(sim.app('web'));
  await clock.advanceAsync(60_000);
  t.deepEqual(times(), []);
});
