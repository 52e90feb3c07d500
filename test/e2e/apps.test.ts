import {readFile} from 'node:fs/promises';
import test from 'ava';
import {eventually} from '../support/eventually.ts';
import {type Json, processesOf, Standalone} from '../support/standalone.ts';

const HELLO = {
  id: 'basic1',
  cmd: "while true; do echo 'Hello marathon'; sleep 5; done",
  cpus: 0.1,
  mem: 10.0,
  instances: 1,
};

test.serial('the first app runs, is scaled, replaced and deleted through /v2', async t => {
  const system = await Standalone.start(t);

  const created = await system.marathon('POST', '/v2/apps', HELLO);
  t.is(created.status, 201);
  t.like(created.body, {id: '/basic1', cmd: HELLO.cmd, cpus: 0.1, mem: 10, instances: 1, tasksRunning: 0});
  t.is(created.headers.get('location'), '/basic1');
  t.truthy(created.headers.get('marathon-deployment-id'));

  const [task] = await system.untilRunning('basic1', 1);
  t.is(task?.['appId'], '/basic1');

  const scaled = await system.marathon('PUT', '/v2/apps//basic1', {instances: 5});
  t.is(scaled.status, 200);
  const five = await system.untilRunning('basic1', 5);
  t.is(new Set(five.map(each => each['id'])).size, 5, 'one id, one task');
  t.true(
    five.some(each => each['id'] === task?.['id']),
    'scaling leaves running tasks alone',
  );
  const ports = five.flatMap(each => (each['ports'] as number[]).map(port => `${String(each['host'])}:${port}`));
  t.is(new Set(ports).size, 5, 'no host port twice');
  await eventually('the deployment to end', async () => {
    const {body} = await system.marathon('GET', '/v2/apps/basic1');
    return ((body['app'] as Json)['deployments'] as Json[]).length === 0;
  });

  let fewest = 5;
  await system.marathon('PATCH', '/v2/apps/basic1', {cmd: 'while true; do echo changed; sleep 1; done'});
  await eventually('all tasks replaced', async () => {
    const running = await system.running('basic1');
    fewest = Math.min(fewest, running.length);
    return running.length === 5 && running.every(each => !five.some(old => old['id'] === each['id']));
  });
  t.is(fewest, 5, 'never below minimumHealthCapacity 1');

  t.is((await system.marathon('DELETE', '/v2/apps/basic1')).status, 200);
  await eventually('the app is gone', async () => (await system.marathon('GET', '/v2/apps/basic1')).status === 404);
  await eventually('all processes are gone', async () => {
    const left = await Promise.all(
      (await processesOf(system.dataDir)).map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return !left.some(line => line.includes('echo changed') || line.includes('Hello'));
  });
});

test.serial('SIGTERM ends everything with exit code 0; a second start goes on with the same apps', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', {...HELLO, instances: 2});
  await system.untilRunning('basic1', 2);

  t.is(await system.end('SIGTERM'), 0);
  t.deepEqual(await processesOf(system.dataDir), []);

  await system.up();
  await system.untilRunning('basic1', 2);
  const {body} = await system.marathon('GET', '/v2/apps/basic1');
  t.like(body['app'], {id: '/basic1', cmd: HELLO.cmd, instances: 2});
});

test.serial('a failing task is started again with the next incarnation of the same instance', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  await system.marathon('POST', '/v2/apps', {id: '/flaky', cmd: 'sleep 0.2; exit 3', cpus: 0.1, mem: 32});
  const app = await eventually('a failure', async () => {
    const {body} = await system.marathon('GET', '/v2/apps/flaky');
    return (body['app'] as Json)['lastTaskFailure'] === undefined ? undefined : (body['app'] as Json);
  });
  const failure = app['lastTaskFailure'] as Json;
  t.is(failure['state'], 'TASK_FAILED');
  t.regex(String(failure['message']), /3/);
  const first = String(failure['taskId']);
  await eventually('the next incarnation', async () => {
    const {body} = await system.marathon('GET', '/v2/apps/flaky/tasks');
    return ((body['tasks'] ?? []) as Json[]).some(
      task => task['id'] !== first && String(task['id']).startsWith(first.replace(/[.]\d+$/, '')),
    );
  });
  t.pass();
});

test.serial('Marathon tells a task its ports, its app and its resources', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  await system.marathon('POST', '/v2/apps', {
    id: '/env/app',
    cmd: 'env > env.txt; sleep 1000',
    cpus: 0.1,
    mem: 32,
    env: {MY: 'own'},
    labels: {'my-label': 'x'},
    portDefinitions: [{port: 0, name: 'http'}, {port: 0}],
  });
  const [task] = await system.untilRunning('/env/app', 1);
  const ports = task?.['ports'] as number[];
  const sandbox = await eventually('env.txt', async () => {
    for (const pid of await processesOf(system.dataDir)) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      const folder = /(?:^|\0)MESOS_SANDBOX=([^\0]+)/.exec(environment)?.[1];
      const text = folder === undefined ? '' : await readFile(`${folder}/env.txt`, 'utf8').catch(() => '');
      if (text.includes('PORTS=')) return text;
    }
    return undefined;
  });
  const env = Object.fromEntries(
    sandbox.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  t.like(env, {
    MY: 'own',
    MARATHON_APP_ID: '/env/app',
    MARATHON_APP_RESOURCE_CPUS: '0.1',
    MARATHON_APP_RESOURCE_MEM: '32.0',
    MARATHON_APP_LABEL_MY_LABEL: 'x',
    MESOS_TASK_ID: String(task?.['id']),
    HOST: String(task?.['host']),
    PORT: String(ports[0]),
    PORT0: String(ports[0]),
    PORT1: String(ports[1]),
    PORT_HTTP: String(ports[0]),
    PORTS: ports.join(','),
  });
});
