import {LEADER_LEASE, MARATHON_ADDRESS_ANNOTATION, MASTER_ADDRESS_ANNOTATION} from '../crds/meta.ts';
import {createInformer} from '../kube/informer.ts';
import {LEASES} from '../kube/kinds.ts';
import type {Informer, KubeClient} from '../kube/types.ts';
import {type Addresses, textOf} from './addresses.ts';
import type {OperatorOptions} from './operator-options.ts';
import {createLeaderElector, type Leader, type LeaderElector} from './runtime/leader-election.ts';
import {decodeLease} from './runtime/lease-record.ts';

/** Who of all controllers of a namespace leads. */
export type Election = {
  readonly start: () => void;
  /** Resolves when this process leads; never, if it does not. */
  readonly won: Promise<void>;
  /** May this process act now? */
  readonly isLeader: () => boolean;
  /** Aborted when the Lease is lost. */
  readonly lost: AbortSignal;
  readonly isLeaderKnown: () => boolean;
  /** `host:port` where the leader's master or Marathon answers. */
  readonly leaderAddress: (of: keyof Addresses) => string | undefined;
  /** Looks at the Lease no more, but keeps it. */
  readonly stopWatching: () => void;
  /** Gives the Lease back. */
  readonly stop: () => Promise<void>;
};

const ANNOTATION = {master: MASTER_ADDRESS_ANNOTATION, marathon: MARATHON_ADDRESS_ANNOTATION};

/** @param client not fenced: it has to write the Lease before it can lead */
export function buildElection(options: OperatorOptions, client: KubeClient, addresses: Addresses): Election {
  const won = Promise.withResolvers<void>();
  const lost = new AbortController();
  const elector = buildElector(options, client, addresses, {won: won.resolve, lost: () => lost.abort()});
  const lease = watchLease(options, client, elector);
  return {
    start: () => {
      elector.start();
      lease.start();
    },
    won: won.promise,
    isLeader: elector.isLeader,
    lost: lost.signal,
    isLeaderKnown: () => elector.leader() !== undefined,
    leaderAddress: of => elector.leader()?.annotations[ANNOTATION[of]],
    stopWatching: () => lease.stop(),
    stop: elector.stop,
  };
}

function buildElector(
  {podName, lease, namespace, identity, clock, random, log, onFatal}: OperatorOptions,
  client: KubeClient,
  {master, marathon}: Addresses,
  on: {readonly won: () => void; readonly lost: () => void},
): LeaderElector {
  return createLeaderElector({
    ...{client, namespace, name: LEADER_LEASE, identity, clock, random, log, onStartedLeading: on.won},
    // A container that starts again in the same pod: the kubelet waits for the end of the one before.
    isPredecessor: holder => podName !== undefined && holder.startsWith(`${podName}_`),
    annotations: {[ANNOTATION.master]: textOf(master), [ANNOTATION.marathon]: textOf(marathon)},
    leaseDurationMs: lease.durationMs,
    renewDeadlineMs: lease.renewDeadlineMs,
    retryPeriodMs: lease.retryPeriodMs,
    onStoppedLeading: why => {
      if (why !== 'lost') return;
      on.lost();
      onFatal('lost the Lease');
    },
    onNewLeader: leader => log.info('leader elected', {leader: describe(leader)}),
  });
}

/** The elector looks at the Lease now and then; a watch tells it at once. */
function watchLease(
  {namespace, clock, random, log}: OperatorOptions,
  client: KubeClient,
  elector: LeaderElector,
): Informer<unknown> {
  const leases = createInformer({
    ...{client, kind: LEASES, namespace, clock, random, log},
    selector: {fieldSelector: `metadata.name=${LEADER_LEASE}`},
    project: lease => ({holder: decodeLease(lease).holder, version: lease.metadata.resourceVersion ?? ''}),
  });
  leases.onEvent(event => {
    if (event.type !== 'deleted') elector.saw(event.object.version);
    // Given back: there is something to take. Taken: requests go to another leader from now on.
    if (event.type !== 'updated' || event.object.holder !== event.old.holder) elector.wake();
  });
  return leases;
}

const describe = (leader: Leader | undefined): string =>
  leader === undefined ? 'nobody' : leader.isSelf ? 'this process' : leader.identity;
