import type {AgentBook} from './agent-book.ts';
import type {ClientBook} from './client-book.ts';
import type {FrameworkId} from './ids.ts';
import type {OfferFilters} from './offer-filters.ts';
import type {QuotaBook} from './quota/quota-book.ts';
import type {AgentEntry, Client, Conversion, FrameworkRecord} from './records.ts';
import {identityOf, isShared} from './resource.ts';
import type {Resources} from './resources.ts';

type Books = {
  readonly agents: AgentBook;
  readonly clients: ClientBook;
  readonly frameworks: ReadonlyMap<FrameworkId, FrameworkRecord>;
  readonly quota: QuotaBook;
  readonly filters: OfferFilters;
};

/** Enters each hand-out and each hand-back in all books: agents, quota, clients. */
export class Ledger {
  readonly #books: Books;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Of a framework that may not be known (yet). */
  hold(agent: AgentEntry, frameworkId: FrameworkId, role: string, resources: Resources): void {
    if (resources.isEmpty) return;
    const counted = this.#unlessShared(agent, frameworkId, role, resources);
    const begins = this.#enter(agent, frameworkId, role, resources);
    this.track(frameworkId, role, counted, begins);
  }

  /** As `hold`, of resources that are not empty, for a client that is known. */
  handOut(client: Client, agent: AgentEntry, resources: Resources): void {
    const {frameworkId} = client.framework;
    const {role} = client.role;
    const counted = this.#unlessShared(agent, frameworkId, role, resources);
    if (this.#enter(agent, frameworkId, role, resources)) client.holds++;
    this.#books.clients.allocated(client, counted);
  }

  /** @returns what no longer counts for the client, and whether it holds nothing more there */
  release(
    agent: AgentEntry,
    frameworkId: FrameworkId,
    role: string,
    resources: Resources,
  ): {readonly counted: Resources; readonly ends: boolean} {
    const {agents, quota} = this.#books;
    const {free} = agent;
    const ends = agents.release(agent, frameworkId, role, resources);
    quota.held(role, resources, -1, agent, free);
    return {counted: this.#unlessShared(agent, frameworkId, role, resources), ends};
  }

  /** @param begins whether it is the first that the framework holds on the agent under the role */
  track(frameworkId: FrameworkId, role: string, resources: Resources, begins: boolean): void {
    const framework = this.#books.frameworks.get(frameworkId);
    if (framework === undefined) return;
    const client = this.#books.clients.join(framework, role);
    if (begins) client.holds++;
    this.#books.clients.allocated(client, resources);
  }

  untrack(frameworkId: FrameworkId, role: string, resources: Resources, ends: boolean): void {
    const client = this.#books.frameworks.get(frameworkId)?.clients.get(role);
    if (client === undefined) return;
    this.#books.clients.unallocated(client, resources);
    if (!ends) return;
    client.holds--;
    this.leaveIfIdle(client);
  }

  convertHeld(agent: AgentEntry, frameworkId: FrameworkId, role: string, conversion: Conversion): void {
    checkQuantities(conversion);
    const {agents, quota} = this.#books;
    const {free, total} = agent;
    agents.convertHeld(agent, frameworkId, role, conversion);
    quota.totalChanged(total, agent.total);
    quota.held(role, conversion.consumed, -1, agent, free);
    quota.held(role, conversion.converted, 1, agent, agent.free);
  }

  clearFilters(client: Client): void {
    if (client.filters === 0) return;
    this.#books.filters.dropClient(client, this.#books.agents.all);
    this.#books.clients.unlock(client);
  }

  /** Before its constraints change, or it leaves: which agents they leave out is found anew. */
  forgetExclusions({index, constraints}: Client): void {
    if (constraints === undefined) return;
    for (const {excluded} of this.#books.agents.all) excluded?.members.delete(index);
  }

  /** Removes a client that neither is subscribed nor holds anything. */
  leaveIfIdle(client: Client): void {
    if (client.subscribed || client.holds > 0) return;
    this.clearFilters(client);
    this.forgetExclusions(client);
    this.#books.clients.leave(client);
  }

  #enter(agent: AgentEntry, frameworkId: FrameworkId, role: string, resources: Resources): boolean {
    const {agents, quota} = this.#books;
    const {free} = agent;
    const begins = agents.hold(agent, frameworkId, role, resources);
    quota.held(role, resources, 1, agent, free);
    return begins;
  }

  /** A shared volume counts once for a client, however often it has it. */
  #unlessShared(agent: AgentEntry, frameworkId: FrameworkId, role: string, resources: Resources): Resources {
    if (!resources.isRestricted) return resources;
    const held = this.#books.agents.held(agent, frameworkId, role);
    if (!held.isRestricted) return resources;
    const shared = new Set(held.list().filter(isShared).map(identityOf));
    return resources.filter(resource => !isShared(resource) || !shared.has(identityOf(resource)));
  }
}

function checkQuantities({consumed, converted}: Conversion): void {
  const same = [...consumed.milli].every(([name, milli]) => converted.milli.get(name) === milli);
  if (!same || consumed.milli.size !== converted.milli.size) throw new Error('Bug: a conversion changes quantities');
}
