import type {Client, FrameworkRecord, RoleRecord} from './records.ts';
import {Bits} from './bits.ts';
import type {Resources} from './resources.ts';
import type {ClusterTotal, Vector} from './sorter/cluster-total.ts';
import type {Sorter} from './sorter/sorter.ts';

export type Sorters = {readonly roles: Sorter<RoleRecord>; readonly frameworks: () => Sorter<Client>};

/** Roles, the frameworks in them, and both levels of sorters: keeps who is active and who holds how much. */
export class ClientBook {
  readonly roleSorter: Sorter<RoleRecord>;
  readonly #newFrameworkSorter: () => Sorter<Client>;
  readonly #total: ClusterTotal;
  readonly #roles = new Map<string, RoleRecord>();
  /** Clients that may get offers, by index. */
  readonly active = new Bits();
  readonly #freeIndices: number[] = [];
  #indices = 0;
  #unlocks = 0;

  constructor(total: ClusterTotal, {roles, frameworks}: Sorters) {
    this.#total = total;
    this.roleSorter = roles;
    this.#newFrameworkSorter = frameworks;
  }

  /** Counts the events that let some client take what it could not take before. */
  get unlocks(): number {
    return this.#unlocks;
  }

  get roles(): ReadonlyMap<string, RoleRecord> {
    return this.#roles;
  }

  /** Goes on counting unlocks from there. */
  resumeUnlocks(unlocks: number): void {
    this.#unlocks = unlocks;
  }

  /** The client, made inactive and unsubscribed if there is none yet. */
  join(framework: FrameworkRecord, role: string): Client {
    const known = framework.clients.get(role);
    if (known !== undefined) return known;
    const record = this.#roleRecord(role);
    const client: Client = {
      index: this.#freeIndices.pop() ?? this.#indices++,
      framework,
      role: record,
      subscribed: false,
      suppressed: false,
      minimum: [],
      constraints: undefined,
      filters: 0,
      holds: 0,
      unlockedAt: 0,
    };
    framework.clients.set(role, client);
    record.clients.add(client);
    record.frameworks.add(framework.frameworkId, client);
    return client;
  }

  /** Removes a client with all that it holds; the role too if it was the last. Its filters must be gone. */
  leave(client: Client): void {
    const {framework, role} = client;
    client.subscribed = false;
    this.refresh(client);
    this.roleSorter.unallocated(role.role, [...role.frameworks.holdings(framework.frameworkId)]);
    role.frameworks.remove(framework.frameworkId);
    role.clients.delete(client);
    framework.clients.delete(role.role);
    this.#freeIndices.push(client.index);
    if (role.clients.size > 0) return;
    this.roleSorter.remove(role.role);
    this.#roles.delete(role.role);
  }

  /** Makes the sorters agree with whether the client may get offers. */
  refresh(client: Client): void {
    const {framework, role, subscribed, suppressed} = client;
    const wanted = framework.active && subscribed && !suppressed;
    const {frameworks} = role;
    if (wanted === frameworks.isActive(framework.frameworkId)) return;
    if (wanted) {
      frameworks.activate(framework.frameworkId);
      this.active.add(client.index);
      this.unlock(client);
    } else {
      frameworks.deactivate(framework.frameworkId);
      this.active.delete(client.index);
    }
    if (frameworks.activeCount > 0) this.roleSorter.activate(role.role);
    else this.roleSorter.deactivate(role.role);
  }

  /** Agents that found no taker must ask this client again. */
  unlock(client: Client): void {
    client.unlockedAt = ++this.#unlocks;
  }

  allocated({role, framework}: Client, resources: Resources): void {
    const amounts = this.#vector(resources);
    role.frameworks.allocated(framework.frameworkId, amounts);
    this.roleSorter.allocated(role.role, amounts);
  }

  unallocated({role, framework}: Client, resources: Resources): void {
    const amounts = this.#vector(resources);
    role.frameworks.unallocated(framework.frameworkId, amounts);
    this.roleSorter.unallocated(role.role, amounts);
  }

  #vector(resources: Resources): Vector {
    return resources.vector(this.#total.names);
  }

  #roleRecord(role: string): RoleRecord {
    const known = this.#roles.get(role);
    if (known !== undefined) return known;
    const record: RoleRecord = {role, frameworks: this.#newFrameworkSorter(), clients: new Set()};
    this.#roles.set(role, record);
    this.roleSorter.add(role, record);
    return record;
  }
}
