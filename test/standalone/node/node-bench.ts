import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {EVENTS, PODS} from '../../../src/kube/kinds.ts';
import {networkError} from '../../../src/kube/kube-error.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock} from '../../../src/kube/system-clock.ts';
import type {KubeClient, KubeObject} from '../../../src/kube/types.ts';
import {decodePod, type Container, type Pod, type PodSpec, type PodStatus} from '../../../src/standalone/node/pod.ts';
import {
  type ProcessNode,
  type ProcessNodeOptions,
  startProcessNode,
} from '../../../src/standalone/node/process-node.ts';
import {eventually} from '../../support/eventually.ts';
import {TestKube} from '../../support/test-kube.ts';

export const TOKEN = 'sesame';
export const NODE_NAME = 'n1';

/** A node with real processes on the embedded API server, in a directory of its own. */
export class NodeBench {
  readonly kube: TestKube;
  readonly dataDir: string;
  #node: ProcessNode | undefined;

  private constructor(kube: TestKube, dataDir: string) {
    this.kube = kube;
    this.dataDir = dataDir;
  }

  /** Starts a node; after the test its processes and its directory are gone. */
  static async start(t: ExecutionContext, options: Partial<ProcessNodeOptions> = {}): Promise<NodeBench> {
    const bench = new NodeBench(new TestKube(), await mkdtemp(join(tmpdir(), 'mesos-node-')));
    t.teardown(async () => {
      bench.kube.fault = undefined;
      await bench.node.stop({killPods: true, maxGraceMs: 0});
      await rm(bench.dataDir, {recursive: true, force: true});
    });
    await bench.up(options);
    return bench;
  }

  get node(): ProcessNode {
    if (this.#node === undefined) throw new Error('the node is not up');
    return this.#node;
  }

  /** Starts the node on the same directory, also again. */
  async up(options: Partial<ProcessNodeOptions> = {}): Promise<void> {
    const started = await startProcessNode(nodeOptions(this.kube.client, this.dataDir, options));
    if (!started.ok) throw new Error(started.error.message);
    this.#node = started.value;
    await this.#node.ready;
  }

  /** Nobody reaches the API server any more. */
  cutOff(): void {
    this.kube.fault = () => networkError('connection refused');
    this.kube.cut();
  }

  async create(name: string, spec: Partial<PodSpec>, metadata: Partial<KubeObject['metadata']> = {}): Promise<Pod> {
    const pod = decodePod(this.kube.create(PODS, podOf(name, spec, metadata)));
    if (!pod.ok) throw new Error(pod.error);
    return pod.value;
  }

  async delete(name: string, gracePeriodSeconds?: number): Promise<void> {
    this.kube.delete(PODS, name, {gracePeriodSeconds});
  }

  status(name: string): PodStatus {
    return this.kube.find<Pod>(PODS, name)?.status ?? {};
  }

  /** Waits until the pod's status is as wanted. */
  async until(name: string, what: string, holds: (status: PodStatus) => boolean): Promise<PodStatus> {
    try {
      return await eventually(`${name} ${what}`, () => holds(this.status(name)) && this.status(name));
    } catch (error) {
      throw new Error(`${String(error)}: ${JSON.stringify(this.status(name))}`);
    }
  }

  phase(name: string, phase: string): Promise<PodStatus> {
    return this.until(name, phase, status => status.phase === phase);
  }

  async gone(name: string): Promise<void> {
    await eventually(`${name} gone`, () => this.kube.find(PODS, name) === undefined);
  }

  /** Reasons of the events about a pod. */
  eventReasons(name: string): string[] {
    const events = this.kube.objects<{involvedObject?: {name: string}; reason?: string}>(EVENTS);
    return events.filter(event => event.involvedObject?.name === name).map(event => event.reason ?? '');
  }

  /** The directory of one run. */
  sandbox(pod: Pod, container = 'task', restart = 0): string {
    return join(this.dataDir, 'agents', NODE_NAME, 'pods', pod.metadata.uid, container, `${restart}`);
  }

  get url(): string {
    return `http://127.0.0.1:${this.node.port}`;
  }

  async get(path: string, token = TOKEN): Promise<{status: number; text: string}> {
    const response = await fetch(this.url + path, {headers: {authorization: `Bearer ${token}`}});
    return {status: response.status, text: await response.text()};
  }
}

export const nodeOptions = (
  client: KubeClient,
  dataDir: string,
  options: Partial<ProcessNodeOptions> = {},
): ProcessNodeOptions => ({
  name: NODE_NAME,
  dataDir,
  client,
  clock: systemClock,
  random: () => 0.5,
  log: silentLogger,
  resources: {cpus: 4, memMb: 1024, diskMb: 1024},
  token: TOKEN,
  hostEnv: {PATH: '/usr/local/bin:/usr/bin:/bin'},
  images: 'none',
  ...options,
});

const podOf = (name: string, spec: Partial<PodSpec>, metadata: Partial<KubeObject['metadata']>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name, namespace: 'default', ...metadata},
  spec: {nodeName: NODE_NAME, restartPolicy: 'Never', containers: [], ...spec},
});

/** A container that runs a shell line. */
export const shell = (line: string, more: Partial<Container> = {}): Container => ({
  name: 'task',
  command: ['/bin/sh', '-c', line],
  ...more,
});
