import type {Quantities} from '../../../../allocator/resources.ts';
import {fromMilli, toMilli} from '../../../../allocator/value.ts';
import {consumptionOf} from './consumption.ts';
import {roleProblem} from '../frameworks/names.ts';
import type {RoleProblem, RoleQuota} from './role-types.ts';
import type {ReadonlyMaster} from '../state.ts';

/** In MiB: an exbibyte of memory or disk; of other things a trillion. */
const MOST = {sizes: 2 ** 40, others: 1e12};

export const NO_QUOTA: RoleQuota = {guarantees: new Map(), limits: new Map()};

/** Rounded to thousandths as all amounts are; a guarantee of nothing is none, a limit of nothing is one. */
export const roleQuota = (guarantees: Quantities, limits: Quantities): RoleQuota => ({
  guarantees: new Map([...rounded(guarantees)].filter(([, amount]) => amount !== 0)),
  limits: rounded(limits),
});

const rounded = (amounts: Quantities): Quantities =>
  new Map(Array.from(amounts, ([name, amount]) => [name, fromMilli(toMilli(amount))]));

export const isQuota = ({guarantees, limits}: RoleQuota): boolean => guarantees.size + limits.size > 0;

export const sameQuota = (a: RoleQuota, b: RoleQuota): boolean =>
  sameAmounts(a.guarantees, b.guarantees) && sameAmounts(a.limits, b.limits);

const sameAmounts = (a: Quantities, b: Quantities): boolean =>
  a.size === b.size && [...a].every(([name, amount]) => b.get(name) === amount);

/** What is wrong with a role's name in this cluster. */
export function nameProblem({options: {roleWhitelist}}: ReadonlyMaster, role: string): RoleProblem | undefined {
  const problem = roleProblem(role);
  if (problem !== undefined) return {reason: 'InvalidRole', message: problem};
  if (roleWhitelist?.has(role) !== false) return undefined;
  return {reason: 'NotWhitelisted', message: `Role '${role}' is not among the roles that --roles allows`};
}

/** What is wrong with a quota by itself, whatever happens in the cluster. */
export function quotaProblem(role: string, {guarantees, limits}: RoleQuota): RoleProblem | undefined {
  if (role.includes('/')) {
    return {
      reason: 'NestedRole',
      message: `Quota on the nested role '${role}' is not supported: set it on '${top(role)}'`,
    };
  }
  for (const [name, amount] of [...guarantees, ...limits]) {
    const message = amountProblem(name, amount);
    if (message !== undefined) return {reason: 'InvalidAmount', message};
  }
  for (const [name, amount] of guarantees) {
    const limit = limits.get(name);
    if (limit === undefined || amount <= limit) continue;
    const message = `The guarantee of ${name}:${amount} is above the limit of ${name}:${limit}`;
    return {reason: 'GuaranteeAboveLimit', message};
  }
  return undefined;
}

const top = (role: string): string => role.slice(0, role.indexOf('/'));

function amountProblem(name: string, amount: number): string | undefined {
  if (!(amount >= 0)) return `${name}:${amount} is below 0`;
  const most = name === 'mem' || name === 'disk' ? MOST.sizes : MOST.others;
  return amount <= most ? undefined : `${name}:${amount} is above ${most}, the most there can be`;
}

/** What is wrong with quotas as the cluster is now. It counts once, so it is for one step only. */
export class ClusterChecks {
  readonly #master: ReadonlyMaster;
  #consumption: ReadonlyMap<string, Quantities> | undefined = undefined;
  #capacity: Quantities | undefined = undefined;

  constructor(master: ReadonlyMaster) {
    this.#master = master;
  }

  /** Limits that the role is beyond already; what is offered to it does not count, it can be rescinded. */
  consumptionProblem(role: string, {limits}: RoleQuota): RoleProblem | undefined {
    if (limits.size === 0) return undefined;
    this.#consumption ??= consumptionOf(this.#master);
    const consumed = this.#consumption.get(role);
    for (const [name, limit] of limits) {
      const amount = consumed?.get(name) ?? 0;
      if (amount <= limit) continue;
      const message = `Role '${role}' consumes ${name}:${amount} already, more than the limit of ${name}:${limit}`;
      return {reason: 'LimitBelowConsumption', message};
    }
    return undefined;
  }

  /**
   * Guarantees that all agents together could not meet, reservations included.
   *
   * @param changed quotas as they would be; all others stay as they are
   */
  overcommitProblem(changed: ReadonlyMap<string, RoleQuota>): RoleProblem | undefined {
    this.#capacity ??= capacityOf(this.#master);
    const quotas = new Map([...this.#master.quotas, ...changed]);
    for (const [name, amount] of sumOf(Array.from(quotas.values(), ({guarantees}) => guarantees))) {
      const most = this.#capacity.get(name) ?? 0;
      if (amount <= most) continue;
      const message = `All guarantees together are ${name}:${amount}, and the cluster has ${name}:${most}`;
      return {reason: 'Overcommitted', message};
    }
    return undefined;
  }
}

/** What agents have that is theirs for good. Those known from an earlier master count before they are back. */
function capacityOf({agents, recoveredAgents}: ReadonlyMaster): Quantities {
  const all = [...agents.values(), ...recoveredAgents.values()];
  return sumOf(all.map(({record}) => record.total.filter(({revocable}) => revocable !== true).quantities()));
}

function sumOf(parts: readonly Quantities[]): Quantities {
  const sum = new Map<string, number>();
  for (const [name, amount] of parts.flatMap(part => [...part])) sum.set(name, (sum.get(name) ?? 0) + toMilli(amount));
  return new Map(Array.from(sum, ([name, milli]) => [name, fromMilli(milli)]));
}
