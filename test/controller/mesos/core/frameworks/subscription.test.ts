import test from 'ava';
import {toFrameworkId} from '../../../../../src/allocator/ids.ts';
import {frameworkObjectName} from '../../../../../src/controller/mesos/core/frameworks/object-name.ts';
import {toStreamId} from '../../../../../src/controller/mesos/core/ids.ts';
import {reportedState} from '../../../../../src/controller/mesos/core/tasks/statuses.ts';
import {agentRecord, launchOf, oneOffer, oneTask, task, World} from '../world.ts';

const MULTI = {capabilities: [{type: 'MULTI_ROLE' as const}]};
const EXISTS = {selector: {pseudoattribute_type: 'HOSTNAME'}, predicate: {exists: {}}} as const;

test('a first subscription gets an id, and SUBSCRIBED before anything else', t => {
  const world = new World();
  world.addAgent(agentRecord(0));
  const stream = world.subscribe();
  world.allocate();
  const [first, second] = world.take(stream);
  t.deepEqual(first, {
    type: 'SUBSCRIBED',
    subscribed: {
      framework_id: {value: 'M-0000'},
      heartbeat_interval_seconds: 15,
      master_info: {id: 'M', ip: 16777343, port: 5050},
    },
  });
  t.is(second?.type, 'OFFERS');
});

test('nothing is said before the framework is saved', t => {
  const world = new World();
  world.holdSaves = true;
  const stream = world.subscribe();
  t.deepEqual(world.take(stream), []);
  const [save] = world.saves;
  if (save !== undefined) world.saved(save);
  t.is(world.take(stream)[0]?.type, 'SUBSCRIBED');
});

test('a framework that cannot be saved hears why, and its id is free again', t => {
  const world = new World();
  world.holdSaves = true;
  const stream = world.subscribe();
  const saveId = world.saves[0]?.saveId ?? -1;
  world.do({kind: 'framework-not-saved', frameworkId: toFrameworkId('M-0000'), saveId, message: 'too large'});
  t.deepEqual(world.take(stream), [{type: 'ERROR', error: {message: 'Failed to save the framework: too large'}}]);
  t.true(world.closed.has(stream));
  t.is(world.master.frameworks.size, 0);
});

test('a connection that ends while the framework is saved leaves it disconnected', t => {
  const world = new World();
  world.holdSaves = true;
  const stream = world.subscribe();
  world.disconnect(stream);
  const [save] = world.saves;
  if (save !== undefined) world.saved(save);
  const {streamId, failoverDeadlineMs} = world.framework('M-0000');
  t.is(streamId, undefined);
  t.is(failoverDeadlineMs, world.nowMs + 60_000);
});

const refused = {
  'a role with a space': [{...MULTI, roles: ['a b']}, {}],
  'the same role twice': [{...MULTI, roles: ['a', 'a']}, {}],
  'role and MULTI_ROLE': [{...MULTI, role: 'a'}, {}],
  'roles without MULTI_ROLE': [{roles: ['a']}, {}],
  'a suppressed role that is not its own': [{...MULTI, roles: ['a']}, {suppressed_roles: ['b']}],
  'a failover timeout beyond 292 years': [{failover_timeout: 1e300}, {}],
  'offer constraints for a foreign role': [
    {...MULTI, roles: ['a']},
    {offer_constraints: {role_constraints: {b: {groups: [{attribute_constraints: [EXISTS]}]}}}},
  ],
  'an offer filter for a foreign role': [{...MULTI, roles: ['a'], offer_filters: {b: {}}}, {}],
  'an offer filter of an amount below 0': [
    {offer_filters: {'*': {min_allocatable_resources: {quantities: [{quantities: {cpus: {value: -1}}}]}}}},
    {},
  ],
  'a failover timeout of 2^63 nanoseconds': [{failover_timeout: 2 ** 63 / 1e9}, {}],
  'an id of 256 characters': [{id: {value: 'x'.repeat(256)}}, {}],
  'an id with a slash': [{id: {value: 'a/b'}}, {}],
} as const;
for (const [title, [info, rest]] of Object.entries(refused)) {
  test(`refused on the stream: ${title}`, t => {
    const world = new World();
    const stream = world.subscribe(info, rest);
    t.deepEqual(
      world.take(stream).map(({type}) => type),
      ['ERROR'],
    );
    t.true(world.closed.has(stream));
    t.is(world.master.frameworks.size, 0);
  });
}

