import type {AgentEntry} from '../records.ts';
import type {Resource} from '../resource.ts';
import {reservedTo} from '../resource.ts';
import type {Quantities, Resources} from '../resources.ts';
import type {ScalarNames, Vector} from '../sorter/cluster-total.ts';
import {addAt, addVector} from '../sorter/cluster-total.ts';
import {toMilli} from '../value.ts';

/** Of one top-level role. Names that are not there: nothing guaranteed, and no limit. */
export type Quota = {readonly guarantees?: Quantities; readonly limits?: Quantities};

type QuotaRecord = {
  readonly quota: Quota;
  readonly guarantee: Vector;
  /** By name, thousandths. */
  readonly limits: ReadonlyMap<number, number>;
  /** Reserved for the role or below it, in use or not, and what it and those below hold of what anybody could have. */
  readonly consumed: number[];
};

/**
 * What quota holds back: guarantees not met yet (`required`) must stay possible with what is still free for anybody on
 * all agents together (`available`). Both follow each hand-out; without quota nothing is counted.
 */
export class QuotaBook {
  readonly #names: ScalarNames;
  readonly #byRole = new Map<string, QuotaRecord>();
  readonly #available: number[] = [];
  readonly #required: number[] = [];
  /** Roles that lack something of their guarantee. */
  readonly #unmet = new Set<string>();
  #loosened = false;

  constructor(names: ScalarNames) {
    this.#names = names;
  }

  get roles(): Iterable<string> {
    return this.#byRole.keys();
  }

  get isEmpty(): boolean {
    return this.#byRole.size === 0;
  }

  /** Roles that hold less than they are guaranteed. */
  get unmetRoles(): ReadonlySet<string> {
    return this.#unmet;
  }

  /** @param quota undefined: none any more */
  set(role: string, quota: Quota | undefined, agents: readonly AgentEntry[]): void {
    if (role.includes('/')) throw new Error(`Bug: quota on ${role}, which is no top-level role`);
    this.#byRole.delete(role);
    if (quota !== undefined) this.#byRole.set(role, this.#record(quota));
    this.#recount(agents);
    this.#loosened = true;
  }

