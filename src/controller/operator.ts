import {LEADER_LEASE, MARATHON_ADDRESS_ANNOTATION, MASTER_ADDRESS_ANNOTATION} from '../crds/meta.ts';
import type {Logger} from '../kube/log.ts';
import {createKubeClient} from '../kube/client.ts';
import {createInformer} from '../kube/informer.ts';
import {LEASES, NAMESPACES} from '../kube/kinds.ts';
import type {KubeClient, KubeObject} from '../kube/types.ts';
import type {Clock, Random} from '../lib/clock.ts';
import {ok, type Result} from '../lib/result.ts';
import type {MasterFlags} from './flags.ts';
import type {MarathonFlags} from './marathon/flags.ts';
import {createMarathon, type Marathon} from './marathon/marathon.ts';
import {createMaster} from './mesos/master.ts';
import {HealthRegistry} from './runtime/health.ts';
import {createLeaderElector, type Leader, type LeaderElector} from './runtime/leader-election.ts';
import {releaseObjects} from './release-objects.ts';
import {createLeaderLabel} from './runtime/leader-label.ts';
import {decodeLease} from './runtime/lease-record.ts';
import {reportProcess} from './telemetry/process-metrics.ts';
import {buildWeb} from './web/build-web.ts';

export type OperatorOptions = {
  readonly kubeconfigPath: string | undefined;
  /** This process's variables: where a pod finds its API server. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly namespace: string;
  /** Unique for this process. */
  readonly identity: string;
  /** The pod this process runs in: it is labelled while this process leads. Undefined outside of Kubernetes. */
  readonly podName?: string | undefined;
  readonly master: MasterFlags;
  readonly marathon: MarathonFlags;
  /** Where Marathon answers over HTTP. */
  readonly marathonAddress: {readonly ip: string; readonly port: number};
  /** Names of the flags that gave the two ports, for messages. */
  readonly portFlags: {readonly master: string; readonly marathon: string};
  readonly lease: {readonly durationMs: number; readonly renewDeadlineMs: number; readonly retryPeriodMs: number};
  /** Of all calls but Leases and watches; unlimited when absent. */
  readonly rateLimit?: {readonly qps: number; readonly burst: number};
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** This process must end: it lost its Lease, or its state can't be trusted. */
  readonly onFatal: (reason: string) => void;
};

export type Operator = {
  readonly mesosUrl: string;
  readonly marathonUrl: string;
  /** Resolves when this process leads, the master serves and Marathon knows what runs. */
  readonly leading: Promise<void>;
  /** Gives the Lease back when everything that was under way is written. Tasks go on. */
  readonly stop: () => Promise<void>;
};

const ADDRESS = {master: MASTER_ADDRESS_ANNOTATION, marathon: MARATHON_ADDRESS_ANNOTATION};

/**
 * The master and Marathon behind one Lease: builds everything once, listens at once, and acts while it leads.
 *
 * @returns an error that names the flag when a port can't be had
 */
