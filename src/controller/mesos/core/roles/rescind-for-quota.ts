import type {Quantities} from '../../../../allocator/resources.ts';
import {plainPart} from './consumption.ts';
import {rescindOffer} from '../offers/offers.ts';
import type {RoleQuota} from './role-types.ts';
import type {Master, Offer} from '../state.ts';
import type {Turn} from '../turn.ts';

/** A new quota takes nothing from tasks, but outstanding offers that are in its way are rescinded, latest first. */
export function rescindForQuota(turn: Turn, role: string, {guarantees, limits}: RoleQuota): void {
  if (turn.master.offers.size === 0) return;
  const held = heldOf(turn.master);
  if (limits.size > 0) rescindOverLimit(turn, role, limits, held);
  if (guarantees.size > 0) rescindForGuarantees(turn, role, held);
}

/** By top-level role with quota, what counts for its quota: offers included, thousandths left to `Quantities`. */
type Held = Map<string, Map<string, number>>;

const heldOf = ({allocator}: Master): Held =>
  new Map(
    allocator
      .view()
      .roles()
      .flatMap(({role, quota}) => (quota === undefined ? [] : [[role, new Map(quota.consumed)] as const])),
  );

/** Offers of the role itself; roles below it are not bound by its limit. */
function rescindOverLimit(turn: Turn, role: string, limits: Quantities, held: Held): void {
  for (const offer of latestFirst(turn)) {
    const above = excess(held.get(role), limits, limits.keys());
    if (above.length === 0) return;
    if (offer.role === role && offersAny(offer, above)) take(turn, offer, held);
  }
}

/** Offers of others, until what guarantees still need can come from what is free. */
function rescindForGuarantees(turn: Turn, role: string, held: Held): void {
  const {allocator, quotas} = turn.master;
  for (const offer of latestFirst(turn)) {
    const {required, available} = allocator.view().headroom();
    const short = excess(required, available, required.keys());
    if (short.length === 0) return;
    const top = topOf(offer.role);
    if (top === role || !offersAny(offer, short)) continue;
    // What a role holds for its own guarantee would be missing there instead.
    const own = quotas.get(top)?.guarantees;
    if (own === undefined || excess(held.get(top), own, short).length > 0) take(turn, offer, held);
  }
}

function take(turn: Turn, offer: Offer, held: Held): void {
  const sum = held.get(topOf(offer.role));
  for (const [name, amount] of plainPart(offer.resources).quantities()) {
    sum?.set(name, (sum.get(name) ?? 0) - amount);
  }
  rescindOffer(turn, offer.id);
}

const latestFirst = ({master}: Turn): readonly Offer[] => [...master.offers.values()].reverse();
const topOf = (role: string): string => role.split('/', 1)[0] ?? role;

/** Names of which there is more than the bound. */
const excess = (amounts: Quantities = new Map(), bounds: Quantities, names: Iterable<string>): readonly string[] =>
  [...names].filter(name => (amounts.get(name) ?? 0) > (bounds.get(name) ?? 0));

const offersAny = ({resources}: Offer, names: readonly string[]): boolean => {
  const {milli} = plainPart(resources);
  return names.some(name => (milli.get(name) ?? 0) > 0);
};
