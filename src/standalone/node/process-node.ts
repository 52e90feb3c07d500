import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {createInformer} from '../../kube/informer.ts';
import {PODS} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import type {Informer, KubeClient} from '../../kube/types.ts';
import type {Clock, Random, Timer} from '../../lib/clock.ts';
import {limitOf} from '../../lib/limits.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Amounts} from './admission.ts';
import {watchApi} from './api-watchdog.ts';
import {findImageProgram} from './image-program.ts';
import {startKubeletServer} from './kubelet-server.ts';
import type {NodeContext} from './node-context.ts';
import {lockNode} from './node-lock.ts';
import {type NodeFacts, type Readiness, writeNode} from './node-object.ts';
import {decodePod, type Pod} from './pod.ts';
import {KubePodEvents} from './pod-events.ts';
import {PodSet} from './pod-set.ts';
import {rotateAll} from './log-rotation.ts';
import {collectClaims} from './volume-sources.ts';
import {ageOnDisk, collectSandboxes, diskUse, type Retention} from './sandbox-gc.ts';

export type ProcessNodeOptions = {
  /** The Node's and the agent's name; pods with this `spec.nodeName` run here. */
  readonly name: string;
  /** Sandboxes and records go to `<dataDir>/agents/<name>`. */
  readonly dataDir: string;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What pods may ask for together: cores and MiB. */
  readonly resources: {readonly cpus: number; readonly memMb: number; readonly diskMb: number};
  /** What callers of the logs and exec server have to send as `Authorization: Bearer`. */
  readonly token: string;
  /** Variables that every task gets from the host: PATH, HOME, LANG… */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Runs this very program: init containers that name neither image nor command are run by it. */
  readonly ownProgram?: readonly string[];
  readonly ip?: string;
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `auto` looks for docker, then podman; `none` never runs images. */
  readonly images?: 'auto' | 'none';
  readonly crashBackOffMs?: number;
  /** After this long without any answer of the API server all containers are killed. */
  readonly recoveryTimeoutMs?: number;
  readonly onOrphaned?: () => void;
  /** `everyMs`: between two looks for sandboxes to remove; a minute when absent. */
  readonly retention?: Partial<Retention> & {readonly everyMs?: number};
};

export type ProcessNode = {
  /** Of the server for logs and exec. */
  readonly port: number;
  /** Resolves when the Node is registered and every pod found was taken up or started. */
  readonly ready: Promise<void>;
  /**
   * With `killPods` every container is ended first (with its pod's grace, at most `maxGraceMs`) and its pod reported
   * as Failed, reason NodeShutdown. Without, containers go on running and are adopted by the next node of this name.
   */
  readonly stop: (options: {killPods: boolean; maxGraceMs?: number}) => Promise<void>;
};

const MIB = 2 ** 20;
const MAX_PODS = 1000;
const MINUTE_MS = 60_000;
const KEPT: Retention = {
  maxAgeMs: limitOf('sandboxAgeSeconds') * 1000,
  maxCount: limitOf('sandboxes'),
  maxBytes: limitOf('sandboxBytes'),
};
/** How often sandboxes are looked at, as Mesos's disk_watch_interval; and the output of tasks. */
const ROTATE_MS = 5000;
const RETRY_MS = 1000;
const FLUSH_MS = 5000;
const SHUTDOWN = {reason: 'NodeShutdown', message: 'Pod was terminated because its node was shut down.'};
const ORPHANED = {reason: 'NodeShutdown', message: 'Pod was terminated because its node lost the API server.'};
const READY: Readiness = {ready: true, reason: 'KubeletReady', message: 'the agent runs pods'};
const STOPPED: Readiness = {ready: false, reason: 'NodeShutdown', message: 'the agent was stopped'};

/**
 * A node that runs pods as processes of this machine.
 *
 * @returns an error when another process runs this node, or its directory or server cannot be had
 */