test('root is refused when the master does not want it; a whitelist refuses other roles', t => {
  const world = new World({rootSubmissions: false, roleWhitelist: new Set(['a'])});
  t.is(world.take(world.subscribe({user: 'root', role: 'a'}))[0]?.type, 'ERROR');
  t.is(world.take(world.subscribe({role: 'b'}))[0]?.type, 'ERROR');
  t.is(world.take(world.subscribe({role: 'a'}))[0]?.type, 'SUBSCRIBED');
});

test('a second session takes over: the old hears so, its offers come back without RESCIND and without filter', t => {
  const {world, stream} = oneOffer();
  const second = world.subscribe({id: {value: 'M-0000'}});
  t.deepEqual(world.take(stream), [{type: 'ERROR', error: {message: 'Framework failed over'}}]);
  t.true(world.closed.has(stream));
  t.is(world.take(second)[0]?.type, 'SUBSCRIBED');
  world.allocate();
  t.is(world.takeOffers(second).length, 1);
  t.is(world.master.offers.size, 1);
});

test('the old connection ending later changes nothing for the new session', t => {
  const {world, stream} = oneOffer();
  const second = world.subscribe({id: {value: 'M-0000'}});
  world.disconnect(stream);
  t.is(world.framework('M-0000').streamId as string | undefined, second);
});

test('disconnected: offers withdrawn, tasks kept until the failover timeout, then all removed', t => {
  const {world, stream} = oneTask();
  world.disconnect(stream);
  world.pass(59_000);
  t.is(world.framework('M-0000').tasks.size, 1);
  world.pass(1000);
  t.false(world.master.frameworks.has(toFrameworkId('M-0000')));
  t.deepEqual(world.deletedFrameworks, ['M-0000']);
  const [completed] = world.master.completedFrameworks;
  t.like(completed?.completedTasks[0]?.statuses.at(-1), {
    state: 'TASK_KILLED',
    source: 'SOURCE_MASTER',
    reason: 'REASON_FRAMEWORK_REMOVED',
  });
});

test('back in time: the task is still there, and what was not acknowledged is sent again', t => {
  const {world, stream, framework} = oneTask();
  world.disconnect(stream);
  world.pod('t', 'TASK_RUNNING');
  world.pass(30_000);
  const second = world.subscribe({id: {value: framework}});
  const [subscribed, update] = world.take(second);
  t.is(subscribed?.type, 'SUBSCRIBED');
  t.like(update, {type: 'UPDATE', update: {status: {state: 'TASK_STARTING'}}});
  world.pass(100_000);
  t.is(world.framework(framework).tasks.size, 1);
});

test('filters end with the session', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.call({
    type: 'DECLINE',
    framework_id: {value: framework},
    decline: {offer_ids: offers.map(({id}) => id), filters: {refuse_seconds: 1000}},
  });
  world.allocate();
  t.is(world.takeOffers(stream).length, 0);
  world.disconnect(stream);
  const second = world.subscribe({id: {value: framework}});
  world.allocate(false);
  t.is(world.takeOffers(second).length, 1);
});

test('TEARDOWN: stream closed, pods killed, resources back only when they ended, id never usable again', t => {
  const {world, stream, framework} = oneTask();
  world.call({type: 'TEARDOWN', framework_id: {value: framework}});
  t.true(world.closed.has(stream));
  t.is([...world.pods.values()][0]?.graceSeconds, 3);
  t.is(world.free(0).scalar('cpus'), 3);
  world.pod('t', 'TASK_KILLED', {deleted: true});
  t.is(world.free(0).scalar('cpus'), 4);
  t.is(world.pods.size, 0);
  const again = world.subscribe({id: {value: framework}});
  t.deepEqual(world.take(again), [{type: 'ERROR', error: {message: 'Framework has been removed'}}]);
});

test('an id that this master does not know is taken as given', t => {
  const world = new World();
  const stream = world.subscribe({id: {value: 'earlier-0007'}});
  t.like(world.take(stream)[0], {type: 'SUBSCRIBED', subscribed: {framework_id: {value: 'earlier-0007'}}});
});

test('resubscribed: user and checkpoint stay, name and roles are as said now; offers of roles left are void', t => {
  const world = new World();
  const stream = world.subscribe({...MULTI, roles: ['a', 'b'], user: 'u', name: 'old'});
  world.take(stream);
  world.subscribe({...MULTI, roles: ['b'], user: 'v', name: 'new', checkpoint: true, id: {value: 'M-0000'}});
  t.like(world.framework('M-0000').info, {user: 'u', name: 'new', checkpoint: false, roles: ['b']});
});

