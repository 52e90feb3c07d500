import type {Offer} from '../../../../api/mesos/v1/common.ts';
import type {Range, Resource} from '../../../../api/mesos/v1/resources.ts';
import {ownerOf} from '../residents/reservation.ts';
import {agentFacts, type AgentFacts} from './agent-facts.ts';

/** A resource of the offer and what is left of it: thousandths of a scalar, or ranges. */
type Share = {readonly resource: Resource; readonly role: string; milli: number; ranges: readonly Range[]};

/** What is left of an offer while tasks are placed on it; changed in place. */
export type OfferPool = {
  readonly offer: Offer;
  readonly agent: AgentFacts;
  /** The role that the offer was made to. */
  readonly role: string;
  readonly shares: readonly Share[];
  /** Reserved for one instance of a resident app, and for nothing else. */
  named: readonly Resource[];
};

const UNRESERVED = '*';

export function offerPool(offer: Offer): OfferPool {
  return {
    offer,
    agent: agentFacts({
      agentId: offer.agent_id.value,
      hostname: offer.hostname,
      attributes: offer.attributes,
      domain: offer.domain,
    }),
    role: offer.allocation_info?.role ?? offer.resources?.[0]?.allocation_info?.role ?? UNRESERVED,
    named: (offer.resources ?? []).filter(resource => ownerOf(resource) !== undefined),
    shares: (offer.resources ?? []).filter(isPlain).map(resource => ({
      resource,
      role: resource.reservations?.at(-1)?.role ?? resource.role ?? UNRESERVED,
      milli: toMilli(resource.scalar?.value ?? 0),
      ranges: resource.ranges?.range ?? [],
    })),
  };
}

/** Revocable and shared resources and disks with an identity are for those who ask for them by name. */
const isPlain = (resource: Resource): boolean => isUnbound(resource) && ownerOf(resource) === undefined;

const isUnbound = ({revocable, shared, disk}: Resource): boolean =>
  revocable === undefined && shared === undefined && disk?.persistence === undefined && disk?.source === undefined;

/** Mesos counts scalars in thousandths. */
export const toMilli = (value: number): number => Math.round(value * 1000);

/** Shares that a task may use, reserved ones first: they are of no use to anybody else. */
const usable = (pool: OfferPool, name: string, roles: readonly string[]): Share[] =>
  pool.shares
    .filter(share => share.resource.name === name && roles.includes(share.role))
    .toSorted((a, b) => Number(a.role === UNRESERVED) - Number(b.role === UNRESERVED));

export const hasResourcesFor = (pool: OfferPool, roles: readonly string[]): boolean =>
  pool.shares.some(share => roles.includes(share.role));

/** Thousandths of a scalar that tasks of these roles could still take. */
export const available = (pool: OfferPool, name: string, roles: readonly string[]): number =>
  usable(pool, name, roles).reduce((sum, share) => sum + share.milli, 0);

/** Free host ports, lowest range first. */
export const availablePorts = (pool: OfferPool, roles: readonly string[]): readonly Range[] =>
  usable(pool, 'ports', roles).flatMap(share => share.ranges);

/** Takes a scalar out of the pool. The caller has checked that there is enough. */
export function takeScalar(pool: OfferPool, name: string, milli: number, roles: readonly string[]): Resource[] {
  const taken: Resource[] = [];
  let wanted = milli;
  for (const share of usable(pool, name, roles)) {
    const part = Math.min(wanted, share.milli);
    if (part <= 0) continue;
    share.milli -= part;
    wanted -= part;
    taken.push({...share.resource, scalar: {value: part / 1000}});
  }
  return taken;
}

/** Takes host ports out of the pool; each is in one of its ranges. */
export function takePorts(pool: OfferPool, ports: readonly number[], roles: readonly string[]): Resource[] {
  return usable(pool, 'ports', roles).flatMap(share => {
    const mine = [...new Set(ports)].filter(port =>
      share.ranges.some(range => range.begin <= port && port <= range.end),
    );
    if (mine.length === 0) return [];
    share.ranges = mine.reduce<readonly Range[]>(withoutPort, share.ranges);
    return [{...share.resource, ranges: {range: toRanges(mine)}}];
  });
}

const withoutPort = (ranges: readonly Range[], port: number): readonly Range[] =>
  ranges.flatMap(({begin, end}) => {
    if (port < begin || port > end) return [{begin, end}];
    const parts = [
      {begin, end: port - 1},
      {begin: port + 1, end},
    ];
    return parts.filter(part => part.begin <= part.end);
  });

function toRanges(ports: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (const port of ports.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.end === port - 1) ranges.splice(-1, 1, {begin: last.begin, end: port});
    else ranges.push({begin: port, end: port});
  }
  return ranges;
}
