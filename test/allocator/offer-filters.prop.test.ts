import test from 'ava';
import fc from 'fast-check';
import {AgentBook} from '../../src/allocator/agent-book.ts';
import {ClientBook} from '../../src/allocator/client-book.ts';
import {OfferFilters} from '../../src/allocator/offer-filters.ts';
import type {AgentEntry, Client} from '../../src/allocator/records.ts';
import type {Resources} from '../../src/allocator/resources.ts';
import {ClusterTotal, ScalarNames} from '../../src/allocator/sorter/cluster-total.ts';
import {DrfSorter} from '../../src/allocator/sorter/drf-sorter.ts';
import {agent, fw, res} from './cluster.ts';

/** Some are parts of others. */
const TEXTS = ['cpus:1;mem:64', 'cpus:2;mem:64', 'cpus:2;mem:128', 'mem:256'];
const OFFERS = TEXTS.map(res);
const AGENTS = ['a0', 'a1', 'a2'];
const CLIENTS = ['f0', 'f1', 'f2'];

type Filter = {client: string; agentId: string; refused: Resources; endMs: number; seen: boolean};

/** Filters as a plain list: each is looked at each time. */
class PlainFilters {
  list: Filter[] = [];

  add({client, agentId, refused, endMs}: Omit<Filter, 'seen'>): void {
    const mine = this.list.filter(one => one.client === client && one.agentId === agentId);
    const same = mine.find(one => one.refused === refused);
    const superseded = mine.filter(
      one => one !== same && one.seen && one.endMs <= endMs && refused.contains(one.refused),
    );
    this.list = this.list.filter(one => one !== same && !superseded.includes(one));
    this.list.push({client, agentId, refused, endMs: Math.max(endMs, same?.endMs ?? 0), seen: false});
  }

  /** @returns the agents that lost some */
  end(isOver: (filter: Filter) => boolean): Set<string> {
    const ended = this.list.filter(isOver);
    this.list = this.list.filter(one => !ended.includes(one));
    return new Set(ended.map(({agentId}) => agentId));
  }

  /** When what hides the offer ends; minus infinity for none. */
  hiddenUntil(client: string, agentId: string, offer: Resources): number {
    const hiding = this.list.filter(
      one => one.client === client && one.agentId === agentId && one.refused.contains(offer),
    );
    return Math.max(...hiding.map(({endMs}) => endMs));
  }
}

type Op = {
  kind: 'refuse' | 'event run' | 'periodic run' | 'revive' | 'agent goes';
  afterMs: number;
  client: number;
  agent: number;
  offer: number;
  lastsMs: number;
};
const ops = fc.array(
  fc.record<Op>({
    kind: fc.constantFrom(
      'refuse',
      'refuse',
      'refuse',
      'event run',
      'periodic run',
      'periodic run',
      'revive',
      'agent goes',
    ),
    afterMs: fc.constantFrom(0, 1, 500, 999, 1000, 2500),
    client: fc.nat(CLIENTS.length - 1),
    agent: fc.nat(AGENTS.length - 1),
    offer: fc.nat(OFFERS.length - 1),
    lastsMs: fc.constantFrom(1, 500, 1000, 1001, 2000, 3500),
  }),
  {maxLength: 60, size: 'max'},
);

