import test from 'ava';
import fc from 'fast-check';
import {toAppId} from '../../../../../src/controller/marathon/core/ids.ts';
import {app} from '../fixtures.ts';
import {Simulation} from '../../simulation.ts';

const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];
/** What a change wants of each app; undefined: it goes. Each app depends on the one before it. */
type Wanted = Readonly<Record<Name, {readonly instances: number; readonly sleep: number} | undefined>>;
type Act =
  | {kind: 'change'; wanted: Wanted}
  | {kind: 'failover'}
  | {kind: 'cancel'}
  | {kind: 'fail'; pick: number}
  | {kind: 'pass'; ms: number};

const one = fc.option(fc.record({instances: fc.nat(4), sleep: fc.nat(2)}), {nil: undefined, freq: 4});
const wanted: fc.Arbitrary<Wanted> = fc.record({a: one, b: one, c: one});
const act: fc.Arbitrary<Act> = fc.oneof(
  {weight: 3, arbitrary: fc.record({kind: fc.constant('change' as const), wanted})},
  fc.record({kind: fc.constantFrom('failover' as const, 'cancel' as const)}),
  fc.record({kind: fc.constant('fail' as const), pick: fc.nat(20)}),
  {weight: 2, arbitrary: fc.record({kind: fc.constant('pass' as const), ms: fc.constantFrom(500, 5000, 40_000)})},
);

const fieldsOf = (name: Name, {instances, sleep}: NonNullable<Wanted[Name]>): Record<string, unknown> => ({
  cmd: `sleep ${sleep}`,
  cpus: 0.1,
  mem: 10,
  instances,
  dependencies: name === 'a' ? [] : [`/${NAMES[NAMES.indexOf(name) - 1]}`],
});

/** Changes of three apps at a time, as /v2 makes them: a plan, the writes, and that they are answered. */
class Play {
  readonly sim: Simulation;
  wanted: Wanted = {a: undefined, b: undefined, c: undefined};
  #changes = 0;

  constructor(seed: number) {
    this.sim = new Simulation({seed});
    this.sim.connect();
  }

  do(step: Act): void {
    const {sim} = this;
    switch (step.kind) {
      case 'change':
        return this.change(step.wanted);
      case 'failover':
        return sim.failover();
      case 'cancel': {
        const [id] = sim.state.deployments.keys();
        return id === undefined ? undefined : sim.send({kind: 'cancel-deployment', id});
      }
      case 'fail': {
        const ids = [...sim.tasks.keys()];
        const id = ids[step.pick % Math.max(1, ids.length)];
        return id === undefined ? undefined : sim.report(id, 'TASK_FAILED');
      }
      case 'pass':
        return sim.advance(step.ms);
      default:
        return step satisfies never;
    }
  }

  /** What is being deleted is let go first: its name is taken. */
  change(next: Wanted): void {
    const {sim} = this;
    for (const name of NAMES) if (this.#isLeaving(name)) sim.advance(60_000);
    if (NAMES.some(name => this.#isLeaving(name))) return;
    this.wanted = next;
    const id = `d-${++this.#changes}`;
    const version = new Date(sim.nowMs + this.#changes).toISOString();
    const apps = NAMES.filter(name => next[name] !== undefined || sim.objects.has(name)).map(name => ({
      app: toAppId(`/${name}`),
      definition: next[name] && {...app(fieldsOf(name, next[name])), id: toAppId(`/${name}`)},
    }));
    sim.send({kind: 'plan-deployment', id, version, apps});
    for (const name of NAMES) {
      const fields = next[name];
      const stamp = {'marathon.mesos.dev/version': version, 'marathon.mesos.dev/deployment-id': id};
      if (fields !== undefined) sim.apply(name, fieldsOf(name, fields), stamp);
      else if (sim.objects.has(name)) sim.delete(name);
    }
    sim.send({kind: 'plan-written', id, failed: []});
  }

  #isLeaving(name: Name): boolean {
    return this.sim.objects.get(name)?.metadata.deletionTimestamp !== undefined;
  }

  problem(): string | undefined {
    const {sim} = this;
    if (sim.problems.length > 0) return sim.problems.join();
    if (sim.state.deployments.size > 0) return 'a deployment does not end';
    if (sim.deployments.size > 0) return 'the object of a deployment stays';
    if (sim.state.locks.size > 0) return 'an app stays locked';
    for (const name of NAMES) {
      const tasks = [...sim.tasks.values()].filter(({info}) => info.name === name);
      const {instances = 0} = this.wanted[name] ?? {};
      if (tasks.length !== instances) return `${tasks.length} tasks of ${name} run, ${instances} are wanted`;
      if (sim.objects.has(name) !== (this.wanted[name] !== undefined)) return `${name} should be gone`;
    }
    return undefined;
  }
}

test('after any history of planned changes each deployment has ended, and what is wanted runs', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.integer({min: 1}), fc.array(act, {maxLength: 12}), (seed, acts) => {
        const play = new Play(seed);
        for (const step of acts) play.do(step);
        play.sim.advance(400_000);
        const problem = play.problem();
        if (problem !== undefined) throw new Error(problem);
      }),
      {numRuns: 100},
    );
  });
});