test('UPDATE_FRAMEWORK: stream and offers stay, offers of roles left are rescinded', t => {
  const world = new World();
  const stream = world.subscribe({...MULTI, roles: ['a']});
  world.addAgent(agentRecord(0));
  world.allocate();
  const [offer] = world.takeOffers(stream);
  const framework_info = {user: 'u', name: 'f', ...MULTI, roles: ['b'], id: {value: 'M-0000'}};
  world.call({type: 'UPDATE_FRAMEWORK', framework_id: {value: 'M-0000'}, update_framework: {framework_info}});
  t.deepEqual(world.take(stream), [{type: 'RESCIND', rescind: {offer_id: {value: offer?.id.value ?? ''}}}]);
  world.allocate();
  t.is(world.takeOffers(stream)[0]?.allocation_info?.role, 'b');
});

test('SUPPRESS stops new offers and keeps old ones; REVIVE asks for offers at once, filters or not', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.call({type: 'SUPPRESS', framework_id: {value: framework}});
  t.is(world.master.offers.size, 1);
  world.accept(framework, offers, [], 1000);
  world.allocate();
  t.is(world.takeOffers(stream).length, 0);
  world.call({type: 'REVIVE', framework_id: {value: framework}});
  t.is(world.effects.at(-1)?.kind, 'schedule-allocation');
  world.allocate(false);
  t.is(world.takeOffers(stream).length, 1);
});

test('SUPPRESS with a role that is not subscribed is dropped as a whole', t => {
  const {world, framework} = oneOffer();
  world.call({type: 'SUPPRESS', framework_id: {value: framework}, suppress: {roles: ['*', 'x']}});
  t.is(world.framework(framework).suppressedRoles.size, 0);
});

test('completed frameworks are remembered up to a limit', t => {
  const world = new World({maxCompletedFrameworks: 2});
  for (let i = 0; i < 3; i++) world.disconnect(world.subscribe({failover_timeout: 0}));
  t.deepEqual(
    world.master.completedFrameworks.map(({id}) => id as string),
    ['M-0001', 'M-0002'],
  );
});

test('a framework removed while a task is launched twice over two offers leaves nothing behind', t => {
  const {world, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('a', 'S0'), task('b', 'S0'))]);
  world.do({kind: 'teardown', frameworkId: toFrameworkId(framework)});
  world.pod('a', 'TASK_KILLED');
  world.pod('b', 'TASK_FINISHED');
  t.deepEqual(world.leftovers(), []);
  t.is(world.free(0).scalar('cpus'), 4);
});

test('a negative failover timeout waits for the framework as long as it takes', t => {
  const world = new World();
  const stream = world.subscribe({failover_timeout: -1});
  world.disconnect(stream);
  world.pass(1e12);
  t.false(world.framework('M-0000').failoverDeadlineMs === undefined);
  t.is(world.master.completedFrameworks.length, 0);
  world.subscribe({id: {value: 'M-0000'}, failover_timeout: 0});
  t.not(world.framework('M-0000').streamId, undefined);
});

test('a subscription that drops a role has its offers rescinded, others are void without a word', t => {
  const world = new World();
  const capabilities = [{type: 'MULTI_ROLE' as const}];
  const stream = world.subscribe({roles: ['a', 'b'], capabilities});
  world.addAgent(agentRecord(0));
  world.addAgent(agentRecord(1));
  world.allocate();
  const offers = world.takeOffers(stream);
  const ofB = offers.filter(({allocation_info}) => allocation_info?.role === 'b').map(({id}) => id.value);
  t.is(ofB.length, 1);
  world.subscribe({id: {value: 'M-0000'}, roles: ['a'], capabilities});
  const rescinded = world
    .take(stream)
    .flatMap(event => (event.type === 'RESCIND' ? [event.rescind.offer_id.value] : []));
  t.deepEqual(rescinded, ofB);
});

const accepted = {
  'a failover timeout just below 2^63 nanoseconds': {failover_timeout: 2 ** 63 / 1e9 - 1},
  'an offer filter of nothing': {
    offer_filters: {'*': {min_allocatable_resources: {quantities: [{quantities: {cpus: {value: 0}}}]}}},
  },
  'an id of 255 characters': {id: {value: 'x'.repeat(255)}},
};
for (const [title, info] of Object.entries(accepted)) {
  test(`taken: ${title}`, t => {
    const world = new World();
    t.is(world.take(world.subscribe(info))[0]?.type, 'SUBSCRIBED');
  });
}

