import test from 'ava';
import fc from 'fast-check';
import {allocateInSlices} from '../../../src/controller/mesos/core/offers/allocate.ts';
import type {Command} from '../../../src/controller/mesos/core/commands.ts';
import type {Effect} from '../../../src/controller/mesos/core/effects.ts';
import {step} from '../../../src/controller/mesos/core/step.ts';
import {Owner} from '../../../src/controller/runtime/owner.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {seeded} from '../../allocator/cluster.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';
import {agentRecord, launchOf, task, World} from './core/world.ts';

type Timed = {readonly command: Command; readonly nowMs: number};

const FRAMEWORKS = ['M-0000', 'M-0001', 'M-0002', 'M-0003'];

/** Remembers what its master was told. */
class RecordedWorld extends World {
  readonly told: Timed[] = [];

  override do(command: Command): void {
    this.told.push({command, nowMs: this.nowMs});
    super.do(command);
  }
}

type Op = {
  readonly kind: 'allocate' | 'decline' | 'accept' | 'revive' | 'suppress' | 'agent' | 'lose';
  readonly n: number;
};
const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom('allocate', 'allocate', 'decline', 'accept', 'accept', 'revive', 'suppress', 'agent', 'lose'),
  n: fc.nat(9),
});

/** What a master is told in some history of a small cluster. */
function record(ops: readonly Op[], seed: number): readonly Timed[] {
  const world = new RecordedWorld({}, seeded(seed));
  for (const i of FRAMEWORKS.keys()) world.subscribe({roles: [`r${i % 3}`], capabilities: [{type: 'MULTI_ROLE'}]});
  for (let i = 0; i < 5; i++) world.addAgent(agentRecord(i));
  world.do({kind: 'allocate', periodic: false});
  for (const {kind, n} of ops) {
    world.nowMs += 300;
    const which = n % FRAMEWORKS.length;
    const framework_id = {value: FRAMEWORKS[which] ?? ''};
    const [offer] = world.master.frameworks.values().toArray()[which]?.offers.values() ?? [];
    const ids = offer === undefined ? [] : [{value: offer.id}];
    if (kind === 'allocate') world.do({kind, periodic: n > 2});
    if (kind === 'decline')
      world.call({framework_id, type: 'DECLINE', decline: {offer_ids: ids, filters: {refuse_seconds: n}}});
    if (kind === 'accept' && offer !== undefined) {
      const operations = [launchOf(task(`t${world.told.length}`, offer.agentId))];
      world.call({framework_id, type: 'ACCEPT', accept: {offer_ids: ids, operations, filters: {refuse_seconds: 0}}});
    }
    if (kind === 'revive') world.call({framework_id, type: 'REVIVE'});
    if (kind === 'suppress') world.call({framework_id, type: 'SUPPRESS'});
    if (kind === 'agent') world.addAgent(agentRecord(n));
    if (kind === 'lose') world.loseAgent(`S${n}`, 'unreachable');
  }
  return world.told;
}

/** In one go. */
function atOnce(told: readonly Timed[], seed: number): Effect[] {
  const {master} = new World({}, seeded(seed));
  return told.flatMap(({command, nowMs}) => [...step(master, command, nowMs)]);
}

/** Runs stop after each agent; what comes meanwhile waits. @param arrivals how much comes in the pauses, one after the other */
async function inSlices(
  told: readonly Timed[],
  seed: number,
  arrivals: readonly number[],
): Promise<{effects: Effect[]; pauses: number}> {
  const {master} = new World({}, seeded(seed), 1);
  const effects: Effect[] = [];
  const resumes: (() => void)[] = [];
  const clock = new VirtualClock();
  const owner = new Owner<typeof master, Timed & {readonly kind: string}, Effect>({
    name: 'master',
    clock,
    log: silentLogger,
    begin: () => master,
    restore: async () => [],
    step: (_, {command, nowMs}) => {
      if (command.kind !== 'allocate') return step(master, command, nowMs);
      return allocateInSlices(master, command.periodic ? 'periodic' : 'events', nowMs);
    },
    perform: slice => {
      effects.push(...slice);
      clock.stall(20);
    },
    subjectOf: () => undefined,
    letGo: () => Promise.resolve(),
    onFatal: reason => {
      throw new Error(reason);
    },
    pause: resume => resumes.push(resume),
  });
  await owner.start();
  let [next, pauses] = [0, 0];
  while (next < told.length || resumes.length > 0) {
    const come = resumes.length === 0 ? 1 : (arrivals[pauses % arrivals.length] ?? 0);
    for (const one of told.slice(next, next + come)) owner.post({...one, kind: one.command.kind});
    next += come;
    const resume = resumes.shift();
    if (resume === undefined) continue;
    pauses++;
    resume();
  }
  return {effects, pauses};
}

test('a run in slices decides what a run in one go decides, whatever comes in the pauses', async t => {
  let paused = 0;
  const arbitrary = [
    fc.array(op, {maxLength: 60, size: 'max'}),
    fc.integer(),
    fc.array(fc.nat(3), {minLength: 1}),
  ] as const;
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(...arbitrary, async (ops, seed, arrivals) => {
        const told = record(ops, seed);
        const {effects, pauses} = await inSlices(told, seed, arrivals);
        paused += pauses;
        return JSON.stringify(effects) === JSON.stringify(atOnce(told, seed));
      }),
      {numRuns: 100},
    ),
  );
  t.true(paused > 1000, `only ${paused} pauses`);
});
