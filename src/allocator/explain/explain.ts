import type {AllocationCycle, RunCause} from '../allocation-cycle.ts';
import type {AgentBook} from '../agent-book.ts';
import type {FrameworkId, AgentId} from '../ids.ts';
import type {AgentEntry, Client, FrameworkRecord} from '../records.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {JudgeParts} from './judge.ts';
import {Judge} from './judge.ts';
import type {ClientStanding} from './standing.ts';
import {standingOf} from './standing.ts';
import type {Judgement, Reason} from './verdict.ts';
import {REASONS} from './verdict.ts';

/** Whom it is about; what is left out means all. A role means the roles below it, too. */
export type ExplainQuery = {
  readonly role?: string;
  readonly frameworkId?: FrameworkId;
  readonly agentId?: AgentId;
};

/** Something that the allocator does not know, and some of what it does. `not-in-role`: the framework has other roles. */
export type Unknown = {
  readonly kind: 'role' | 'framework' | 'agent' | 'not-in-role';
  readonly id: string;
  readonly known: readonly string[];
  readonly count: number;
};

export type ReasonCount = {
  readonly reason: Reason;
  /** Pairs of client and agent. */
  readonly pairs: number;
  /** The first few, by agent. */
  readonly examples: readonly Judgement[];
};

export type Explanation = {
  /** Verdicts are on the state as it is now, with the last run's hand-outs and order. */
  readonly nowMs: number;
  /** When a run last looked at anything. */
  readonly lastLookMs: number | undefined;
  /** The last run that handed out anything. */
  readonly lastRun: {readonly atMs: number; readonly cause: RunCause; readonly handOuts: number} | undefined;
  readonly agents: number;
  readonly clients: number;
  /** Pairs judged: all, or evenly spread agents when there are too many pairs. */
  readonly judged: number;
  /** Most frequent first. */
  readonly reasons: readonly ReasonCount[];
  /** The first few of the clients asked about. */
  readonly standings: readonly ClientStanding[];
};

export type ExplainParts = JudgeParts & {
  readonly agents: AgentBook;
  readonly frameworks: ReadonlyMap<FrameworkId, FrameworkRecord>;
  readonly cycle: AllocationCycle;
};

/** More pairs would keep the process busy for too long: some agents are left out then. */
const MOST_PAIRS = 50_000;
const [EXAMPLES, STANDINGS, KNOWN] = [3, 10, 20];

/** Why clients got no offers. Changes nothing, and costs nothing while nobody asks: all is worked out from what is there. */
export function explain(parts: ExplainParts, query: ExplainQuery, nowMs: number): Result<Explanation, Unknown> {
  const clients = clientsOf(parts, query);
  if (!clients.ok) return clients;
  const agents = agentsOf(parts, query);
  if (!agents.ok) return agents;
  const {lastRun, lastRunMs} = parts.cycle;
  const sample = spread(agents.value, Math.max(1, Math.floor(MOST_PAIRS / Math.max(1, clients.value.length))));
  return ok({
    nowMs,
    lastLookMs: lastRunMs,
    lastRun: lastRun && {atMs: lastRun.atMs, cause: lastRun.cause, handOuts: lastRun.handedOut.size},
    agents: agents.value.length,
    clients: clients.value.length,
    judged: sample.length * clients.value.length,
    reasons: judgeAll(new Judge(parts, lastRun), clients.value, sample),
    standings: clients.value.slice(0, STANDINGS).map(client => standingOf(parts, client)),
  });
}

function judgeAll(judge: Judge, clients: readonly Client[], agents: readonly AgentEntry[]): ReasonCount[] {
  const counts = new Map<Reason, {pairs: number; examples: Judgement[]}>();
  for (const agent of agents) {
    for (const client of clients) {
      const {reason, verdict} = judge.judge(client, agent);
      const count = counts.get(reason) ?? {pairs: 0, examples: []};
      counts.set(reason, count);
      count.pairs++;
      if (count.examples.length >= EXAMPLES) continue;
      const {framework, role} = client;
      const {agentId} = agent;
      count.examples.push({frameworkId: framework.frameworkId, role: role.role, agentId, verdict: verdict()});
    }
  }
  const found = Array.from(counts, ([reason, count]) => ({reason, ...count}));
  return found.sort((a, b) => b.pairs - a.pairs || REASONS.indexOf(a.reason) - REASONS.indexOf(b.reason));
}

function clientsOf(parts: ExplainParts, {role, frameworkId}: ExplainQuery): Result<readonly Client[], Unknown> {
  const framework = frameworkId === undefined ? undefined : parts.frameworks.get(frameworkId);
  if (frameworkId !== undefined && framework === undefined) {
    return err(unknown('framework', frameworkId, [...parts.frameworks.keys()]));
  }
  const {roles} = parts.clients;
  const all = framework === undefined ? [...roles.values()].flatMap(clientsIn) : [...framework.clients.values()];
  const sorted = all.sort(byRoleAndId);
  if (role === undefined) return ok(sorted);
  const chosen = sorted.filter(client => isWithin(client.role.role, role));
  if (chosen.length > 0) return ok(chosen);
  if (framework !== undefined) return err(unknown('not-in-role', role, [...framework.clients.keys()]));
  return err(unknown('role', role, [...roles.keys()]));
}

const clientsIn = ({clients}: {readonly clients: ReadonlySet<Client>}): Client[] => [...clients];

const isWithin = (role: string, wanted: string): boolean => role === wanted || role.startsWith(`${wanted}/`);

function byRoleAndId(a: Client, b: Client): number {
  if (a.role !== b.role) return a.role.role < b.role.role ? -1 : 1;
  return a.framework.frameworkId < b.framework.frameworkId ? -1 : 1;
}

function agentsOf({agents}: ExplainParts, {agentId}: ExplainQuery): Result<readonly AgentEntry[], Unknown> {
  if (agentId === undefined) return ok(agents.all);
  const agent = agents.find(agentId);
  if (agent !== undefined) return ok([agent]);
  return err(
    unknown(
      'agent',
      agentId,
      agents.all.map(({agentId: known}) => known),
    ),
  );
}

const unknown = (kind: Unknown['kind'], id: string, known: readonly string[]): Unknown => ({
  kind,
  id,
  known: known.toSorted().slice(0, KNOWN),
  count: known.length,
});

/** At most `most` of a list, evenly spread. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  const length = Math.min(most, list.length);
  return Array.from({length}, (_, i) => list[Math.floor((i * list.length) / length)]).filter(one => one !== undefined);
}