  of(role: string): (Quota & {readonly consumed: Quantities}) | undefined {
    const record = this.#byRole.get(role);
    return record && {...record.quota, consumed: this.#names.quantities(record.consumed)};
  }

  /** What unmet guarantees need, and what is free for anybody. */
  headroom(): {readonly required: Quantities; readonly available: Quantities} {
    return {required: this.#names.quantities(this.#required), available: this.#names.quantities(this.#available)};
  }

  /** Roles with what they lack of their guarantees, by name. */
  lacking(): {readonly role: string; readonly lacks: Quantities}[] {
    const roles = [...this.#unmet].sort();
    return roles.flatMap(role => {
      const record = this.#byRole.get(role);
      return record === undefined ? [] : [{role, lacks: this.#names.quantities(unmetOf(record))}];
    });
  }

  /** As `takeLoosened`, and it may be asked again. */
  get isLoosened(): boolean {
    return this.#loosened;
  }

  /** Quotas as they were set, by role. */
  settings(): ReadonlyMap<string, Quota> {
    return new Map(Array.from(this.#byRole, ([role, {quota}]) => [role, quota]));
  }

  /** Whether, since it was last asked, something happened that may let a role take what quota denied. */
  takeLoosened(): boolean {
    const loosened = this.#loosened;
    this.#loosened = false;
    return loosened;
  }

  /** Resources went to a role (1) or came back (-1); `agent.free` was `freeBefore`. */
  held(role: string, resources: Resources, sign: 1 | -1, agent: AgentEntry, freeBefore: Resources): void {
    if (this.isEmpty) return;
    this.#consume(role, this.#plain(resources), sign);
    this.freeChanged(freeBefore, agent.free);
    if (sign < 0) this.#loosened = true;
  }

  freeChanged(before: Resources, after: Resources): void {
    if (this.isEmpty || before === after) return;
    addVector(this.#available, this.#plain(before), -1);
    addVector(this.#available, this.#plain(after), 1);
  }

  /** Other resources on an agent; what is free there changed separately. */
  totalChanged(before: Resources, after: Resources): void {
    this.counted(before, -1);
    this.counted(after, 1);
  }

  /** An agent comes (1) or goes (-1), with its reservations. */
  counted(total: Resources, sign: 1 | -1): void {
    if (this.isEmpty) return;
    this.#countReserved(total, sign);
    this.#loosened = true;
  }

  /**
   * What a role may have by fair share: up to its limit, and without touching what unmet guarantees need. Only what
   * anybody could have is cut.
   */
  shareOf(role: string, visible: Resources): Resources {
    const limited = this.#byRole.has(role);
    if (!limited && this.#unmet.size === 0) return visible;
    return this.#cut(visible, this.#room(role, []));
  }

  /** What a role might have if nothing were held back for others: up to its limit. */
  withinLimit(role: string, visible: Resources): Resources {
    const record = this.#byRole.get(role);
    return this.#cut(visible, index => Math.max(0, toLimit(record, index)));
  }

  /**
   * What a role gets for its guarantee: as much as it lacks, and beyond that what fair share would allow it too.
   *
   * @returns undefined: the agent has nothing that it lacks
   */
  guaranteedOf(role: string, visible: Resources): Resources | undefined {
    const record = this.#byRole.get(role);
    if (record === undefined || !this.#unmet.has(role)) return undefined;
    const plain = this.#plain(visible);
    const given = unmetOf(record).map((lack, i) => Math.min(lack, plain[i] ?? 0));
    if (!given.some(amount => amount > 0)) return undefined;
    const extra = this.#room(role, given);
    return this.#cut(visible, i => (given[i] ?? 0) + extra(i));
  }

  /** How much a role may still take by limit and headroom, beside `given`, which comes out of its guarantee. */
  #room(role: string, given: Vector): (index: number) => number {
    const record = this.#byRole.get(role);
    const heldBack = this.#unmet.size > 0;
    return index => {
      const byLimit = toLimit(record, index) - (given[index] ?? 0);
      const surplus = heldBack ? (this.#available[index] ?? 0) - (this.#required[index] ?? 0) : byLimit;
      return Math.max(0, Math.min(byLimit, surplus));
    };
  }

  #cut(visible: Resources, room: (index: number) => number): Resources {
    const left = new Map<number, number>();
    return visible.resize((resource, milli) => {
      if (!isPlain(resource)) return milli;
      const index = this.#names.indexOf(resource.name);
      const allowed = left.get(index) ?? room(index);
      left.set(index, allowed - Math.min(allowed, milli));
      return allowed;
    });
  }

  #record(quota: Quota): QuotaRecord {
    const guarantee: number[] = [];
    for (const [name, amount] of quota.guarantees ?? []) addAt(guarantee, this.#names.indexOf(name), toMilli(amount));
    const limits = Array.from(quota.limits ?? [], ([name, amount]): [number, number] => [
      this.#names.indexOf(name),
      toMilli(amount),
    ]);
    return {quota, guarantee, limits: new Map(limits), consumed: []};
  }

  #recount(agents: readonly AgentEntry[]): void {
    this.#available.length = 0;
    this.#required.length = 0;
    this.#unmet.clear();
    for (const [role, record] of this.#byRole) {
      record.consumed.length = 0;
      addVector(this.#required, record.guarantee, 1);
      this.#noteUnmet(role, record);
    }
    if (this.isEmpty) return;
    for (const agent of agents) {
      this.#countReserved(agent.total, 1);
      addVector(this.#available, this.#plain(agent.free), 1);
      for (const {role, resources} of agent.holdings) this.#consume(role, this.#plain(resources), 1);
    }
  }

  #countReserved(total: Resources, sign: 1 | -1): void {
    if (!total.isRestricted) return;
    for (const resource of total.list()) {
      const role = reservedTo(resource);
      if (role === undefined || resource.value.kind !== 'scalar') continue;
      const amounts: number[] = [];
      addAt(amounts, this.#names.indexOf(resource.name), resource.value.milli);
      this.#consume(role, amounts, sign);
    }
  }

  #consume(role: string, amounts: Vector, sign: 1 | -1): void {
    const top = topOf(role);
    const record = this.#byRole.get(top);
    if (record === undefined) return;
    addVector(this.#required, unmetOf(record), -1);
    addVector(record.consumed, amounts, sign);
    addVector(this.#required, unmetOf(record), 1);
    this.#noteUnmet(top, record);
  }

  #noteUnmet(role: string, record: QuotaRecord): void {
    if (unmetOf(record).some(amount => amount > 0)) this.#unmet.add(role);
    else this.#unmet.delete(role);
  }

  /** What anybody could have: neither reserved nor revocable. */
  #plain(resources: Resources): Vector {
    return (resources.isRestricted ? resources.filter(isPlain) : resources).vector(this.#names);
  }
}

/** Below zero: more is consumed than the limit allows now. */
const toLimit = (record: QuotaRecord | undefined, index: number): number =>
  (record?.limits.get(index) ?? Number.POSITIVE_INFINITY) - (record?.consumed[index] ?? 0);

const topOf = (role: string): string => (role.includes('/') ? role.slice(0, role.indexOf('/')) : role);

const isPlain = (resource: Resource): boolean => reservedTo(resource) === undefined && resource.revocable !== true;

const unmetOf = ({guarantee, consumed}: QuotaRecord): Vector =>
  guarantee.map((amount, i) => Math.max(0, amount - (consumed[i] ?? 0)));