export async function startOperator(options: OperatorOptions): Promise<Result<Operator, string>> {
  const {clock, random, log, namespace, master: flags} = options;
  const leading = Promise.withResolvers<void>();
  const {portFlags} = options;
  const web = await buildWeb({
    master: {ip: flags.ip, port: flags.port, flagName: portFlags.master},
    marathon: {...options.marathonAddress, flagName: portFlags.marathon},
  });
  if (!web.ok) return web;
  const {ports} = web.value;

  const masterAddress = addressOf(flags.advertise_ip ?? flags.ip, flags.hostname, flags.advertise_port ?? ports.master);
  const marathonAddress = addressOf(flags.advertise_ip ?? options.marathonAddress.ip, flags.hostname, ports.marathon);
  const {kubeconfigPath, environment} = options;
  const plain = createKubeClient({kubeconfigPath, environment, log, clock, random});
  const fenced = createKubeClient({
    kubeconfigPath,
    environment,
    log,
    clock,
    random,
    fence: () => elector.isLeader(),
    rateLimit: options.rateLimit,
    observe: ({verb, resource, status}) =>
      master.metrics.inc('mesos_kube_requests_total', {verb, resource, code: String(status)}),
  });
  const leaderAddress = (annotation: string): string | undefined => elector.leader()?.annotations[annotation];

  const master = createMaster({
    client: fenced,
    namespace,
    clock,
    random,
    log,
    flags,
    version: {version: options.version},
    address: () => masterAddress,
    leaderAddress: () => leaderAddress(ADDRESS.master),
    onFatal: options.onFatal,
  });
  reportProcess(master.metrics, options.version, process.version);
  const marathon = createMarathon({
    client: fenced,
    namespace,
    clock,
    random,
    log,
    flags: options.marathon,
    scheduler: master.schedulerTransport,
    operator: master.operatorTransport,
    hostname: marathonAddress.hostname,
    webuiUrl: options.marathon.webui_url ?? `http://${textOf(marathonAddress)}`,
    onFatal: options.onFatal,
  });

  const label = createLeaderLabel({client: fenced, namespace, podName: options.podName, clock, random, log});
  const elector = createLeaderElector({
    client: plain,
    namespace,
    name: LEADER_LEASE,
    identity: options.identity,
    // A container that starts again in the same pod: the kubelet waits for the end of the one before.
    isPredecessor: holder => options.podName !== undefined && holder.startsWith(`${options.podName}_`),
    annotations: {[ADDRESS.master]: textOf(masterAddress), [ADDRESS.marathon]: textOf(marathonAddress)},
    leaseDurationMs: options.lease.durationMs,
    renewDeadlineMs: options.lease.renewDeadlineMs,
    retryPeriodMs: options.lease.retryPeriodMs,
    clock,
    random,
    log,
    onStartedLeading: () => {
      label.take();
      lead(master, marathon).then(leading.resolve, (error: unknown) =>
        options.onFatal(`could not begin to lead: ${String(error)}`),
      );
    },
    onStoppedLeading: why => {
      if (why === 'lost') options.onFatal('lost the Lease');
    },
    onNewLeader: leader => log.info('leader elected', {leader: describeLeader(leader)}),
  });

  const health = readiness(elector, () => master.phase() === 'leading' && marathon.ready());
  web.value.serve({
    master,
    marathon,
    marathonLeadership: {
      phase: () => (!elector.isLeader() ? 'standby' : marathon.ready() ? 'leading' : 'recovering'),
      leaderAddress: () => leaderAddress(ADDRESS.marathon),
    },
    health,
    addresses: {master: textOf(masterAddress), marathon: textOf(marathonAddress)},
    allowedHosts: flags.allowed_hosts,
    version: options.version,
    clock,
    log,
  });
  const leases = createInformer({
    client: plain,
    kind: LEASES,
    namespace,
    selector: {fieldSelector: `metadata.name=${LEADER_LEASE}`},
    project: lease => ({holder: decodeLease(lease).holder, version: lease.metadata.resourceVersion ?? ''}),
    clock,
    random,
    log,
  });
  leases.onEvent(event => {
    if (event.type !== 'deleted') elector.saw(event.object.version);
    // Given back: there is something to take. Taken: requests go to another leader from now on.
    if (event.type !== 'updated' || event.object.holder !== event.old.holder) elector.wake();
  });
  elector.start();
  leases.start();

  return ok({
    mesosUrl: `http://${textOf(masterAddress)}`,
    marathonUrl: `http://${textOf(marathonAddress)}`,
    leading: leading.promise,
    stop: async () => {
      leases.stop();
      await marathon.stop();
      await master.stop();
      if (elector.isLeader()) await label.drop();
      if (elector.isLeader()) await releaseIfLast(fenced, namespace, log);
      await elector.stop();
      await web.value.close();
    },
  });
}

/** In a namespace that is being deleted no controller will come after this one: nothing may wait for it. */
async function releaseIfLast(client: KubeClient, namespace: string, log: Logger): Promise<void> {
  const found = await client.get<KubeObject>(NAMESPACES, namespace);
  // A standalone's API server has no Namespace objects.
  if (!found.ok || found.value.metadata.deletionTimestamp === undefined) return;
  const released = await releaseObjects(client, namespace);
  if (released.ok) log.info('namespace ends: nothing waits for a controller', {namespace});
  else log.warn('namespace ends, and objects wait for a controller', {namespace, reason: released.error});
}

/** Ready: this process answers, itself or through the leader. Which of the two says nothing about its health. */
function readiness(elector: LeaderElector, serves: () => boolean): HealthRegistry {
  const registry = new HealthRegistry();
  registry.addReadiness('leader', () => elector.leader() !== undefined || 'no leader is known yet');
  registry.addReadiness('serving', () => !elector.isLeader() || serves() || 'still finding out what runs');
  return registry;
}

async function lead(master: {start: () => Promise<void>}, marathon: Marathon): Promise<void> {
  await master.start();
  await marathon.start();
}

type Address = {readonly ip: string; readonly hostname: string; readonly port: number};

/** An unspecified address tells nobody anything; this machine's name does. */
function addressOf(ip: string, hostname: string | undefined, port: number): Address {
  const reachable = ip === '0.0.0.0' || ip === '::' ? '127.0.0.1' : ip;
  return {ip: reachable, hostname: hostname ?? reachable, port};
}

const textOf = ({hostname, port}: Address): string =>
  hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;

const describeLeader = (leader: Leader | undefined): string =>
  leader === undefined ? 'nobody' : leader.isSelf ? 'this process' : leader.identity;
