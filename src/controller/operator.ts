import {createKubeClient} from '../kube/client.ts';
import type {KubeClient} from '../kube/types.ts';
import {ok, type Result} from '../lib/result.ts';
import {type Addresses, addressesOf, textOf} from './addresses.ts';
import {buildElection, type Election} from './election.ts';
import {createMarathon, type Marathon} from './marathon/marathon.ts';
import {createMaster, type MasterService} from './mesos/master.ts';
import type {OperatorOptions} from './operator-options.ts';
import {releaseIfLast} from './release-objects.ts';
import {HealthRegistry} from './runtime/health.ts';
import {createLeaderLabel} from './runtime/leader-label.ts';
import {MASTER_METRICS} from './telemetry/master-metrics.ts';
import {Metrics} from './telemetry/metrics.ts';
import {reportProcess} from './telemetry/process-metrics.ts';
import {type Access, openAccess} from './web/access.ts';
import {buildWeb, type WebDoors} from './web/build-web.ts';
import {schemeOf} from './web/tls.ts';

export type Operator = {
  readonly mesosUrl: string;
  readonly marathonUrl: string;
  /** Resolves when this process leads, the master serves and Marathon knows what runs. */
  readonly leading: Promise<void>;
  /** Gives the Lease back when everything that was under way is written. Tasks go on. */
  readonly stop: () => Promise<void>;
};

/** What the master and Marathon are built on. */
type Ground = {
  readonly options: OperatorOptions;
  readonly addresses: Addresses;
  readonly election: Election;
  readonly metrics: Metrics;
  /** Writes only while this process leads. */
  readonly client: KubeClient;
  readonly access: Access;
  readonly scheme: 'http' | 'https';
};

/**
 * The master and Marathon behind one Lease: builds everything once, listens at once, and acts while it leads.
 *
 * @returns an error that names the flag when a port can't be had
 */
export async function startOperator(options: OperatorOptions): Promise<Result<Operator, string>> {
  const {namespace, podName, clock, random, log, portFlags, master: flags, kubeconfigPath, environment} = options;
  const plain = createKubeClient({kubeconfigPath, environment, clock, random, log});
  const marathonCredential = options.marathon.http_credentials;
  const access = await openAccess({flags, marathonCredential, client: plain, clock, log});
  if (!access.ok) return access;
  const web = await buildWeb({
    tls: access.value.tls,
    master: {ip: flags.ip, port: flags.port, flagName: portFlags.master},
    marathon: {...options.marathonAddress, flagName: portFlags.marathon},
  });
  if (!web.ok) {
    access.value.close();
    return web;
  }

  const ground = layGround(options, plain, access.value, addressesOf(options, web.value.ports));
  const {addresses, election, client, scheme} = ground;
  const master = buildMaster(ground);
  const marathon = buildMarathon(ground, master);
  web.value.serve(doorsOf(ground, master, marathon));

  const label = createLeaderLabel({client, namespace, podName, clock, random, log});
  const leading = election.won.then(label.take).then(() => lead(options, master, marathon));
  election.start();
  return ok({
    mesosUrl: `${scheme}://${textOf(addresses.master)}`,
    marathonUrl: `${scheme}://${textOf(addresses.marathon)}`,
    leading,
    stop: async () => {
      election.stopWatching();
      await marathon.stop();
      await master.stop();
      if (election.isLeader()) await label.drop();
      if (election.isLeader()) await releaseIfLast(client, namespace, log);
      await election.stop();
      await web.value.close();
      access.value.close();
    },
  });
}

function layGround(options: OperatorOptions, plain: KubeClient, access: Access, addresses: Addresses): Ground {
  const {kubeconfigPath, environment, clock, random, log} = options;
  const election = buildElection(options, plain, addresses);
  const metrics = new Metrics(MASTER_METRICS, clock);
  reportProcess(metrics, options.version, process.version);
  const client = createKubeClient({
    ...{kubeconfigPath, environment, clock, random, log, rateLimit: options.rateLimit},
    fence: election.isLeader,
    fenced: election.lost,
    observe: ({verb, resource, status}) =>
      metrics.inc('mesos_kube_requests_total', {verb, resource, code: String(status)}),
  });
  return {options, addresses, election, metrics, client, access, scheme: schemeOf(access.tls)};
}

function buildMaster({options, addresses, election, metrics, client, access}: Ground): MasterService {
  const {namespace, clock, random, log, version, onFatal} = options;
  return createMaster({
    ...{client, namespace, clock, random, log, metrics, onFatal},
    flags: options.master,
    guard: access.guard,
    version: {version},
    address: () => addresses.master,
    leaderAddress: () => election.leaderAddress('master'),
  });
}

/** It is a framework like any other, and speaks to the master in this process. */
function buildMarathon({options, addresses, metrics, client, scheme}: Ground, master: MasterService): Marathon {
  const {namespace, clock, random, log, marathon: flags, onFatal} = options;
  return createMarathon({
    ...{client, namespace, clock, random, log, flags, onFatal},
    scheduler: master.schedulerTransport,
    operator: master.operatorTransport,
    onRebuilt: () => metrics.inc('mesos_owner_rebuilds_total', {owner: 'marathon'}),
    hostname: addresses.marathon.hostname,
    webuiUrl: flags.webui_url ?? `${scheme}://${textOf(addresses.marathon)}`,
  });
}

function doorsOf({options, addresses, election, access}: Ground, master: MasterService, marathon: Marathon): WebDoors {
  const {master: flags, version, clock, log} = options;
  return {
    ...{master, marathon, version, clock, log, access},
    marathonLeadership: {
      phase: () => (!election.isLeader() ? 'standby' : marathon.ready() ? 'leading' : 'recovering'),
      leaderAddress: () => election.leaderAddress('marathon'),
    },
    abdicate: options.onAbdicated,
    health: readiness(election, () => master.phase() === 'leading' && marathon.ready()),
    addresses: {master: textOf(addresses.master), marathon: textOf(addresses.marathon)},
    allowedHosts: flags.allowed_hosts,
  };
}

/** Ready: this process answers, itself or through the leader. Which of the two says nothing about its health. */
function readiness(election: Election, serves: () => boolean): HealthRegistry {
  const registry = new HealthRegistry();
  registry.addReadiness('leader', () => election.isLeaderKnown() || 'no leader is known yet');
  registry.addReadiness('serving', () => !election.isLeader() || serves() || 'still finding out what runs');
  return registry;
}

/** Resolves when both serve. When one can't, the process ends, and this never does. */
async function lead({onFatal}: OperatorOptions, master: MasterService, marathon: Marathon): Promise<void> {
  try {
    await master.start();
    await marathon.start();
  } catch (error) {
    onFatal(`could not begin to lead: ${String(error)}`);
    await new Promise<never>(() => {});
  }
}
