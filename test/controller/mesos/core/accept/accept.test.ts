import test from 'ava';
import type {FrameworkInfo, TaskInfo} from '../../../../../src/api/mesos/v1/common.ts';
import type {Operation} from '../../../../../src/api/mesos/v1/scheduler.ts';
import {agentRecord, cpusAndMem, fromWire, launchOf, oneOffer, oneTask, resources, task, World} from '../world.ts';

const AWARE: Partial<FrameworkInfo> = {capabilities: [{type: 'PARTITION_AWARE'}]};
const MULTI: Partial<FrameworkInfo> = {capabilities: [{type: 'MULTI_ROLE'}], roles: ['a', 'b']};

test('an offer has everything that is free on the agent, as its framework understands it', t => {
  const {offers} = oneOffer();
  t.is(offers.length, 1);
  const [offer] = offers;
  t.like(offer, {id: {value: 'M-O0'}, framework_id: {value: 'M-0000'}, agent_id: {value: 'S0'}, hostname: 'host-0'});
  t.true(fromWire(offer?.resources).equals(resources('cpus:4;mem:1024;ports:[31000-31009]')));
  t.is(offer?.allocation_info, undefined);
  t.is(offer?.resources?.[0]?.role, '*');
});

test('a MULTI_ROLE framework is told the role of an offer and of every resource in it', t => {
  const {offers} = oneOffer({}, MULTI);
  t.is(offers[0]?.allocation_info?.role, 'a');
  t.true(offers[0]?.resources?.every(({allocation_info}) => allocation_info?.role === 'a'));
});

test('a launched task becomes a pod; what is left of the offer comes back', t => {
  const {world, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('t', 'S0'))]);
  const launch = world.launchOf('t');
  t.is(launch.agent.nodeName, 'node-0');
  t.is(launch.frameworkUid, 'uid-M-0000');
  t.is(launch.info.resources?.[0]?.allocation_info?.role, '*');
  t.true(world.free(0).equals(resources('cpus:3;mem:924;ports:[31000-31009]')));
  t.is(world.master.offers.size, 0);
});

test('the rest is refused for five seconds when the framework does not say how long', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('t', 'S0'))]);
  world.pass(4000);
  world.allocate();
  t.is(world.takeOffers(stream).length, 0);
  world.pass(1000);
  world.allocate();
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
});

test('refuse_seconds 0 is no refusal', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [], 0);
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
});

test('an offer can be accepted once', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('t', 'S0'))]);
  world.accept(framework, offers, [launchOf(task('u', 'S0'))]);
  t.like(world.takeUpdates(stream)[0], {
    task_id: {value: 'u'},
    state: 'TASK_LOST',
    source: 'SOURCE_MASTER',
    reason: 'REASON_INVALID_OFFERS',
    message: 'Task launched with invalid offers: Offer M-O0 is no longer valid',
    uuid: undefined,
  });
  t.is(world.launched.length, 1);
});

test('a partition-aware framework is told TASK_DROPPED', t => {
  const {world, stream, framework} = oneOffer({}, AWARE);
  world.accept(framework, [], [launchOf(task('u', 'S0'))]);
  t.is(world.takeUpdates(stream)[0]?.state, 'TASK_DROPPED');
});

test('one invalid offer voids all: the valid ones come back without filter', t => {
  const {world, stream, framework, offers} = oneOffer();
  const [offer] = offers;
  if (offer === undefined) return t.fail();
  world.accept(framework, [offer, {...offer, id: {value: 'gone'}}], [launchOf(task('u', 'S0'))], 1000);
  t.is(world.takeUpdates(stream)[0]?.reason, 'REASON_INVALID_OFFERS');
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
});

test('an offer of somebody else stays with somebody else', t => {
  const {world, offers} = oneOffer();
  const thief = world.subscribe({name: 'thief'});
  world.accept('M-0001', offers, [launchOf(task('u', 'S0'))]);
  t.is(world.takeUpdates(thief)[0]?.reason, 'REASON_INVALID_OFFERS');
  t.is(world.master.offers.size, 1);
});

