import {randomBytes, randomUUID} from 'node:crypto';
import {toFrameworkId} from '../../allocator/ids.ts';
import type {MasterInfo} from '../../api/mesos/v1/container.ts';
import type {OperatorTransport, SchedulerTransport} from '../../api/mesos/v1/transport.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import {formatFlags} from '../../lib/flags.ts';
import {type Guard, OPEN_GUARD} from '../access/guard.ts';
import {MASTER_FLAGS, type MasterFlags} from '../flags.ts';
import type {Metrics} from '../telemetry/metrics.ts';
import {collectSystem} from './views/gauges.ts';
import {isHeldOff} from './core/offers/held-off.ts';
import {windowOf} from './core/maintenance/machines.ts';
import {Verbosity} from '../runtime/verbosity.ts';
import type {Leadership, Phase} from '../web/leadership.ts';
import {VirtualFiles} from '../web/virtual-files.ts';
import type {SharedDoors} from './http/master-doors.ts';
import {RateLimit} from './http/rate-limit.ts';
import type {RecordedAllocator} from './allocation/recorded-allocator.ts';
import type {ReadonlyMaster} from './core/state.ts';
import {LeadingMaster} from './leading-master.ts';
import type {NamedCluster} from './views/named-cluster.ts';
import type {MasterContext, MasterStep, VersionInfo} from './master-context.ts';
import {operatorTransport, schedulerTransport} from './calls/transports.ts';

export type MasterServiceOptions = {
  /** Writes only while this process leads. */
  readonly client: KubeClient;
  /** One namespace is one Mesos cluster. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly flags: MasterFlags;
  /** Who may what; absent: everybody everything. */
  readonly guard?: Guard;
  readonly version: VersionInfo;
  /** As in `MASTER_METRICS`. */
  readonly metrics: Metrics;
  /** Where this master answers; asked when it begins to lead, and for each redirection and page. */
  readonly address: () => MasterAddress;
  /** `host:port` of the master that leads; undefined while nobody is known to. */
  readonly leaderAddress: () => string | undefined;
  /** The process cannot go on and should end: its state cannot be trusted. */
  readonly onFatal: (reason: string) => void;
  /** Instead of the master's step: tests make it fail. */
  readonly step?: MasterStep;
};

export type MasterAddress = {readonly ip: string; readonly port: number; readonly hostname: string};

export type MasterService = {
  /** To be called when this process begins to lead; resolves when calls are served. */
  readonly start: () => Promise<void>;
  /** Ends streams, lets writes that were asked for end. A process that leads no more should end. */
  readonly stop: () => Promise<void>;
  /** For frameworks and callers in this process; refused with 503 while it does not lead. */
  readonly schedulerTransport: SchedulerTransport;
  readonly operatorTransport: OperatorTransport;
  /** What the routes show and whom they ask; a master that stands by has them too. */
  readonly doors: SharedDoors;
  readonly metrics: Metrics;
  /** False while the state is being rebuilt. */
  readonly healthy: () => boolean;
  readonly phase: () => Phase;
  /** The cluster as it is, for whoever tries something on a copy; undefined while this process does not lead. */
  readonly cluster: () => NamedCluster | undefined;
};

/** A master that stands by until it is started. */
export function createMaster(options: MasterServiceOptions): MasterService {
  const {clock, log, flags, version, address, metrics} = options;
  const context = contextOf(options);
  const {flagTexts, startedMs} = context;
  let leading: LeadingMaster | undefined;
  let info: MasterInfo = masterInfo(context.newUuid(), options);
  let electedMs: number | undefined;

  const phase = (): Phase => (leading === undefined ? 'standby' : leading.recovering ? 'recovering' : 'leading');
  const leadership: Leadership = {phase, leaderAddress: options.leaderAddress};
  const serving = () => (phase() === 'leading' ? leading?.serving : undefined);
  metrics.onCollect(() => {
    collectSystem(metrics, clock.now() - startedMs, phase() === 'leading');
    leading?.collect();
  });

  if (flags.publish_per_framework_metrics) metrics.addExtra(() => leading?.snapshotOfFrameworks() ?? {});

  return {
    start: async () => {
      if (leading !== undefined) throw new Error('this master was started already');
      info = masterInfo(info.id, options);
      electedMs = clock.now();
      leading = new LeadingMaster(context, info, electedMs);
      await leading.start();
      log.info('master leads', {masterId: info.id, address: info.pid});
    },
    stop: async () => {
      const stopping = leading;
      leading = undefined;
      await stopping?.stop();
    },
    schedulerTransport: schedulerTransport(serving, log),
    operatorTransport: operatorTransport(serving),
    doors: {
      leadership,
      serving,
      core: () => leading?.core,
      journal: () => leading?.recorded.journal?.segments,
      masterInfo: () => masterInfo(leading?.masterId ?? info.id, {version, address}),
      version,
      flagTexts,
      clusterName: flags.cluster,
      startedMs,
      electedMs: () => electedMs,
      metrics,
      verbosity: context.verbosity,
      files: context.files,
      snapshotLimit: new RateLimit(clock, 2, 1000),
      clock,
      maxBufferedBytes: flags.max_stream_buffer_bytes,
    },
    metrics,
    healthy: () => phase() !== 'recovering',
    phase,
    cluster: () => (leading?.core === undefined ? undefined : clusterOf(leading.core, leading.recorded, clock.now())),
  };
}

const contextOf = (options: MasterServiceOptions): MasterContext => ({
  guard: OPEN_GUARD,
  ...options,
  verbosity: new Verbosity(options.clock, options.log.level),
  files: new VirtualFiles(() => {
    const {external_log_file: log} = options.flags;
    return log === undefined ? [] : [{path: '/master/log', real: log}];
  }),
  flagTexts: formatFlags(MASTER_FLAGS, options.flags),
  startedMs: options.clock.now(),
  newUuid: () => randomUUID(),
  newUuidBytes: () => randomBytes(16).toString('base64'),
});

function clusterOf(core: ReadonlyMaster, recorded: RecordedAllocator, nowMs: number): NamedCluster {
  return {
    allocator: recorded.allocator,
    options: {...recorded.options, ...(core.domain !== undefined && {domain: core.domain})},
    randomState: recorded.randomState(),
    nowMs,
    agent: agentId => {
      const record = core.agents.get(agentId)?.record;
      return record && {...record, unavailability: windowOf(core, record)?.unavailability};
    },
    isHeldOff: isHeldOff(core, nowMs),
    frameworkName: id => core.frameworks.get(toFrameworkId(id))?.info.name ?? id,
  };
}

function masterInfo(id: string, {version, address}: Pick<MasterServiceOptions, 'version' | 'address'>): MasterInfo {
  const {ip, port, hostname} = address();
  return {
    id,
    ip: ipNumber(ip),
    port,
    pid: `master@${ip}:${port}`,
    hostname,
    version: version.version,
    address: {hostname, ip, port},
    capabilities: [{type: 'AGENT_UPDATE'}, {type: 'QUOTA_V2'}],
  };
}

/** The first part is the lowest byte, as Mesos writes it: 127.0.0.1 is 16777343. 0 for IPv6. */
function ipNumber(ip: string): number {
  const parts = ip.split('.').map(Number);
  if (parts.length !== 4) return 0;
  return parts.reduceRight((number, part) => number * 256 + part, 0);
}