class Both {
  readonly agents = new AgentBook();
  readonly #freed = new Set<string>();
  readonly filters = new OfferFilters(entry => this.#freed.add(entry.agentId));
  readonly plain = new PlainFilters();
  readonly clients: readonly Client[];
  nowMs = 1_000_000;

  constructor() {
    const total = new ClusterTotal(new ScalarNames());
    const book = new ClientBook(total, {roles: new DrfSorter(total), frameworks: () => new DrfSorter(total)});
    this.clients = CLIENTS.map(id =>
      book.join({frameworkId: fw(id), active: true, capabilities: new Set(), clients: new Map()}, 'r'),
    );
    for (const id of AGENTS) this.agents.add({agentId: agent(id), total: OFFERS[2]!});
  }

  /** @returns whether both hide the same, count the same, and freed the same agents */
  step(op: Op): boolean {
    this.nowMs += op.afterMs;
    this.#freed.clear();
    const lost = this.#act(op);
    return lost.symmetricDifference(this.#freed).size === 0 && this.#agrees();
  }

  /** @returns agents that somebody may want now */
  #act({kind, client: c, agent: a, offer, lastsMs}: Op): Set<string> {
    const {filters, plain, nowMs} = this;
    const client = this.clients[c]!;
    const entry = this.agents.get(agent(AGENTS[a]!));
    switch (kind) {
      case 'refuse': {
        const [refused, endMs] = [OFFERS[offer]!, nowMs + lastsMs];
        const before = plain.list.length;
        const isNew = plain.list.every(
          one => one.client !== CLIENTS[c] || one.agentId !== AGENTS[a] || one.refused !== refused,
        );
        plain.add({client: CLIENTS[c]!, agentId: AGENTS[a]!, refused, endMs});
        // An equal one, not the same object.
        filters.add(client, entry, res(TEXTS[offer]!), endMs);
        return new Set(plain.list.length < before + (isNew ? 1 : 0) ? [AGENTS[a]!] : []);
      }
      case 'event run':
        filters.sweep(nowMs);
        return plain.end(({seen, endMs}) => seen && endMs < nowMs);
      case 'periodic run':
        filters.endPeriodicRun(nowMs);
        for (const one of plain.list) one.seen = true;
        return plain.end(({endMs}) => endMs <= nowMs);
      case 'revive':
        filters.dropClient(client, this.agents.all);
        return plain.end(one => one.client === CLIENTS[c]);
      case 'agent goes':
        filters.dropAgent(entry);
        this.agents.remove(entry);
        this.agents.add({agentId: entry.agentId, total: entry.total});
        plain.end(one => one.agentId === AGENTS[a]);
        return new Set();
      default:
        return kind satisfies never;
    }
  }

  #agrees(): boolean {
    return this.clients.every((client, c) => {
      const count = this.plain.list.filter(one => one.client === CLIENTS[c]).length;
      return client.filters === count && this.agents.all.every(entry => this.#agreesOn(client, c, entry));
    });
  }

  #agreesOn(client: Client, c: number, entry: AgentEntry): boolean {
    return OFFERS.every(offer => {
      const untilMs = this.plain.hiddenUntil(CLIENTS[c]!, entry.agentId, offer);
      const {refused, untilMs: said} = this.filters.refusalOf(client, entry, offer);
      const isHidden = untilMs > Number.NEGATIVE_INFINITY;
      return said === untilMs && refused.contains(offer) && this.filters.isRefused(client, entry, offer) === isHidden;
    });
  }
}

test('filters hide, count and end as in a plain list of them', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(ops, all => {
        const both = new Both();
        return all.every(op => both.step(op));
      }),
      {numRuns: 200},
    );
  });
});

test('thousands of refusals that were dropped early do not keep another from ending when it should', t => {
  const {filters, clients, agents, nowMs} = new Both();
  const [staying, reviving] = clients;
  const [one, other] = agents.all;
  if (!staying || !reviving || !one || !other) return t.fail();
  const offer = OFFERS[0]!;
  filters.add(staying, one, offer, nowMs + 60_000);
  for (let i = 0; i < 1100; i++) {
    filters.add(reviving, other, offer, nowMs + 3_600_000);
    filters.endPeriodicRun(nowMs);
    filters.dropClient(reviving, agents.all);
  }
  t.true(filters.isRefused(staying, one, offer));
  t.false(filters.isRefused(reviving, other, offer));
  filters.endPeriodicRun(nowMs + 59_999);
  t.is(staying.filters, 1);
  filters.endPeriodicRun(nowMs + 60_000);
  t.is(staying.filters, 0);
  t.false(filters.isRefused(staying, one, offer));
});

test('a wider filter that ends together with the one before replaces it', t => {
  const {filters, clients, agents, nowMs} = new Both();
  const [client] = clients;
  const [entry] = agents.all;
  if (!client || !entry) return t.fail();
  filters.add(client, entry, OFFERS[0]!, nowMs + 5000);
  filters.endPeriodicRun(nowMs);
  filters.add(client, entry, OFFERS[2]!, nowMs + 5000);
  t.is(client.filters, 1);
  t.is(entry.filterGroups.length, 1);
});
