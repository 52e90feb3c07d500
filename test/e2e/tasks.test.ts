import {readFile} from 'node:fs/promises';
import test from 'ava';
import {createKubeClient} from '../../src/kube/client.ts';
import {EVENTS, PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import type {KubeObject} from '../../src/kube/types.ts';
import {eventually} from '../support/eventually.ts';
import {type Json, processesOf, Standalone} from '../support/standalone.ts';

const clientOf = (system: Standalone) =>
  createKubeClient({kubeconfigPath: system.at.kubeconfig, log: silentLogger, clock: systemClock});

/** Messages of all events whose reason is this one. */
async function eventsOf(system: Standalone, reason: string): Promise<string[]> {
  const events = await clientOf(system).list<KubeObject & {reason?: string; message?: string}>(EVENTS, {});
  if (!events.ok) throw new Error(events.error.message);
  return events.value.items.filter(event => event.reason === reason).map(({message = ''}) => message);
}

const appOf = async (system: Standalone, id: string): Promise<Json> =>
  (await system.marathon('GET', `/v2/apps/${id}`)).body['app'] as Json;

/** What a task has written to its standard output, found through the sandbox that its processes name. */
async function outputOf(system: Standalone, taskId: string): Promise<string> {
  for (const pid of await processesOf(system.dataDir)) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const sandbox = /(?:^|\0)MESOS_SANDBOX=([^\0]+)/.exec(environment)?.[1];
    if (sandbox === undefined || !environment.includes(`MESOS_TASK_ID=${taskId}\0`)) continue;
    return readFile(`${sandbox}/stdout`, 'utf8');
  }
  return '';
}

const CHECK = {intervalSeconds: 1, delaySeconds: 0, gracePeriodSeconds: 1, maxConsecutiveFailures: 2};
const command = (value: string): Json => ({...CHECK, protocol: 'COMMAND', command: {value}});

test.serial('health checks: healthy counts, a failing check kills and replaces', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  const small = {cpus: 0.1, mem: 32};
  const server = `require('http').createServer((q, r) => r.end()).listen(process.env.PORT0, '127.0.0.1')`;
  const node = `exec '${process.execPath}' -e "${server}"`;
  const apps: Json[] = [
    {id: 'command', cmd: 'sleep 1000', healthChecks: [command('test $$ -gt $(echo 1) && test -d "$MESOS_SANDBOX"')]},
    {id: 'http', cmd: node, healthChecks: [{...CHECK, protocol: 'MESOS_HTTP', path: '/', gracePeriodSeconds: 60}]},
    {id: 'tcp', cmd: node, healthChecks: [{...CHECK, protocol: 'MESOS_TCP', gracePeriodSeconds: 60}]},
  ];
  for (const app of apps) t.is((await system.marathon('POST', '/v2/apps', {...small, ...app})).status, 201);
  for (const {id} of apps) {
    const app = await eventually(`${String(id)} to be healthy`, async () => {
      const seen = await appOf(system, String(id));
      return seen['tasksHealthy'] === 1 ? seen : undefined;
    });
    t.like(app, {tasksRunning: 1, tasksHealthy: 1, tasksUnhealthy: 0});
  }

  await system.marathon('POST', '/v2/apps', {
    ...small,
    id: 'ill',
    cmd: 'sleep 1000',
    healthChecks: [command('exit 1')],
  });
  const [first] = await system.untilRunning('ill', 1);
  await eventually('a replacement', async () => {
    const [task] = await system.running('ill');
    return task !== undefined && task['id'] !== first?.['id'];
  });
  t.is((await appOf(system, 'ill'))['tasksHealthy'], 0);
  t.regex((await eventsOf(system, 'Killing')).join('\n'), /startup probe.*exited with 1/);
});

test.serial('what a command says to the shell reaches it as written', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  await system.marathon('POST', '/v2/apps', {
    id: 'dollars',
    cmd: `echo "$$ $HOME $(echo sub) \${PORT0} $MY \`echo tick\` \\$x"; sleep 1000`,
    env: {MY: 'a$(PORT0)b$$c$$(d)e'},
    cpus: 0.1,
    mem: 32,
  });
  const [task] = await system.untilRunning('dollars', 1);
  const line = await eventually(
    'a line',
    async () => (await outputOf(system, String(task?.['id']))).trim() || undefined,
  );
  const port = (task?.['ports'] as number[])[0];
  t.is(line.replace(/^\d+ /, ''), `${process.env['HOME']} sub ${port} a$(PORT0)b$$c$$(d)e tick $x`);
});