test('offers of two agents cannot be combined', t => {
  const world = new World();
  const stream = world.subscribe();
  world.addAgent(agentRecord(0));
  world.addAgent(agentRecord(1));
  world.allocate();
  world.accept('M-0000', world.takeOffers(stream), [launchOf(task('u', 'S0'))]);
  t.like(world.takeUpdates(stream)[0], {
    message: 'Task launched with invalid offers: Aggregated offers must be of one agent',
  });
});

test('two offers of one agent and role are one pool', t => {
  const world = new World();
  const stream = world.subscribe();
  world.addAgent(agentRecord(0));
  world.allocate();
  const first = world.takeOffers(stream);
  // Half is used and comes back later, so that a second offer of the same agent exists beside the first.
  world.accept('M-0000', first, [launchOf(task('t', 'S0', {resources: cpusAndMem(2, 500)}))], 0);
  world.allocate();
  const second = world.takeOffers(stream);
  world.pod('t', 'TASK_FINISHED');
  world.allocate();
  const third = world.takeOffers(stream);
  world.accept('M-0000', [...second, ...third], [launchOf(task('u', 'S0', {resources: cpusAndMem(4, 1024)}))]);
  t.is(world.launchOf('u').taskId as string, 'u');
});

const bad: Readonly<Record<string, readonly [Partial<TaskInfo>, string]>> = {
  'an id with a slash': [{task_id: {value: 'a/b'}}, "Invalid task ID: 'a/b' contains invalid characters"],
  'another agent': [{agent_id: {value: 'S9'}}, 'Task uses invalid agent S9 while agent S0 is expected'],
  'an HTTP check without its body': [
    {health_check: {type: 'HTTP'}},
    "Task uses invalid health check: Expecting 'http' to be set for a HTTP check",
  ],
  'a check with the wrong path': [
    {check: {type: 'HTTP', http: {port: 1, path: 'x'}}},
    "Task uses invalid check: The path 'x' must start with '/'",
  ],
  'a check over another scheme': [
    {check: {type: 'HTTP', http: {port: 1, scheme: 'ftp'}} as TaskInfo['check']},
    "Task uses invalid check: Unsupported HTTP scheme 'ftp'",
  ],
  'a check with two bodies': [
    {check: {type: 'TCP', tcp: {port: 1}, http: {port: 1}}},
    "Task uses invalid check: 'http' must not be set for a TCP check",
  ],
  'a check without a type': [{check: {tcp: {port: 1}}}, "Task uses invalid check: 'type' must be COMMAND, HTTP or TCP"],
  'a check with a time below 0': [
    {check: {type: 'TCP', tcp: {port: 1}, interval_seconds: -1}},
    "Task uses invalid check: 'interval_seconds' must be non-negative",
  ],
  'a grace period below 0': [
    {health_check: {type: 'TCP', tcp: {port: 1}, grace_period_seconds: -1}},
    "Task uses invalid health check: 'grace_period_seconds' must be non-negative",
  ],
  'a time to kill below 0': [
    {kill_policy: {grace_period: {nanoseconds: -1}}},
    "Task's 'kill_policy.grace_period' must be non-negative",
  ],
  'a longest time below 0': [
    {max_completion_time: {nanoseconds: -1}},
    "Task's 'max_completion_time' must be non-negative",
  ],
  'a Mesos container with docker': [
    {container: {type: 'MESOS', docker: {image: 'x'}}},
    "MESOS container must not have 'docker'",
  ],
  'an image of appc': [{container: {type: 'MESOS', mesos: {image: {type: 'APPC'}}}}, 'APPC images are not supported'],
  'two volumes at one place': [
    {
      container: {
        type: 'MESOS',
        volumes: ['a', 'b', 'a'].map(container_path => ({container_path, mode: 'RW' as const})),
      },
    },
    "Two volumes at 'a'",
  ],
  'a volume without a place': [
    {container: {type: 'MESOS', volumes: [{container_path: '', mode: 'RW'}]}},
    'Volume must have a container_path',
  ],
  'the same resource revocable and not': [
    {
      resources: [
        {name: 'mem', type: 'SCALAR', scalar: {value: 1}},
        {name: 'cpus', type: 'SCALAR', scalar: {value: 1}},
        {name: 'cpus', type: 'SCALAR', scalar: {value: 1}, revocable: {}},
      ],
    },
    "Cannot use both revocable and non-revocable 'cpus'",
  ],
  'revocable resources that were not offered': [
    {resources: [{name: 'cpus', type: 'SCALAR', scalar: {value: 1}, revocable: {}}]},
    'Task uses more resources cpus:1 than available cpus:4;mem:1024;ports:[31000-31009]',
  ],
  'a secret variable without its secret': [
    {command: {value: 'x', environment: {variables: [{name: 'A', type: 'SECRET'}]}}},
    "Environment variable 'A' of type SECRET must have a secret",
  ],
  'no resources': [{resources: []}, 'Task uses no resources'],
  'half a GPU': [
    {resources: [{name: 'gpus', type: 'SCALAR', scalar: {value: 0.5}}]},
    "The 'gpus' resource must be a whole number",
  ],
  'resources of another role': [
    {resources: [{name: 'cpus', type: 'SCALAR', scalar: {value: 1}, allocation_info: {role: 'x'}}]},
    "Resource 'cpus' is allocated to role 'x', the offer to '*'",
  ],
  'a shell command without a command': [{command: {}}, 'Shell command must have a value'],
  'a variable without a value': [
    {command: {value: 'x', environment: {variables: [{name: 'A'}]}}},
    "Environment variable 'A' of type VALUE must have a value",
  ],
  'a Docker container without docker': [{container: {type: 'DOCKER'}}, "DOCKER container must have 'docker'"],
  'a limit below the request': [{limits: {mem: {value: 1}}}, "The limit on 'mem' is below what the task requests"],
  'a limit on disk': [{limits: {disk: {value: 1}}}, "Limit on 'disk' is not supported, only on 'cpus' and 'mem'"],
  'neither command nor executor': [
    {command: undefined},
    "Task must have either 'command' or 'executor', not both or neither",
  ],
  'more than was offered': [
    {resources: cpusAndMem(5, 1)},
    'Task uses more resources cpus:5;mem:1 than available cpus:4;mem:1024;ports:[31000-31009]',
  ],
};
for (const [title, [rest, message]] of Object.entries(bad)) {
  test(`TASK_ERROR, and the others launch: ${title}`, t => {
    const {world, stream, framework, offers} = oneOffer();
    world.accept(framework, offers, [launchOf(task('bad', 'S0', rest), task('good', 'S0'))]);
    const [update] = world.takeUpdates(stream);
    t.like(update, {state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message, uuid: undefined});
    t.deepEqual(
      world.launched.map(({taskId}) => taskId as string),
      ['good'],
    );
  });
}

