import {cp, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {parse} from 'yaml';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {createKubeClient} from '../../src/kube/client.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import {eventually} from '../support/eventually.ts';
import {InstalledChart} from './support/installed-chart.ts';
import {identityOf, type Pod} from './support/objects.ts';
import {realCluster} from './support/real-cluster.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CHART = join(ROOT, 'deploy/helm');
const LEASE_MS = 15_000;
/** Marathon asks for offers no more often than that, leader or not. */
const REVIVE_MS = 5000;
const BETWEEN_APPS_MS = 1000;

const cluster = await realCluster();
let chart: InstalledChart;

test.before(async () => {
  chart = await InstalledChart.install(cluster);
});
test.after.always(async () => {
  await chart?.remove();
});

const helm = (command: string, ...args: readonly string[]): Promise<string> =>
  cluster.helm([command, 'mesos', ...args, '--namespace', chart.namespace]);

async function temporary(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-chart-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

/** What must not change while tasks run on undisturbed. */
const identities = (): string[] => chart.tasks.map(identityOf).toSorted();

const app = (name: string): object => ({
  apiVersion: 'mesos.dev/v1',
  kind: 'MarathonApp',
  metadata: {name, namespace: chart.namespace},
  spec: {cmd: 'exec sleep 100000', cpus: 0.01, mem: 16},
});

test.serial('basic1 of the examples runs, says what it should, and is scaled with kubectl', async t => {
  await chart.apply(parse(await readFile(join(ROOT, 'examples/basic1.yaml'), 'utf8')) as object);
  const [pod] = await chart.untilRunning('basic1', 1);
  await eventually('its output', async () =>
    (await chart.kubectl(['logs', pod?.metadata.name ?? ''])).startsWith('Hello marathon\n'),
  );
  await chart.kubectl(['scale', 'marathonapp/basic1', '--replicas=3']);
  const three = await chart.untilRunning('basic1', 3);
  t.true(
    three.some(({metadata}) => metadata.uid === pod?.metadata.uid),
    'the first is still there',
  );
});

const reachable = cluster.nodes.length > 0 ? test.serial : test.serial.skip;
reachable('an app with a Docker image and a bridge answers on its host port', async t => {
  await chart.apply({
    ...app('web'),
    spec: {
      cmd: 'mkdir www && echo "hello from $MARATHON_APP_ID" > www/index.html && exec busybox httpd -f -p 80 -h www',
      cpus: 0.01,
      mem: 16,
      container: {
        type: 'DOCKER',
        docker: {image: 'busybox:1.37'},
        portMappings: [{containerPort: 80, hostPort: 0}],
      },
      networks: [{mode: 'container/bridge'}],
    },
  });
  await chart.untilRunning('web', 1);
  const tasks = await eventually(
    'the task',
    async () => (await chart.marathon('GET', '/v2/apps/web/tasks'))?.['tasks'],
  );
  const [task] = tasks as {readonly host: string; readonly ports: readonly number[]}[];
  const answer = await eventually('an answer', () =>
    fetch(`http://${task?.host}:${task?.ports[0]}/`).catch(() => undefined),
  );
  t.is(await answer.text(), 'hello from /web\n');
});

test.serial('helm test finds master and Marathon through their Services, without any DNS', async t => {
  t.regex(await helm('test', '--timeout=120s'), /Phase: +Succeeded/);
});

test.serial('Pod Security "restricted" has nothing to say against controllers and agents', async t => {
  const label = 'pod-security.kubernetes.io/enforce=restricted';
  const {stderr} = await cluster.kubectl([
    'label',
    '--dry-run=server',
    '--overwrite',
    'namespace',
    chart.namespace,
    label,
  ]);
  t.false(/^Warning: mesos-(controller|agent)-/m.test(stderr), stderr);
});

test.serial('helm upgrade to another version touches no task, and scheduling goes on', async t => {
  const folder = await temporary(t);
  await cp(CHART, folder, {recursive: true});
  const manifest = await readFile(join(folder, 'Chart.yaml'), 'utf8');
  await writeFile(join(folder, 'Chart.yaml'), manifest.replace(/^version: .*$/m, 'version: 99.0.0'));
  const before = identities();
  t.true(before.length >= 3);

  const upgrading = new AbortController();
  const asked = askForApps(upgrading.signal);
  await cluster.helm([
    ...['upgrade', 'mesos', folder, '--namespace', chart.namespace, '--reuse-values'],
    ...['--set', 'master.flags.cluster=renamed', '--wait', '--timeout=240s'],
  ]);
  upgrading.abort();
  const waits = await asked;
  t.log(`${waits.length} apps were scheduled meanwhile, each within ${Math.round(Math.max(...waits))} ms`);
  t.true(Math.max(...waits) < LEASE_MS + REVIVE_MS, String(waits));
  for (const index of waits.keys()) await chart.untilRunning(`asked-${index}`, 1);
  t.deepEqual(
    identities().filter(each => before.includes(each)),
    before,
  );
  await eventually('the new flag', async () => (await chart.master('GET', '/master/state'))?.['cluster'] === 'renamed');
});

/** One app a second; how long each took until its task was bound to a node, in milliseconds. */
async function askForApps(signal: AbortSignal): Promise<number[]> {
  const waits: Promise<number>[] = [];
  while (!signal.aborted) {
    const name = `asked-${waits.length}`;
    const startedMs = performance.now();
    const created = await cluster.client.create(MARATHON_APPS, app(name) as Pod);
    if (!created.ok) throw new Error(JSON.stringify(created.error));
    waits.push(untilScheduled(name).then(() => performance.now() - startedMs));
    await new Promise(resolve => setTimeout(resolve, BETWEEN_APPS_MS));
  }
  return Promise.all(waits);
}

const untilScheduled = (name: string): Promise<unknown> =>
  chart.pods.until(`a task of ${name}`, pods =>
    pods.some(({metadata: {labels}}) => labels?.['marathon.mesos.dev/name'] === name),
  );

test.serial('helm uninstall keeps tasks, and the next install adopts them', async t => {
  const folder = await temporary(t);
  const values = join(folder, 'values.json');
  await writeFile(values, await currentValues());
  const before = identities();
  await helm('uninstall', '--wait');
  await chart.pods.until('no controller', pods =>
    pods.every(({metadata}) => !metadata.name.startsWith('mesos-controller')),
  );
  t.deepEqual(identities(), before);

  // This one brings the kinds itself: they take over from whoever brought them before, and stay.
  await cluster.helm([
    ...['install', 'mesos', CHART, '--namespace', chart.namespace, '--values', values, '--take-ownership'],
    ...['--set', 'crds.install=true', '--set', 'uninstall.tasks=remove', '--wait', '--timeout=240s'],
  ]);
  await chart.untilServing();
  await chart.kubectl(['scale', 'marathonapp/basic1', '--replicas=4']);
  await chart.untilRunning('basic1', 4);
  t.deepEqual(
    identities().filter(each => before.includes(each)),
    before,
  );
});

const currentValues = (): Promise<string> =>
  cluster.helm(['get', 'values', 'mesos', '--namespace', chart.namespace, '--output=json']);

test.serial('an agent may write the MesosAgent and the Lease of its own node alone', async t => {
  const agent = chart.pods.list().find(({metadata: {labels}}) => labels?.['app.kubernetes.io/component'] === 'agent');
  const node = agent?.spec?.nodeName ?? '';
  const other = cluster.nodes.find(({name}) => name !== node)?.name ?? 'elsewhere';
  const token = ['--bound-object-kind=Pod', `--bound-object-name=${agent?.metadata.name}`];
  const file = join(await temporary(t), 'token');
  await writeFile(file, (await chart.kubectl(['create', 'token', 'mesos-agent', ...token])).trim());
  const patch = (path: string, body: object): Promise<string> => asToken(file, path, body);
  const agents = `/apis/mesos.dev/v1/namespaces/${chart.namespace}/mesosagents`;
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${chart.namespace}/leases`;
  const answers = {
    own: await patch(`${agents}/${node}`, {spec: {bootId: 'x'}}),
    ownLease: await patch(`${leases}/mesos-agent-${node}`, {metadata: {labels: {a: 'b'}}}),
    another: await patch(`${agents}/${other}`, {spec: {bootId: 'x'}}),
    anothersLease: await patch(`${leases}/mesos-agent-${other}`, {spec: {holderIdentity: ''}}),
    leadersLease: await patch(`${leases}/mesos-master`, {spec: {holderIdentity: 'me'}}),
    operators: await patch(`${agents}/${node}`, {spec: {deactivated: true}}),
  };
  t.like(answers, {own: 'ok', ownLease: 'ok'});
  for (const refused of [answers.another, answers.anothersLease, answers.leadersLease, answers.operators])
    t.regex(refused, /ValidatingAdmissionPolicy.*denied|not found/);
});

/** Patches with the token in the file. @returns `ok`, or why not */
async function asToken(file: string, path: string, body: object): Promise<string> {
  const {KubeConfig} = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfigPath);
  const server = config.getCurrentCluster();
  const own = new KubeConfig();
  own.loadFromOptions({
    clusters: [server],
    users: [{name: 'agent', token: await readFile(file, 'utf8')}],
    contexts: [{name: 'agent', cluster: server?.name, user: 'agent'}],
    currentContext: 'agent',
  });
  const client = createKubeClient({kubeConfig: own, clock: systemClock, log: silentLogger});
  const [, group = '', version = '', , namespace = '', plural = '', name = ''] = path.split('/').slice(1);
  const kind = {group, version, plural, kind: plural, namespaced: true};
  const answer = await client.patch(kind, name, namespace, 'merge', body);
  return answer.ok ? 'ok' : answer.error.message;
}

test.serial('helm uninstall leaves nothing when it is told to, but the kinds', async t => {
  t.true(chart.tasks.length > 0);
  await helm('uninstall', '--wait', '--timeout=240s');
  t.deepEqual(chart.tasks, []);
  const left = await chart.kubectl(['get', 'mesos,pods,leases,configmaps,roles,jobs', '-o', 'name']);
  t.deepEqual(left.trim().split('\n'), ['configmap/kube-root-ca.crt']);
  const kinds = await cluster.kubectl(['get', 'crds', '-o', 'name']);
  t.regex(kinds.stdout, /marathonapps[.]mesos[.]dev/);
});

test.serial('a namespace with apps in it goes when it is deleted, with all that lies outside of it', async t => {
  const other = await InstalledChart.install(cluster);
  t.teardown(() => other.remove());
  await other.apply({...app('web'), metadata: {name: 'web', namespace: other.namespace}});
  await other.untilRunning('web', 1);
  const deleted = await cluster.kubectl(['delete', 'namespace', other.namespace, '--timeout=120s']);
  t.is(deleted.code, 0, deleted.stderr);
  const outside = 'clusterroles,clusterrolebindings,validatingadmissionpolicies,flowschemas';
  await eventually('what lies outside has gone', async () => {
    const {stdout} = await cluster.kubectl(['get', outside, '-o', 'name']);
    return !stdout.includes(other.namespace);
  });
});

test.serial('a namespace that is left with tasks and without controllers goes as well', async t => {
  const other = await InstalledChart.install(cluster);
  t.teardown(() => other.remove());
  await other.apply({...app('web'), metadata: {name: 'web', namespace: other.namespace}});
  await other.untilRunning('web', 1);
  await cluster.helm(['uninstall', 'mesos', '--namespace', other.namespace, '--wait', '--timeout=120s']);
  t.is(other.tasksOf('web').length, 1);
  const lease = other.leases.list().find(({metadata}) => metadata.name === 'mesos-master');
  t.is(lease?.spec?.holderIdentity ?? '', '', 'it was given back');
  const deleted = await cluster.kubectl(['delete', 'namespace', other.namespace, '--timeout=120s']);
  t.is(deleted.code, 0, deleted.stderr);
});
