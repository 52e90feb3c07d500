import test from 'ava';
import fc from 'fast-check';
import {minimumHealthy, restartBudget} from '../../../../src/controller/marathon/core/deployments/rolling.ts';
import {Simulation} from '../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 10};

type Act =
  | {kind: 'scale'; instances: number}
  | {kind: 'change' | 'restart' | 'failover' | 'reconnect' | 'remove'}
  | {kind: 'fail' | 'finish'; pick: number}
  | {kind: 'lose' | 'return'; agent: number}
  | {kind: 'pass'; ms: number};

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({kind: fc.constant('scale' as const), instances: fc.nat(8)}),
  fc.record({kind: fc.constantFrom('change' as const, 'restart' as const, 'failover' as const, 'reconnect' as const)}),
  fc.record({kind: fc.constant('remove' as const)}),
  fc.record({kind: fc.constantFrom('fail' as const, 'finish' as const), pick: fc.nat(20)}),
  fc.record({kind: fc.constantFrom('lose' as const, 'return' as const), agent: fc.nat(2)}),
  fc.record({kind: fc.constant('pass' as const), ms: fc.constantFrom(1000, 5000, 40_000)}),
);

/** Plays a history on one app; `wanted` is what should run when everything has calmed down. */
class Play {
  readonly sim: Simulation;
  instances = 2;
  changes = 0;
  gone = false;
  readonly strategy: {minimumHealthCapacity: number; maximumOverCapacity: number};

  constructor(seed: number, strategy: {minimumHealthCapacity: number; maximumOverCapacity: number}) {
    this.sim = new Simulation({seed});
    this.strategy = strategy;
    this.sim.connect();
    this.apply();
    this.sim.advance(5000);
  }

  apply(annotations: Record<string, string> = {}): void {
    const {instances, changes, strategy} = this;
    this.sim.apply('web', {...APP, cmd: `sleep ${changes}`, instances, upgradeStrategy: strategy}, annotations);
  }

  do(step: Act): void {
    const {sim} = this;
    switch (step.kind) {
      case 'scale':
        this.instances = step.instances;
        return this.#again();
      case 'change':
        this.changes += 1;
        return this.#again();
      case 'restart':
        return this.#again({'marathon.mesos.dev/restarted-at': new Date(sim.nowMs).toISOString()});
      case 'failover':
        return sim.failover();
      case 'reconnect':
        sim.send({kind: 'disconnected'});
        return sim.connect();
      case 'remove':
        this.gone = true;
        return sim.delete('web');
      case 'fail':
      case 'finish': {
        const ids = [...sim.tasks.keys()];
        const id = ids[step.pick % Math.max(1, ids.length)];
        return id === undefined ? undefined : sim.report(id, step.kind === 'fail' ? 'TASK_FAILED' : 'TASK_FINISHED');
      }
      case 'lose':
        return sim.loseAgent(`agent-${step.agent}`);
      case 'return':
        return sim.returnAgent(`agent-${step.agent}`);
      case 'pass':
        return sim.advance(step.ms);
      default:
        return step satisfies never;
    }
  }

  /** What is being deleted is not changed; what is gone is made anew. */
  #again(annotations: Record<string, string> = {}): void {
    if (this.sim.objects.get('web')?.metadata.deletionTimestamp !== undefined) return;
    this.gone = false;
    this.apply(annotations);
  }

  calm(): void {
    for (const id of this.sim.agents.keys()) this.sim.returnAgent(id);
    this.sim.advance(400_000);
  }
}

const strategies = fc.record({
  minimumHealthCapacity: fc.constantFrom(0, 0.3, 0.5, 0.9, 1),
  maximumOverCapacity: fc.constantFrom(0, 0.3, 0.5, 1),
});

test('after any history what is wanted runs, and nothing else', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.integer({min: 1}), strategies, fc.array(act, {maxLength: 15}), (seed, strategy, acts) => {
        const play = new Play(seed, strategy);
        for (const step of acts) play.do(step);
        play.calm();
        const {sim} = play;
        if (sim.problems.length > 0) throw new Error(sim.problems.join());
        const wanted = play.gone ? 0 : play.instances;
        const tasks = [...sim.tasks.values()];
        if (tasks.length !== wanted) throw new Error(`${tasks.length} tasks run, ${wanted} are wanted`);
        const command = `sleep ${play.changes}`;
        if (tasks.some(({info}) => info.command?.value !== command)) throw new Error('an old task runs');
        if (play.gone !== !sim.objects.has('web')) throw new Error('the object should be gone');
        if (!play.gone && sim.app('web').deployment !== undefined) throw new Error('the deployment does not end');
      }),
      {numRuns: 150},
    );
  });
});

test('a replacement keeps to its limits', t => {
  const counts = fc.record({from: fc.integer({min: 1, max: 10}), to: fc.integer({min: 1, max: 10})});
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.integer({min: 1}), strategies, counts, (seed, strategy, {from, to}) => {
        const play = new Play(seed, strategy);
        play.instances = from;
        play.apply();
        play.sim.advance(30_000);
        const budget = restartBudget({wanted: to, total: from, healthy: from, ...strategy, resident: false});
        const min = minimumHealthy(to, strategy.minimumHealthCapacity);
        // Without any room one more is allowed, once enough are healthy.
        const most = Math.max(from, budget.max + (budget.max === min ? 1 : 0));
        const least = Math.min(from, min);
        play.sim.check = () => {
          const {size} = play.sim.tasks;
          if (size > most) throw new Error(`${size} tasks, at most ${most} allowed`);
          // Goal and condition are the core's view: what it has asked to be killed does not count any more.
          const healthy = play.sim.instances('web').filter(it => it.goal === 'Running' && it.condition === 'Running');
          if (healthy.length < least) throw new Error(`${healthy.length} healthy, at least ${least} wanted`);
        };
        play.instances = to;
        play.changes += 1;
        play.apply();
        play.sim.advance(200_000);
        const right = [...play.sim.tasks.values()].filter(({info}) => info.command?.value === 'sleep 1');
        if (play.sim.tasks.size !== to || right.length !== to)
          throw new Error(`${right.length} tasks run, ${to} are wanted`);
      }),
      {numRuns: 100},
    );
  });
});

test('a failed task keeps its instance, and its number goes up by one', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.integer({min: 1}), fc.array(fc.nat(10), {maxLength: 8}), (seed, picks) => {
        const play = new Play(seed, {minimumHealthCapacity: 1, maximumOverCapacity: 1});
        const before = new Set(play.sim.instances('web').map(({id}) => id));
        const launched = play.sim.everLaunched.size;
        for (const pick of picks) {
          play.do({kind: 'fail', pick});
          play.sim.advance(40_000);
        }
        const after = play.sim.instances('web');
        if (!after.every(({id}) => before.has(id))) throw new Error('an instance was replaced');
        const numbers = after.reduce((sum, {incarnation}) => sum + incarnation, 0);
        if (numbers !== launched + picks.length) throw new Error(`numbers add up to ${numbers}`);
      }),
      {numRuns: 30},
    );
  });
});