test('an id is taken until the end of its task was acknowledged', t => {
  const {world, stream, framework} = oneTask();
  const relaunch = () => {
    world.pass(1_000_000_000);
    world.allocate();
    world.allocate();
    world.accept(framework, world.takeOffers(stream), [launchOf(task('t', 'S0'))], 0);
    return world.takeUpdates(stream);
  };
  world.pod('t', 'TASK_FINISHED');
  const [finished] = world.takeUpdates(stream);
  t.is(relaunch()[0]?.message, 'Task has duplicate ID: t');
  if (finished !== undefined) world.acknowledge(framework, finished);
  relaunch();
  t.is(world.launched.length, 2);
});

test('the second of two tasks must do with what the first left', t => {
  const {world, stream, framework, offers} = oneOffer();
  const half = {resources: cpusAndMem(3, 100)};
  world.accept(framework, offers, [launchOf(task('a', 'S0', half)), launchOf(task('b', 'S0', half))]);
  t.is(world.takeUpdates(stream)[0]?.task_id.value, 'b');
  t.is(world.free(0).scalar('cpus'), 1);
});

const dropped: Readonly<Record<string, readonly [Operation, string]>> = {
  'with an id: OPERATION_ERROR': [{type: 'RESERVE', id: {value: 'op'}, reserve: {}}, 'UPDATE_OPERATION_STATUS'],
  'without an id: nothing': [{type: 'RESERVE', reserve: {}}, ''],
  'a task group: TASK_ERROR for each task': [
    {
      type: 'LAUNCH_GROUP',
      launch_group: {executor: {executor_id: {value: 'e'}}, task_group: {tasks: [task('g', 'S0')]}},
    },
    'UPDATE',
  ],
};
for (const [title, [operation, want]] of Object.entries(dropped)) {
  test(`an operation that is not supported is dropped, the next is done: ${title}`, t => {
    const {world, stream, framework, offers} = oneOffer();
    world.accept(framework, offers, [operation, launchOf(task('t', 'S0'))]);
    t.is(world.take(stream)[0]?.type ?? '', want);
    t.is(world.launched.length, 1);
  });
}

