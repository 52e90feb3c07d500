import test from 'ava';
import {eventually} from '../../../support/eventually.ts';
import {EventReader} from './event-stream.ts';
import {asJson, rest, type Json} from './rest.ts';

const has = (reader: EventReader, ...types: readonly string[]) =>
  eventually(types.join(), () => types.every(type => reader.types.includes(type)));

test('a reader hears first that it is attached, and others hear when it leaves', async t => {
  const system = await rest(t);
  const reader = await EventReader.open(system);
  await has(reader, 'event_stream_attached');
  t.like(reader.events[0], {type: 'event_stream_attached', data: {eventType: 'event_stream_attached'}});
  t.is(reader.events[0]?.data['remoteAddress'], '127.0.0.1');
  t.regex(String(reader.events[0]?.data['timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{3}Z$/);
  const other = await EventReader.open(system);
  await has(other, 'event_stream_attached');
  other.close();
  await has(reader, 'event_stream_detached');
  t.deepEqual(reader.types, ['event_stream_attached', 'event_stream_attached', 'event_stream_detached']);
});

test('the life of an app is told in order', async t => {
  const system = await rest(t);
  const reader = await EventReader.open(system);
  await system.run({id: '/prod/web', labels: {a: 'b'}});
  await has(reader, 'deployment_success');
  t.deepEqual(reader.types.slice(1), [
    'api_post_event',
    'group_change_success',
    'deployment_info',
    'deployment_step_success',
    'deployment_info',
    'instance_changed_event',
    'instance_changed_event',
    'instance_changed_event',
    'status_update_event',
    'deployment_step_success',
    'deployment_success',
  ]);
  await system.must('DELETE', '/v2/apps/prod/web');
  await system.cluster.pass(3000);
  await has(reader, 'app_terminated_event');
  t.deepEqual(reader.types.slice(12), [
    'group_change_success',
    'deployment_info',
    'instance_changed_event',
    'status_update_event',
    'deployment_step_success',
    'deployment_success',
    'app_terminated_event',
  ]);
  t.like(reader.of('app_terminated_event')[0], {appId: '/prod/web'});
});

test('each event has its fields', async t => {
  const system = await rest(t);
  const reader = await EventReader.open(system);
  const {version, deployments} = await system.run({id: '/prod/web', ports: [0]});
  await has(reader, 'deployment_success');
  const [task = {}] = await system.tasks('/v2/apps/prod/web/tasks');
  const [{id: deploymentId} = {id: undefined}] = [deployments].flat().map(asJson);
  const withoutTime = ({timestamp, ...event}: Json = {timestamp: ''}) => {
    t.regex(String(timestamp), /Z$/);
    return event;
  };
  const post = withoutTime(reader.of('api_post_event')[0]);
  t.like(post, {clientIp: '127.0.0.1', uri: '/v2/apps', appDefinition: {id: '/prod/web', version, instances: 1}});
  t.deepEqual(withoutTime(reader.of('group_change_success')[0]), {
    eventType: 'group_change_success',
    groupId: '/prod',
    version,
  });
  const steps = [
    {actions: [{action: 'StartApplication', app: '/prod/web'}]},
    {actions: [{action: 'ScaleApplication', app: '/prod/web'}]},
  ];
  const plan = {id: deploymentId, version, steps};
  t.deepEqual(withoutTime(reader.of('deployment_info')[1]), {
    eventType: 'deployment_info',
    plan,
    currentStep: steps[1],
  });
  t.deepEqual(withoutTime(reader.of('deployment_step_success')[0]), {
    eventType: 'deployment_step_success',
    plan,
    currentStep: steps[0],
  });
  t.deepEqual(withoutTime(reader.of('deployment_success')[0]), {
    eventType: 'deployment_success',
    id: deploymentId,
    plan,
  });
  t.deepEqual(withoutTime(reader.of('status_update_event')[0]), {
    eventType: 'status_update_event',
    slaveId: 'A',
    taskId: task['id'],
    taskStatus: 'TASK_RUNNING',
    message: '',
    appId: '/prod/web',
    host: 'node-a',
    ipAddresses: [],
    ports: task['ports'],
    version,
  });
  const changes = reader.of('instance_changed_event').map(withoutTime);
  t.deepEqual(
    changes.map(({condition}) => condition),
    ['Scheduled', 'Provisioned', 'Running'],
  );
  t.deepEqual(changes[2], {
    eventType: 'instance_changed_event',
    instanceId: String(task['id']).replace('._app.1', ''),
    condition: 'Running',
    runSpecId: '/prod/web',
    agentId: 'A',
    host: 'node-a',
    runSpecVersion: version,
  });
});

test('an update tells who asked; a scaling by a killed task, a restart and a deletion do not', async t => {
  const system = await rest(t);
  await system.run({id: 'web'});
  const reader = await EventReader.open(system);
  await system.must('PUT', '/v2/apps/web', {cmd: 'sleep 2'});
  await system.must('PATCH', '/v2/apps/web?force=true', {cmd: 'sleep 3'});
  await system.must('PUT', '/v2/apps?force=true', [{id: 'web', cmd: 'sleep 4'}]);
  await system.must('PUT', '/v2/apps?force=true', [{id: 'web', cmd: 'sleep 4'}]);
  await system.must('POST', '/v2/apps/web/restart?force=true');
  await system.must('DELETE', '/v2/apps/web');
  await system.cluster.pass(20_000);
  await has(reader, 'app_terminated_event');
  t.deepEqual(
    reader.of('api_post_event').map(({uri, appDefinition}) => [uri, asJson(appDefinition)['cmd']]),
    [
      ['/v2/apps/web', 'sleep 2'],
      ['/v2/apps/web?force=true', 'sleep 3'],
      ['/v2/apps?force=true', 'sleep 4'],
      ['/v2/apps?force=true', 'sleep 4'],
    ],
  );
});

test('a refused change is told as failed, and so is a deployment that another one cancels', async t => {
  const system = await rest(t);
  await system.run({id: '/prod/web', cpus: 100});
  const reader = await EventReader.open(system);
  t.is((await system.ask('PUT', '/v2/apps/prod/web', {body: {cpus: 200}})).status, 409);
  await has(reader, 'group_change_failed');
  const [failed] = reader.of('group_change_failed');
  t.like(failed, {groupId: '/prod'});
  t.regex(String(failed?.['reason']), /locked/);
  t.deepEqual(reader.of('api_post_event'), []);
  await system.must('PUT', '/v2/apps/prod/web?force=true', {cpus: 0.1});
  await has(reader, 'deployment_failed');
  t.regex(String(reader.of('deployment_failed')[0]?.['reason']), /^cancelled/);
  t.true(reader.types.indexOf('deployment_step_failure') < reader.types.indexOf('deployment_failed'));
});

test('a failed task is told with its condition, and so are the next ones of its instance', async t => {
  const system = await rest(t);
  await system.run({id: 'web', backoffSeconds: 0});
  const [task = {}] = await system.tasks('/v2/apps/web/tasks');
  const reader = await EventReader.open(system, '?event_type=instance_changed_event');
  system.cluster.master.report(String(task['id']), 'TASK_FAILED');
  await system.cluster.pass(8000);
  await eventually('it runs again', () => reader.events.length >= 4);
  t.deepEqual(
    reader.events.map(({data}) => data['condition']),
    ['Failed', 'Scheduled', 'Provisioned', 'Running'],
  );
});

test('checks are told when a definition with them comes into force, and when it goes', async t => {
  const system = await rest(t);
  const reader = await EventReader.open(
    system,
    '?event_type=add_health_check_event&event_type=remove_health_check_event',
  );
  const check = {protocol: 'COMMAND', command: {value: 'true'}};
  const {version} = await system.run({id: 'web', healthChecks: [check]});
  await has(reader, 'add_health_check_event');
  t.like(reader.events[0]?.data, {appId: '/web', version, healthCheck: check});
  await system.must('PUT', '/v2/apps/web?force=true', {healthChecks: []});
  await has(reader, 'remove_health_check_event');
  t.like(reader.events[1]?.data, {appId: '/web'});
});

test('only the events that were asked for are sent', async t => {
  const system = await rest(t);
  const query = '?event_type=deployment_info&event_type=deployment_success&plan-format=light';
  const reader = await EventReader.open(system, query);
  await system.run({id: 'web'});
  await has(reader, 'deployment_success');
  t.deepEqual([...new Set(reader.types)], ['deployment_info', 'deployment_success']);
});

test('a caller that takes no stream is refused', async t => {
  const system = await rest(t);
  for (const accept of ['application/json', '*/*']) {
    const {status, body} = await system.ask('GET', '/v2/events', {headers: {accept}});
    t.is(status, 405);
    t.deepEqual(body, {message: 'Method Not Allowed'});
  }
});

test('a quiet stream is kept alive', async t => {
  const system = await rest(t);
  const reader = await EventReader.open(system);
  await has(reader, 'event_stream_attached');
  await system.cluster.clock.advanceAsync(25_000);
  await eventually('comments', () => reader.text.split('\n').filter(line => line.startsWith(':')).length === 2);
  t.is(reader.types.length, 1);
});

test('a reader that comes back hears what it missed', async t => {
  const system = await rest(t);
  const first = await EventReader.open(system);
  await has(first, 'event_stream_attached');
  const [{id: lastId} = {id: ''}] = first.events;
  first.close();
  await eventually('it is gone', () => system.cluster.marathon.events.listeners === 0);
  await system.run({id: 'web'});
  const again = await EventReader.open(system, '', {'last-event-id': lastId});
  await has(again, 'deployment_success');
  t.deepEqual(again.types.slice(0, 4), [
    'event_stream_attached',
    'event_stream_detached',
    'api_post_event',
    'group_change_success',
  ]);
  const filtered = await EventReader.open(system, '?event_type=api_post_event', {'last-event-id': lastId});
  await has(filtered, 'api_post_event');
  t.deepEqual(filtered.types, ['api_post_event']);
});

for (const [title, id] of [
  ['of an earlier Marathon', 'abcdef01-5'],
  ['that is none', 'x'],
  ['that is still to come', undefined],
] as const) {
  test(`an id ${title} resumes nothing, and says so`, async t => {
    const system = await rest(t);
    const first = await EventReader.open(system);
    await has(first, 'event_stream_attached');
    const later = `${first.events[0]?.id.split('-')[0] ?? ''}-99`;
    const again = await EventReader.open(system, '', {'last-event-id': id ?? later});
    await has(again, 'event_stream_attached');
    t.true(again.text.startsWith(': what came after this Last-Event-ID is not known any more\n'));
    t.is(again.types.length, 1);
  });
}

test('a reader that does not read is cut off, and the others hear everything', async t => {
  const system = await rest(t, ['--event_stream_max_outstanding_messages=50']);
  const [lazy, other] = [await EventReader.open(system), await EventReader.open(system)];
  await has(other, 'event_stream_attached');
  lazy.pause();
  const {events} = system.cluster.marathon;
  const before = events.listeners;
  t.is(before, 2);
  // The system’s own buffers take some megabytes first.
  const message = 'x'.repeat(100_000);
  let sent = 0;
  await eventually('the lazy one is cut', () => {
    for (let i = 0; i < 20; i++) {
      events.publish({eventType: 'framework_message_event', executorId: 'e', slaveId: 's', message});
      sent += 1;
    }
    return events.listeners === 1;
  });
  await eventually('the other has all', () => other.of('framework_message_event').length === sent);
  t.false(other.closed);
});

test('kubectl’s changes are told too', async t => {
  const system = await rest(t);
  const reader = await EventReader.open(system);
  system.cluster.create('web', {cmd: 'sleep 1', cpus: 0.1, mem: 16});
  await system.cluster.pass(3000);
  await has(reader, 'deployment_success');
  t.deepEqual(reader.types.slice(1, 3), ['group_change_success', 'deployment_info']);
});
