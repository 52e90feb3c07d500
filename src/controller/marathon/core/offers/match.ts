import type {Resource} from '../../../../api/mesos/v1/resources.ts';
import type {Random} from '../../../../lib/clock.ts';
import type {AgentFacts} from './agent-facts.ts';
import type {AppDefinition} from '../apps/app.ts';
import {satisfies, type Placement} from './constraints.ts';
import {chooseHostPorts, missingHostPorts} from '../ports/host-ports.ts';
import {
  available,
  availablePorts,
  hasResourcesFor,
  takePorts,
  takeScalar,
  toMilli,
  type OfferPool,
} from './offer-pool.ts';

/** In the order of the checks: an offer is charged to the first that fails. */
export const REJECT_REASONS = [
  'UnfulfilledRole',
  'UnfulfilledConstraint',
  'NoCorrespondingReservationFound',
  'AgentMaintenance',
  'InsufficientCpus',
  'InsufficientMemory',
  'InsufficientDisk',
  'InsufficientGpus',
  'InsufficientPorts',
  'DeclinedScarceResources',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/**
 * Amounts as in the app's definition; for ports their number. Absent where the reason is not an amount. `missingPorts`:
 * host ports that the app asks for by number and the offer has not.
 */
export type Rejection = {
  readonly reason: RejectReason;
  readonly wanted?: number;
  readonly offered?: number;
  readonly missingPorts?: readonly number[];
  /** Other amounts that are too small. */
  readonly also?: readonly RejectReason[];
};

export type Match = {
  readonly resources: readonly Resource[];
  readonly hostPorts: readonly (number | undefined)[];
};

/** Whether apps without GPUs may use agents that have some. */
export type GpuScheduling = 'restricted' | 'unrestricted';

export type MatchContext = {
  readonly placement: Placement;
  readonly servicePorts: readonly number[];
  readonly gpuScheduling?: GpuScheduling;
  /** The master's region; an app that names no region or zone stays there. */
  readonly homeRegion?: string;
  readonly nowMs: number;
  readonly random: Random;
};

const SCALARS = [
  {name: 'cpus', reason: 'InsufficientCpus'},
  {name: 'mem', reason: 'InsufficientMemory'},
  {name: 'disk', reason: 'InsufficientDisk'},
  {name: 'gpus', reason: 'InsufficientGpus'},
] as const;

/** Takes what one instance needs out of the pool, or says why it does not fit and takes nothing. */
export function matchOffer(
  pool: OfferPool,
  app: AppDefinition,
  context: MatchContext,
): {readonly kind: 'match'; readonly match: Match} | {readonly kind: 'rejected'; readonly rejection: Rejection} {
  const roles = app.acceptedResourceRoles;
  const rejection = generalRejection(pool, app, context) ?? scalarRejection(pool, app);
  if (rejection !== undefined) return {kind: 'rejected', rejection};
  const offered = availablePorts(pool, roles);
  const hostPorts = chooseHostPorts(app.ports, context.servicePorts, offered, context.random);
  if (hostPorts === undefined) {
    const count = offered.reduce((sum, {begin, end}) => sum + end - begin + 1, 0);
    const wanted = app.ports.filter(port => port.hostPort !== 'none').length;
    const missingPorts = missingHostPorts(app.ports, context.servicePorts, offered);
    return {kind: 'rejected', rejection: {reason: 'InsufficientPorts', wanted, offered: count, missingPorts}};
  }
  if (isScarce(pool, app, context)) return {kind: 'rejected', rejection: {reason: 'DeclinedScarceResources'}};
  const scalars = SCALARS.flatMap(({name}) => takeScalar(pool, name, toMilli(app.spec[name]), roles));
  const ports = takePorts(
    pool,
    hostPorts.filter(port => port !== undefined),
    roles,
  );
  return {kind: 'match', match: {resources: [...scalars, ...ports], hostPorts}};
}

function generalRejection(pool: OfferPool, app: AppDefinition, context: MatchContext): Rejection | undefined {
  if (pool.role !== app.role || !hasResourcesFor(pool, app.acceptedResourceRoles)) return {reason: 'UnfulfilledRole'};
  if (!isAtHome(pool.agent, app, context.homeRegion) || !satisfies(app.constraints, pool.agent, context.placement)) {
    return {reason: 'UnfulfilledConstraint'};
  }
  return isInMaintenance(pool, context.nowMs) ? {reason: 'AgentMaintenance'} : undefined;
}

const GPU_LABEL = 'GPU_SCHEDULING_BEHAVIOR';

/** Agents with GPUs are kept for apps that use them, unless the app or the flag says otherwise. */
const isScarce = (
  pool: OfferPool,
  {spec, labels}: AppDefinition,
  {gpuScheduling = 'restricted'}: MatchContext,
): boolean =>
  spec.gpus === 0 &&
  (labels[GPU_LABEL] ?? gpuScheduling) === 'restricted' &&
  pool.shares.some(({resource}) => resource.name === 'gpus');

function isAtHome(agent: AgentFacts, app: AppDefinition, homeRegion: string | undefined): boolean {
  if (homeRegion === undefined || agent.region === undefined || agent.region === homeRegion) return true;
  return app.constraints.some(({field}) => field === '@region' || field === '@zone');
}

function isInMaintenance({offer: {unavailability}}: OfferPool, nowMs: number): boolean {
  if (unavailability === undefined) return false;
  const startMs = unavailability.start.nanoseconds / 1e6;
  const endMs = unavailability.duration === undefined ? Infinity : startMs + unavailability.duration.nanoseconds / 1e6;
  return startMs <= nowMs && nowMs < endMs;
}

function scalarRejection(pool: OfferPool, app: AppDefinition): Rejection | undefined {
  const [first, ...others] = SCALARS.flatMap(({name, reason}): Rejection[] => {
    const offered = available(pool, name, app.acceptedResourceRoles);
    return offered < toMilli(app.spec[name]) ? [{reason, wanted: app.spec[name], offered: offered / 1000}] : [];
  });
  return first === undefined || others.length === 0 ? first : {...first, also: others.map(({reason}) => reason)};
}
