import {randomBytes} from 'node:crypto';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {LEASES, PODS} from '../../../src/kube/kinds.ts';
import {eventually} from '../../support/eventually.ts';
import type {TestNode} from '../test-cluster.ts';
import {decodeLease, decodePod, hasEnded, isRunning, type Lease, type Pod} from './objects.ts';
import {Observer} from './observer.ts';
import {pidsOf} from './processes.ts';
import type {RealCluster} from './real-cluster.ts';
import {testImage} from './test-image.ts';

const CHART = fileURLToPath(new URL('../../../deploy/helm', import.meta.url));
const CRDS = fileURLToPath(new URL('../../../deploy/crds', import.meta.url));
const LEADER_LABEL = 'mesos.dev/leader';
const TASK_LABEL = 'mesos.dev/managed';
/** The name of the app's object. */
const APP_LABEL = 'marathon.mesos.dev/name';
const INSTALL_MS = 180_000;

/** The Lease that makes a controller the leader. */
const LEASE = 'mesos-master';

/** A process that leads: what it calls itself in the Lease, and its pod. */
export type Leader = {readonly holder: string; readonly pod: Pod};
export type Json = Readonly<Record<string, unknown>>;

/** The chart as a user installs it, in a namespace of its own, with the image of this work tree. */
export class InstalledChart {
  readonly cluster: RealCluster;
  readonly namespace: string;
  /** Every pod of the namespace. */
  readonly pods: Observer<Pod>;
  readonly leases: Observer<Lease>;