test('LAUNCH with an operation id is an error of its tasks', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [{...launchOf(task('t', 'S0')), id: {value: 'op'}}]);
  t.is(world.takeUpdates(stream)[0]?.state, 'TASK_ERROR');
});

test('an offer that is too old is rescinded, and made again', t => {
  const {world, stream} = oneOffer({offerTimeoutMs: 10_000});
  world.pass(9_999);
  t.deepEqual(world.take(stream), []);
  world.pass(1);
  t.deepEqual(world.take(stream), [{type: 'RESCIND', rescind: {offer_id: {value: 'M-O0'}}}]);
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
});

test('new weights void all offers, if anybody is subscribed to the role', t => {
  const {world, stream} = oneOffer();
  world.wish({role: 'nobody', weight: 2});
  t.deepEqual(world.take(stream), []);
  world.wish({role: '*', weight: 2});
  t.is(world.take(stream)[0]?.type, 'RESCIND');
});

test('declining what is unknown, or of somebody else, changes nothing', t => {
  const {world, offers} = oneOffer();
  world.subscribe({name: 'other'});
  world.call({
    type: 'DECLINE',
    framework_id: {value: 'M-0001'},
    decline: {offer_ids: [{value: 'x'}, ...offers.map(({id}) => id)]},
  });
  t.is(world.master.offers.size, 1);
});

const bodies = {COMMAND: {command: {value: 'true'}}, HTTP: {http: {port: 1}}, TCP: {tcp: {port: 1}}} as const;
for (const type of ['COMMAND', 'HTTP', 'TCP'] as const) {
  test(`a health check whose body says so is of type ${type}`, t => {
    const {world, framework, offers} = oneOffer();
    world.accept(framework, offers, [launchOf(task('t', 'S0', {health_check: bodies[type]}))]);
    t.is(world.launchOf('t').info.health_check?.type, type);
  });
}

test('an id of 255 characters is taken, a longer one is not', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('x'.repeat(255), 'S0'), task('x'.repeat(256), 'S0'))]);
  t.is(world.takeUpdates(stream)[0]?.message, 'Invalid task ID: ID must not be longer than 255 bytes');
  t.is(world.launched.length, 1);
});

test('an offer names attributes, region and window of its agent, where there are some', t => {
  const world = new World();
  world.do({kind: 'domain', domain: {region: 'r', zone: 'z'}});
  const stream = world.subscribe();
  const attributes = [{name: 'rack', type: 'TEXT' as const, text: {value: 'r'}}];
  const domain = {fault_domain: {region: {name: 'r'}, zone: {name: 'z'}}};
  world.addAgent({...agentRecord(0), attributes, domain});
  world.addAgent(agentRecord(1));
  world.allocate();
  const offers = world.takeOffers(stream).toSorted((a, b) => (a.agent_id.value < b.agent_id.value ? -1 : 1));
  t.like(offers[0], {attributes, domain, hostname: 'host-0'});
  t.deepEqual(Object.keys(offers[1] ?? {}).toSorted(), [
    'agent_id',
    'framework_id',
    'hostname',
    'id',
    'resources',
    'url',
  ]);
});

test('offers that are sent are counted', t => {
  const {world} = oneOffer();
  t.deepEqual(
    world.effects.flatMap(effect => (effect.kind === 'count' && effect.counter === 'offers-sent' ? [effect.by] : [])),
    [1],
  );
});

test('limits of exactly what the task requests are good', t => {
  const {world, framework, offers} = oneOffer();
  const limits = {cpus: {value: 1}, mem: {value: 100}};
  world.accept(framework, offers, [launchOf(task('t', 'S0', {limits}))]);
  t.deepEqual(world.launchOf('t').info.limits, limits);
});
