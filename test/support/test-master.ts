import {createServer, type RequestListener, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {ExecutionContext} from 'ava';
import {MASTER_FLAGS, type MasterFlags} from '../../src/controller/flags.ts';
import {masterPort} from '../../src/controller/mesos/http/master-port.ts';
import type {MasterStep} from '../../src/controller/mesos/master-context.ts';
import {createMaster, type MasterService} from '../../src/controller/mesos/master.ts';
import {MASTER_METRICS} from '../../src/controller/telemetry/master-metrics.ts';
import {Metrics} from '../../src/controller/telemetry/metrics.ts';
import type {Gatekeeper} from '../../src/controller/web/gatekeeper.ts';
import {connectionOptions} from '../../src/lib/connections.ts';
import {answerByTable} from '../../src/controller/web/port.ts';
import type {BoundRoute} from '../../src/controller/web/route.ts';
import {MESOS_AGENTS} from '../../src/crds/mesos-agent.ts';
import {LEASES, PODS} from '../../src/kube/kinds.ts';
import {openGate} from './open-gate.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {explainKubeError} from '../../src/kube/kube-error.ts';
import {microTime} from '../../src/kube/micro-time.ts';
import type {KubeClient, KubeError, KubeObject} from '../../src/kube/types.ts';
import type {Clock} from '../../src/lib/clock.ts';
import {parseFlags} from '../../src/lib/flags.ts';
import type {Result} from '../../src/lib/result.ts';
import {TestKube} from './test-kube.ts';
import {settle, VirtualClock} from './virtual-clock.ts';

export const NAMESPACE = 'default';

export type TestMaster = {
  readonly service: MasterService;
  readonly url: string;
  readonly fatal: readonly string[];
  /** Ends streams and the HTTP server. */
  readonly close: () => Promise<void>;
};

export type TestMasterOptions = {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly argv?: readonly string[];
  readonly leaderAddress?: string;
  readonly step?: MasterStep;
  /** A master that is not started stands by. */
  readonly started?: boolean;
  /** Who is let in and may what; absent: everybody everything. */
  readonly gatekeeper?: Gatekeeper;
  /** Rows besides those of the master. */
  readonly more?: (service: MasterService) => readonly BoundRoute[];
};

export function masterFlags(argv: readonly string[] = []): MasterFlags {
  const flags = parseFlags(MASTER_FLAGS, {argv});
  if (!flags.ok) throw new Error(flags.error.join('\n'));
  return flags.value;
}

/** A master on a free port of the loopback interface. */
export async function testMaster(options: TestMasterOptions): Promise<TestMaster> {
  const fatal: string[] = [];
  let answer: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer(connectionOptions(), (request, response) => answer(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  const service = createMaster({
    client: options.client,
    namespace: NAMESPACE,
    clock: options.clock,
    random: () => 0.5,
    log: silentLogger,
    flags: masterFlags(options.argv),
    ...(options.gatekeeper !== undefined && {guard: options.gatekeeper.guard}),
    version: {version: '1.2.3'},
    metrics: new Metrics(MASTER_METRICS, options.clock),
    address: () => ({ip: '127.0.0.1', port, hostname: 'localhost'}),
    leaderAddress: () => options.leaderAddress,
    onFatal: reason => fatal.push(reason),
    ...(options.step !== undefined && {step: options.step}),
  });
  const common = {
    log: silentLogger,
    self: () => `localhost:${port}`,
    served: () => ({names: [], strict: false}),
    ...openGate,
    ...(options.gatekeeper !== undefined && {gatekeeper: options.gatekeeper}),
  };
  answer = answerByTable(masterPort(service.doors, common, options.more?.(service)));
  if (options.started ?? true) await service.start();
  return {service, url: `http://127.0.0.1:${port}`, fatal, close: () => close(service, server)};
}

async function close(service: MasterService, server: Server): Promise<void> {
  await service.stop();
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
}

/** An agent that has registered its object and renewed its Lease once, now. */
export async function addAgent(client: KubeClient, clock: Clock, name: string, resources: string): Promise<void> {
  await done(
    client.create(MESOS_AGENTS, {
      apiVersion: 'mesos.dev/v1',
      kind: 'MesosAgent',
      metadata: {name, namespace: NAMESPACE},
      spec: {nodeName: name, hostname: `${name}.example`, port: 5051, resources, version: '1.2.3'},
    }),
  );
  await done(
    client.create(LEASES, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {name: `mesos-agent-${name}`, namespace: NAMESPACE},
      spec: leaseSpec(name, clock),
    }),
  );
}

/** Throws what the server says against it. */
async function done<T>(call: Promise<Result<T, KubeError>>): Promise<T> {
  const answer = await call;
  if (answer.ok) return answer.value;
  throw new Error(explainKubeError(answer.error));
}

const leaseSpec = (holderIdentity: string, clock: Clock) => ({
  holderIdentity,
  renewTime: microTime(clock.now()),
});

/** @param holder empty: the agent says goodbye */
export async function renewLease(client: KubeClient, clock: Clock, name: string, holder = name): Promise<void> {
  await done(client.patch(LEASES, `mesos-agent-${name}`, NAMESPACE, 'merge', {spec: leaseSpec(holder, clock)}));
}

/** What the node reports of a task's pod. `exitCode` undefined: it runs. */
export async function setPodState(client: KubeClient, name: string, exitCode?: number): Promise<void> {
  const state =
    exitCode === undefined
      ? {running: {startedAt: '2026-01-01T00:00:00Z'}}
      : {terminated: {exitCode, reason: exitCode === 0 ? 'Completed' : 'Error'}};
  const phase = exitCode === undefined ? 'Running' : exitCode === 0 ? 'Succeeded' : 'Failed';
  const running = exitCode === undefined;
  const status = {phase, podIP: '127.0.0.1', containerStatuses: [{name: 'task', ready: running, started: true, state}]};
  await done(client.patch(PODS, name, NAMESPACE, 'merge', {status}, {subresource: 'status'}));
}

/** Ends every pod that somebody wants to end, as a node would: last status, then the object with grace 0. */
export async function endDeletedPods(client: KubeClient, pods: readonly KubeObject[]): Promise<void> {
  for (const {metadata} of pods) {
    if (metadata.deletionTimestamp === undefined) continue;
    await setPodState(client, metadata.name, 143);
    await done(client.delete(PODS, metadata.name, NAMESPACE, {gracePeriodSeconds: 0}));
  }
}

/** A page's JSON, taken to look as the test says. */
export const getJson = async <T>(url: string): Promise<T> => (await fetch(url)).json() as Promise<T>;

/** A cluster in memory with the agent `a1` of 4 cores, and masters that come and go on it; each ends with the test. */
export async function clusterOfOneAgent(t: ExecutionContext) {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  await addAgent(kube.client, clock, 'a1', 'cpus:4;mem:8192;disk:1000');
  const start = async () => {
    const master = await testMaster({client: kube.client, clock});
    t.teardown(master.close);
    // The agent is known by its id from then on.
    while (statusOf(kube.find(MESOS_AGENTS, 'a1'))?.agentId === undefined) await settle();
    return master;
  };
  return {kube, clock, start};
}

const statusOf = (object: KubeObject | undefined): {readonly agentId?: string} | undefined =>
  object?.status as {readonly agentId?: string} | undefined;