  private constructor(cluster: RealCluster, namespace: string, pods: Observer<Pod>, leases: Observer<Lease>) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.pods = pods;
    this.leases = leases;
  }

  /**
   * Installs it and waits until a controller leads and every agent's resources are known. The caller removes it.
   *
   * @param values of the chart, over its own
   */
  static async install(cluster: RealCluster, values: Json = {}): Promise<InstalledChart> {
    const namespace = `t-${randomBytes(4).toString('hex')}`;
    // Kinds belong to the whole cluster: they are put in place once and stay.
    await must(cluster, ['apply', '--server-side', '--force-conflicts', '-f', CRDS]);
    await must(cluster, ['create', 'namespace', namespace]);
    const pods = await Observer.start(cluster.client, PODS, namespace, decodePod);
    const leases = await Observer.start(cluster.client, LEASES, namespace, decodeLease);
    const chart = new InstalledChart(cluster, namespace, pods, leases);
    try {
      await chart.#helmInstall(values);
      await chart.untilServing();
      return chart;
    } catch (error) {
      const logs = await chart.logs();
      await chart.remove();
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs}`, {cause: error});
    }
  }

  /** Takes all of it away. Nobody who could take off a finalizer is left then: that is done here. */
  async remove(): Promise<void> {
    const {cluster, namespace} = this;
    this.pods.stop();
    this.leases.stop();
    await cluster.helm(['uninstall', 'mesos', '--namespace', namespace, '--no-hooks', '--ignore-not-found', '--wait']);
    const kinds = 'marathonapps.mesos.dev,mesosframeworks.mesos.dev,pods';
    const found = await cluster.kubectl(['get', kinds, '--namespace', namespace, '-o', 'name']);
    for (const name of found.stdout.trim().split('\n').filter(Boolean))
      await cluster.kubectl(['patch', name, '--namespace', namespace, '--type=merge', '-p', NO_FINALIZERS]);
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']);
  }

  async #helmInstall(values: Json): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'mesos-values-'));
    try {
      const file = join(dir, 'values.json');
      await writeFile(file, JSON.stringify({image: await testImage(this.cluster), crds: {install: false}, ...values}));
      const wait = ['--wait', `--timeout=${INSTALL_MS / 1000}s`];
      await this.cluster.helm(['install', 'mesos', CHART, '--namespace', this.namespace, '--values', file, ...wait]);
    } finally {
      await rm(dir, {recursive: true, force: true});
    }
  }

  get controllers(): Pod[] {
    return this.pods.list().filter(isController);
  }

  /** Pods of tasks, whatever their phase. */
  get tasks(): Pod[] {
    return this.pods.list().filter(isTask);
  }

  /** Who leads, once somebody does and its pod says so, which is what the Services go by. */
  leader(withinMs?: number): Promise<Leader> {
    return this.leaderAfter('', withinMs);
  }

  /** Who leads once it is not the holder that is named; that may be the same pod, started again. */
  async leaderAfter(previous: string, withinMs?: number): Promise<Leader> {
    const holder = await this.leases.until(
      `another holder than "${previous}"`,
      leases => {
        const now = leases.find(({metadata}) => metadata.name === LEASE)?.spec?.holderIdentity ?? '';
        return now !== '' && now !== previous && now;
      },
      withinMs,
    );
    const pod = await this.pods.until(
      `the label of ${holder}`,
      pods => pods.find(each => isLeader(each) && holder.startsWith(`${each.metadata.name}_`)),
      withinMs,
    );
    return {holder, pod};
  }

  /** Pods of an app's tasks that have not ended. */
  tasksOf(app: string): Pod[] {
    return this.tasks.filter(pod => isOf(pod, app) && !hasEnded(pod));
  }

  /** Pods of an app's tasks, once exactly so many run and there are no others; those that have ended do not count. */
  untilRunning(app: string, count: number, withinMs?: number): Promise<Pod[]> {
    return this.pods.until(
      `${count} running tasks of ${app}`,
      () => {
        const tasks = this.tasksOf(app);
        return tasks.length === count && tasks.every(isRunning) ? tasks : undefined;
      },
      withinMs,
    );
  }

  /** Resolves when the leader answers through its Service, and knows one agent for each node. */
  async untilServing(): Promise<void> {
    const agents = this.cluster.nodes.length || 1;
    await eventually(`a master with ${agents} agents`, async () => {
      const state = await this.master('GET', '/master/state');
      return Number(state?.['activated_slaves']) >= agents;
    });
    await eventually('Marathon', async () => (await this.marathon('GET', '/v2/apps')) !== undefined);
  }

  /** What the leading master answers; undefined when nobody does. */
  master(method: string, path: string, body?: unknown): Promise<Json | undefined> {
    return this.#ask('mesos-master:5050', method, path, body);
  }

  /** What the leading Marathon answers; undefined when nobody does. */
  marathon(method: string, path: string, body?: unknown): Promise<Json | undefined> {
    return this.#ask('marathon:8080', method, path, body);
  }

  async #ask(service: string, method: string, path: string, body: unknown): Promise<Json | undefined> {
    const proxy = `/api/v1/namespaces/${this.namespace}/services/${service}/proxy${path}`;
    const answer = await this.cluster.client.raw(method, proxy, body);
    if (!answer.ok || answer.value.status >= 300) return undefined;
    return JSON.parse(answer.value.text) as Json;
  }

  /** Runs kubectl in the namespace and returns what it printed; throws when it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    return must(this.cluster, [...args, '--namespace', this.namespace], input);
  }

  /** Applies objects as a user does. */
  async apply(...objects: readonly object[]): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], JSON.stringify({apiVersion: 'v1', kind: 'List', items: objects}));
  }

  /** The node on which a pod runs. */
  nodeOf({spec}: Pod): TestNode {
    const node = this.cluster.nodes.find(({name}) => name === spec?.nodeName);
    if (node === undefined) throw new Error(`no node ${spec?.nodeName}`);
    return node;
  }

  /** Pids, inside its node, of a controller's program. */
  async processOf(pod: Pod): Promise<number[]> {
    return pidsOf(this.nodeOf(pod), pod.metadata.uid ?? '', / controller( |$)/);
  }

  /** The end of what the controllers logged. */
  async logs(): Promise<string> {
    const parts = await Promise.all(
      this.controllers.map(async ({metadata: {name}}) => {
        const run = await this.cluster.kubectl(['logs', '--namespace', this.namespace, name, '--tail=60']);
        return `=== ${name}\n${run.stdout}${run.stderr}`;
      }),
    );
    return parts.join('\n');
  }
}

const labelOf = (pod: Pod, name: string): string | undefined => pod.metadata.labels?.[name];
export const isController = (pod: Pod): boolean => labelOf(pod, 'app.kubernetes.io/component') === 'controller';
export const isLeader = (pod: Pod): boolean => isController(pod) && labelOf(pod, LEADER_LABEL) === 'true';
export const isTask = (pod: Pod): boolean => labelOf(pod, TASK_LABEL) === 'true';

const isOf = (pod: Pod, app: string): boolean => labelOf(pod, APP_LABEL) === app;

const NO_FINALIZERS = '{"metadata":{"finalizers":null}}';

async function must(cluster: RealCluster, args: readonly string[], input?: string): Promise<string> {
  const {code, stdout, stderr} = await cluster.kubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