test.serial(
  'images: a command runs as a process and says so; without docker, one that has none cannot run',
  async t => {
    // A PATH that has neither docker nor podman, whatever this machine has.
    const system = await Standalone.start(t, ['--agents=1'], {PATH: '/nowhere'});
    const bridge: Json = {
      id: 'bridge',
      networks: [{mode: 'container/bridge'}],
      container: {
        type: 'DOCKER',
        docker: {image: 'nginx'},
        portMappings: [{containerPort: 80, hostPort: 0}],
      },
      cpus: 0.1,
      mem: 32,
    };
    await system.marathon('POST', '/v2/apps', {...bridge, cmd: 'exec /bin/sleep 1000'});
    const [task] = await system.untilRunning('bridge', 1);
    const port = (task?.['ports'] as number[])[0];
    t.deepEqual(await eventually('an event', async () => nonEmpty(await eventsOf(system, 'PortNotMapped'))), [
      `A host process has the host's network: listen on ${port} instead of 80.`,
    ]);
    t.regex((await eventsOf(system, 'ImageIgnored'))[0] ?? '', /host process, without image nginx/);

    await system.marathon('POST', '/v2/apps', {...bridge, id: 'image', cmd: undefined});
    const failure = await eventually(
      'a failure',
      async () => (await appOf(system, 'image'))['lastTaskFailure'] as Json,
    );
    t.regex(String(failure['message']), /neither docker nor podman answers on this node; give it a command/);
  },
);

const nonEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

test.serial("the DRF paper's example settles at 3 and 2 tasks", async t => {
  const system = await Standalone.start(t, [
    '--agents=1',
    '--agent-resources=cpus:9;mem:18432;disk:20480',
    '--max-instances-per-offer=1',
  ]);
  const client = clientOf(system);
  const {parseAllDocuments} = await import('yaml');
  const text = await readFile(new URL('../../examples/drf-paper/apps.yaml', import.meta.url), 'utf8');
  const {MARATHON_APPS} = await import('../../src/crds/marathon-app.ts');
  for (const document of parseAllDocuments(text)) {
    const {metadata, ...rest} = document.toJS() as KubeObject;
    const created = await client.create(MARATHON_APPS, {...rest, metadata: {...metadata, namespace: 'default'}});
    t.true(created.ok);
  }
  await system.untilRunning('a/tasks', 3);
  await system.untilRunning('b/tasks', 2);
  // Everything that is free was offered and fits nobody: 9 - 3·1 - 2·3 = 0 CPUs, 18 - 3·4 - 2·1 = 4 GB.
  await eventually('both to say that cpus are short', async () => {
    const apps = await client.list<KubeObject & {status?: {conditions?: {message: string}[]}}>(MARATHON_APPS, {});
    const messages = apps.ok ? apps.value.items.map(app => JSON.stringify(app.status?.conditions)) : [];
    return messages.length === 2 && messages.every(message => message.includes('cpus'));
  });
  t.is((await system.running('a/tasks')).length, 3);
  t.is((await system.running('b/tasks')).length, 2);
});

test.serial('a pod of the user runs on the node it names, with its restart policy', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  const client = clientOf(system);
  const pod = (name: string, restartPolicy: string, script: string): KubeObject & {spec: unknown} => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name, namespace: 'default'},
    spec: {nodeName: 'agent1', restartPolicy, containers: [{name: 'main', command: ['sh', '-c', script]}]},
  });
  await client.create(PODS, pod('once', 'Never', 'exit 0'));
  await client.create(PODS, pod('again', 'Always', 'exit 1'));
  type Seen = KubeObject<unknown, {phase?: string; containerStatuses?: {restartCount: number}[]}>;
  const statusOf = async (name: string) => {
    const seen = await client.get<Seen>(PODS, name, 'default');
    return seen.ok ? seen.value.status : undefined;
  };
  await eventually('the end of one', async () => (await statusOf('once'))?.phase === 'Succeeded');
  await eventually('a restart', async () => ((await statusOf('again'))?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
  t.is((await statusOf('once'))?.containerStatuses?.[0]?.restartCount, 0);
});

test.serial('a pod without a node stays Pending, and an event says why', async t => {
  const system = await Standalone.start(t, ['--agents=0']);
  const unbound: KubeObject & {spec: unknown} = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'unbound', namespace: 'default'},
    spec: {containers: [{name: 'main', command: ['sleep', '1000']}]},
  };
  await clientOf(system).create(PODS, unbound);
  const [message] = await eventually('an event', async () => nonEmpty(await eventsOf(system, 'FailedScheduling')));
  t.regex(message ?? '', /set spec\.nodeName.*or create a MarathonApp/);
});

test.serial('SIGTERM also ends the tasks of an agent that was killed', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  await system.marathon('POST', '/v2/apps', {id: 'left', cmd: 'sleep 1000', cpus: 0.1, mem: 32});
  await system.untilRunning('left', 1);
  process.kill(system.at.agents[0]?.pid ?? 0, 'SIGKILL');
  t.is(await system.end('SIGTERM'), 0);
  t.deepEqual(await processesOf(system.dataDir), []);
});