test('the name of its object is the id, or a hash where Kubernetes takes no such name', t => {
  const name = (id: string): string => frameworkObjectName(toFrameworkId(id));
  t.is(name('a-0.b'), 'a-0.b');
  t.is(name('x'.repeat(253)), 'x'.repeat(253));
  for (const id of ['x'.repeat(254), 'A', 'a_b', '-a', 'a.']) t.regex(name(id), /^framework-[0-9a-f]{32}$/);
  t.not(name('A'), name('B'));
});

test('another principal does not get a framework that is known', t => {
  const world = new World();
  world.disconnect(world.subscribe({principal: 'p'}));
  const stranger = world.subscribe({id: {value: 'M-0000'}, principal: 'q'});
  t.like(world.take(stranger)[0], {error: {message: "Changing the framework's principal is not allowed"}});
  t.is(world.take(world.subscribe({id: {value: 'M-0000'}, principal: 'p'}))[0]?.type, 'SUBSCRIBED');
});

test('what an old session says after its end is heard by nobody', t => {
  const world = new World();
  const first = world.subscribe();
  const second = world.subscribe({id: {value: 'M-0000'}});
  t.deepEqual([...world.master.streams.keys()].map(String), [second]);
  world.disconnect(first);
  t.is(world.framework('M-0000').streamId, toStreamId(second));
});

test('only so many removed frameworks are remembered, the latest ones', t => {
  const world = new World({maxCompletedFrameworks: 2});
  for (const name of ['a', 'b', 'c']) {
    const id = `M-000${world.master.nextFramework}`;
    world.subscribe({name});
    world.do({kind: 'teardown', frameworkId: toFrameworkId(id)});
  }
  t.deepEqual(
    world.master.completedFrameworks.map(({info}) => info.name),
    ['b', 'c'],
  );
});

test('tasks of a removed framework are recorded as killed', t => {
  const {world, framework} = oneTask();
  world.do({kind: 'teardown', frameworkId: toFrameworkId(framework)});
  const [removed] = world.master.completedFrameworks;
  t.deepEqual(removed?.completedTasks.map(reportedState), ['TASK_KILLED']);
});

test('REVIVE without roles is for all that are suppressed, with roles for these', t => {
  const world = new World();
  const info = {...MULTI, roles: ['a', 'b', 'c']};
  world.subscribe(info, {suppressed_roles: ['a', 'b']});
  const suppressed = () => [...world.framework('M-0000').suppressedRoles];
  const framework_id = {value: 'M-0000'};
  world.call({type: 'REVIVE', framework_id, revive: {roles: ['a']}});
  t.deepEqual(suppressed(), ['b']);
  world.call({type: 'SUPPRESS', framework_id, suppress: {roles: ['c']}});
  t.deepEqual(suppressed(), ['b', 'c']);
  world.call({type: 'REVIVE', framework_id});
  t.deepEqual(suppressed(), []);
  world.call({type: 'SUPPRESS', framework_id});
  t.deepEqual(suppressed(), ['a', 'b', 'c']);
  world.call({type: 'REVIVE', framework_id, revive: {roles: ['a', 'foreign']}});
  t.deepEqual(suppressed(), ['a', 'b', 'c'], 'one wrong role makes the whole call void');
});

test('a framework knows when it came back, if it did', t => {
  const world = new World();
  world.subscribe();
  t.is(world.framework('M-0000').reregisteredMs, undefined);
  world.pass(1000);
  world.subscribe({id: {value: 'M-0000'}});
  t.is(world.framework('M-0000').reregisteredMs, world.nowMs);
});

test('what is saved of a framework after its removal is deleted again; of others nothing is', t => {
  const world = new World();
  world.subscribe();
  world.holdSaves = true;
  world.subscribe({id: {value: 'M-0000'}});
  const [save] = world.saves;
  if (save === undefined) return t.fail();
  world.do({kind: 'teardown', frameworkId: save.frameworkId});
  t.deepEqual(world.deletedFrameworks, ['M-0000']);
  world.saved(save);
  t.deepEqual(world.deletedFrameworks, ['M-0000', 'M-0000']);
  world.saved({...save, frameworkId: toFrameworkId('M-0009')});
  t.is(world.deletedFrameworks.length, 2);
});