export async function startProcessNode(options: ProcessNodeOptions): Promise<Result<ProcessNode, {message: string}>> {
  const folder = join(options.dataDir, 'agents', options.name);
  const lock = await lockNode(join(folder, 'node.lock'));
  if (!lock.ok) return err({message: lock.error});
  try {
    const imageProgram = options.images === 'none' ? undefined : await findImageProgram(options.hostEnv);
    const node = contextOf(options, join(folder, 'pods'), imageProgram);
    await mkdir(node.podsDirectory, {recursive: true});
    const allocatable = amountsOf(options);
    const pods = new PodSet(node, allocatable);
    const server = await startKubeletServer({
      ip: node.ip,
      token: options.token,
      pods,
      clock: node.clock,
      log: node.log,
    });
    const facts = {...factsOf(options, allocatable), port: server.port, imageProgram};
    return ok(run({options, node, pods, facts, closeServer: server.close, unlock: lock.value}));
  } catch (error) {
    await lock.value();
    return err({
      message: `agent ${options.name} can't start: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

type Parts = {
  readonly options: ProcessNodeOptions;
  readonly node: NodeContext;
  readonly pods: PodSet;
  readonly facts: NodeFacts;
  readonly closeServer: () => Promise<void>;
  readonly unlock: () => Promise<void>;
};

function run(parts: Parts): ProcessNode {
  const {options, node, pods, facts} = parts;
  const {clock} = node;
  const informer = podInformer(options);
  const stopped = {value: false};
  informer.onEvent(event => !stopped.value && pods.onEvent(event));
  informer.start();
  const stopGc = every(options.retention?.everyMs ?? MINUTE_MS, clock, () => collect(options, node, pods));
  const stopRotating = every(ROTATE_MS, clock, () => rotateAll(pods.logDirectories()));
  const silentMs = options.recoveryTimeoutMs ?? 15 * MINUTE_MS;
  const onSilent = async (): Promise<void> => {
    node.log.error('API server silent, killing containers', {silentMs});
    await pods.shutDown(ORPHANED, Number.POSITIVE_INFINITY);
    await pods.killOrphans();
    options.onOrphaned?.();
  };
  const stopWatching = watchApi({...node, silentMs, onSilent: () => void onSilent()});
  const isStopped = (): boolean => stopped.value;
  return {
    port: facts.port,
    ready: Promise.all([register(parts, isStopped), takeUp(informer, pods, isStopped)]).then(() => undefined),
    stop: async ({killPods, maxGraceMs = Number.POSITIVE_INFINITY}) => {
      stopWatching();
      if (killPods) await endPods(parts, maxGraceMs);
      stopped.value = true;
      stopGc();
      stopRotating();
      informer.stop();
      pods.abandon();
      await parts.closeServer();
      await parts.unlock();
    },
  };
}

async function endPods({node, pods, facts}: Parts, maxGraceMs: number): Promise<void> {
  await pods.shutDown(SHUTDOWN, maxGraceMs);
  const reported = Promise.all([pods.flushed(), writeNode(node.client, facts, STOPPED, node.clock)]);
  // Without an API server there is nobody to tell; the next start finds the exit codes on the disk.
  await within(FLUSH_MS, node.clock, reported);
}

/** Writes the Node until the API server has it. */
async function register({node, facts}: Parts, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) {
    const written = await writeNode(node.client, facts, READY, node.clock);
    if (written.ok) return;
    node.log.warn('node not registered', {node: facts.name, reason: written.error.message});
    await new Promise<void>(resolve => node.clock.after(RETRY_MS, resolve));
  }
}

async function takeUp(informer: Informer<Pod>, pods: PodSet, isStopped: () => boolean): Promise<void> {
  await informer.synced();
  if (isStopped()) return;
  await pods.taken();
  await pods.killOrphans();
}

const podInformer = ({client, clock, random, log, name}: ProcessNodeOptions): Informer<Pod> =>
  createInformer({
    ...{client, clock, random, log, kind: PODS, project: decodePod, maxBackoffMs: 5000},
    selector: {fieldSelector: `spec.nodeName=${name}`},
  });

function contextOf(options: ProcessNodeOptions, podsDirectory: string, imageProgram: string | undefined): NodeContext {
  const {client, clock, log, hostEnv, name, ip = '127.0.0.1', crashBackOffMs = 10_000} = options;
  const events = new KubePodEvents({client, clock, log, nodeName: name});
  const found = imageProgram === undefined ? {} : {imageProgram};
  const {ownProgram = []} = options;
  const claimsDirectory = join(options.dataDir, 'volumes');
  return {
    nodeName: name,
    podsDirectory,
    claimsDirectory,
    ip,
    client,
    events,
    clock,
    log,
    hostEnv,
    ownProgram,
    crashBackOffMs,
    ...found,
  };
}

const factsOf = (options: ProcessNodeOptions, allocatable: Amounts): Omit<NodeFacts, 'port'> => ({
  name: options.name,
  ip: options.ip ?? '127.0.0.1',
  hostname: options.hostname ?? options.name,
  allocatable,
  labels: options.labels ?? {},
});

const amountsOf = ({resources}: ProcessNodeOptions): Amounts =>
  new Map([
    ['cpu', resources.cpus],
    ['memory', resources.memMb * MIB],
    ['ephemeral-storage', resources.diskMb * MIB],
    ['pods', MAX_PODS],
  ]);

async function collect({retention}: ProcessNodeOptions, node: NodeContext, pods: PodSet): Promise<void> {
  const limits = {...KEPT, ...retention};
  const maxAgeMs = ageOnDisk(limits.maxAgeMs, await diskUse(node.podsDirectory));
  const removed = await collectSandboxes(node.podsDirectory, pods.has, {...limits, maxAgeMs}, node.clock.now());
  if (removed.length > 0) node.log.info('old sandboxes removed', {count: removed.length});
  const volumes = await collectClaims(node);
  if (volumes > 0) node.log.info('volumes without a claim removed', {count: volumes});
}

function every(intervalMs: number, clock: Clock, action: () => Promise<void>): () => void {
  let timer: Timer | undefined;
  let stopped = false;
  const next = (): void => {
    if (!stopped) timer = clock.after(intervalMs, () => void action().finally(next));
  };
  next();
  return () => {
    stopped = true;
    timer?.cancel();
  };
}

const within = (ms: number, clock: Clock, done: Promise<unknown>): Promise<void> =>
  new Promise(resolve => {
    const timer = clock.after(ms, resolve);
    void done.finally(() => {
      timer.cancel();
      resolve();
    });
  });
