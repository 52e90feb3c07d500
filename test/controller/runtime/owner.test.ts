import test from 'ava';
import {Owner} from '../../../src/controller/runtime/owner.ts';
import type {Fault, OwnerOptions} from '../../../src/controller/runtime/owner-options.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {blame} from '../../../src/lib/blame.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

/** Adds a number to the sum of an object; `poison` throws half-way, `sums` is a step in slices. */
type Command =
  | {readonly kind: 'add'; readonly name: string; readonly amount: number; readonly version?: string}
  | {readonly kind: 'poison'; readonly name: string; readonly version: string}
  | {readonly kind: 'inner'; readonly name: string}
  | {readonly kind: 'tick'}
  | {readonly kind: 'slices'; readonly parts: number};
type State = Map<string, number>;

const add = (name: string, amount: number): Command => ({kind: 'add', name, amount});

function* inParts(state: State, parts: number, pause: () => void): Generator<readonly string[], readonly string[]> {
  for (let part = 1; part < parts; part++) {
    state.set('parts', part);
    pause();
    yield [`part ${part}`];
  }
  return ['end'];
}

function owned(options: Partial<OwnerOptions<State, Command, string>> = {}, objects: Command[] = [add('a', 1)]) {
  const clock = new VirtualClock();
  const deeds: string[] = [];
  const faults: Fault[] = [];
  const fatal: string[] = [];
  const owner: Owner<State, Command, string> = new Owner<State, Command, string>({
    name: 'sums',
    clock,
    log: silentLogger,
    begin: () => new Map(),
    restore: async () => objects,
    step: (state, command) => {
      switch (command.kind) {
        case 'add':
          state.set(command.name, (state.get(command.name) ?? 0) + command.amount);
          return [`${command.name}=${state.get(command.name)}`];
        case 'poison':
          state.set('a', -1);
          throw new Error('poisoned');
        case 'inner':
          return blame({kind: 'Sum', name: command.name}, () => {
            throw new Error('within');
          });
        case 'tick':
          throw new Error('nobody');
        case 'slices':
          return inParts(state, command.parts, () => clock.stall(20));
      }
    },
    perform: effects => deeds.push(...effects),
    subjectOf: command =>
      'name' in command && command.kind !== 'inner'
        ? {kind: 'Sum', name: command.name, ...('version' in command && {version: command.version})}
        : undefined,
    letGo: async () => void deeds.push('let go'),
    onFault: fault => faults.push(fault),
    onFatal: reason => fatal.push(reason),
    ...options,
  });
  return {clock, deeds, faults, fatal, objects, owner};
}

test('serves once everything that was read is handled', async t => {
  const served: number[] = [];
  const {owner, deeds} = owned({onServing: () => served.push(deeds.length)}, [add('a', 1), add('b', 2)]);
  t.is(owner.phase, 'recovering');
  await owner.start();
  t.is(owner.phase, 'serving');
  t.deepEqual(served, [2]);
  t.deepEqual(owner.state, new Map([['a', 1], ['b', 2]])); // prettier-ignore
});

test('what is posted before the state is read is dropped, since it is read afterwards', async t => {
  const {owner} = owned();
  t.is(owner.post(add('a', 5)), 'not serving');
  await owner.start();
  t.is(owner.state?.get('a'), 1);
});

test('a command that is posted by another waits for its end', async t => {
  const {owner, deeds} = owned({
    perform: effects => {
      deeds.push(`begin ${effects[0]}`);
      if (effects[0] === 'a=2') owner.post(add('b', 1));
      deeds.push(`end ${effects[0]}`);
    },
  });
  await owner.start();
  owner.post(add('a', 1));
  t.deepEqual(deeds.slice(2), ['begin a=2', 'end a=2', 'begin b=1', 'end b=1']);
});

test('a throw leaves nothing half-changed: the state is dropped at once and read anew', async t => {
  const {owner, deeds, faults} = owned();
  await owner.start();
  t.is(owner.post({kind: 'poison', name: 'p', version: '1'}), 'poisoned');
  t.is(owner.state, undefined);
  t.is(owner.phase, 'recovering');
  await settle();
  t.is(owner.phase, 'serving');
  t.deepEqual(owner.state, new Map([['a', 1]]));
  t.deepEqual(deeds, ['a=1', 'let go', 'a=1']);
  t.deepEqual(faults, [
    {
      command: 'poison',
      subject: {kind: 'Sum', name: 'p', version: '1'},
      message: 'poisoned',
      setAside: false,
    },
  ]);
});

test('commands that waited behind the one that threw are not handled', async t => {
  const {owner} = owned({}, []);
  await owner.start();
  const post = owner.post.bind(owner);
  post({kind: 'poison', name: 'p', version: '1'});
  post(add('late', 1));
  await settle();
  t.deepEqual(owner.state, new Map());
});

test('an object that throws again is left out alone, and a change of it is tried', async t => {
  const {owner, clock, faults, objects} = owned({}, [
    add('a', 1),
    {kind: 'poison', name: 'p', version: '1'},
    add('b', 2),
  ]);
  void owner.start();
  await clock.advanceAsync(10_000);
  t.is(owner.phase, 'serving');
  t.deepEqual(owner.state, new Map([['a', 1], ['b', 2]])); // prettier-ignore
  t.deepEqual(
    faults.map(fault => fault.setAside),
    [false, true],
  );
  t.is(owner.post({kind: 'poison', name: 'p', version: '1'}), 'Sum p is set aside: poisoned');
  t.is(owner.phase, 'serving');
  objects[1] = {kind: 'add', name: 'p', amount: 7, version: '2'};
  t.is(owner.post(objects[1]), undefined);
  await settle();
  t.is(owner.state?.get('p'), 7);
});

test('a throw on behalf of one among many is blamed on that one', async t => {
  const {owner, clock, faults} = owned();
  await owner.start();
  for (let i = 0; i < 2; i++) {
    owner.post({kind: 'inner', name: 'a'});
    await clock.advanceAsync(1000);
  }
  t.deepEqual(faults.at(-1), {command: 'inner', subject: {kind: 'Sum', name: 'a'}, message: 'within', setAside: true});
  t.deepEqual(owner.state, new Map()); // without `a`
  t.is(owner.phase, 'serving');
});

test('throws that belong to nobody end the process after a few', async t => {
  const {owner, clock, fatal} = owned();
  await owner.start();
  for (let i = 0; i < 4; i++) {
    t.deepEqual(fatal, []);
    owner.post({kind: 'tick'});
    await clock.advanceAsync(1000);
  }
  t.deepEqual(fatal, ['the sums failed at tick again and again: nobody']);
});

test('what cannot be read is asked for again', async t => {
  let asked = 0;
  const {owner, clock} = owned({
    restore: async () => {
      if (asked++ < 3) throw new Error('no API server');
      return [add('a', 4)];
    },
  });
  void owner.start();
  await clock.advanceAsync(2000);
  t.is(owner.phase, 'serving');
  t.is(owner.state?.get('a'), 4);
});

test('a long command pauses, others wait for its end', async t => {
  const {owner, deeds} = owned();
  await owner.start();
  owner.post({kind: 'slices', parts: 3});
  owner.post(add('a', 1));
  t.is(owner.length, 1);
  t.deepEqual(deeds, ['a=1', 'part 1']);
  await settle();
  await settle();
  t.deepEqual(deeds, ['a=1', 'part 1', 'part 2', 'end', 'a=2']);
});

test('nothing of what a long command had left is done after a stop', async t => {
  const {owner, deeds} = owned();
  await owner.start();
  owner.post({kind: 'slices', parts: 3});
  owner.stop();
  await settle();
  t.deepEqual(deeds, ['a=1', 'part 1']);
  t.is(owner.phase, 'stopped');
});

test('whoever waits for a condition hears when it holds, that it took too long, or that the owner stopped', async t => {
  const {owner, clock} = owned();
  await owner.start();
  const isLarge = (): boolean => (owner.state?.get('a') ?? 0) > 2;
  const held = owner.until(isLarge, 1000);
  owner.post(add('a', 2));
  t.true(await held);
  const never = owner.until(() => false, 1000);
  clock.advance(1000);
  t.false(await never);
  const stopped = owner.until(() => false);
  owner.stop();
  t.false(await stopped);
});
