import {toAgentId} from '../../../allocator/ids.ts';
import type {Clock} from '../../../lib/clock.ts';
import type {AgentLossReason, AgentRecord} from '../core/agents/agent-record.ts';
import type {AgentId} from '../core/ids.ts';
import {reservedBy} from '../objects/reserved.ts';
import {type AgentDescription, type AgentView, sameDescription} from '../objects/agent-object.ts';
import {AgentLiveness, type LeaseView} from './liveness.ts';

/** Where an agent stands with the master, by what the master was told. */
export type AgentPhase = 'new' | 'recovered' | 'registered' | 'unreachable' | 'unregistered' | 'down' | 'gone';

type Watched = {
  view: AgentView | undefined;
  agentId: AgentId | undefined;
  /** The id is being written to the object's status. */
  assigning: boolean;
  phase: AgentPhase;
  /** What the master was told last. */
  told: AgentDescription | undefined;
  unreachableSinceMs: number | undefined;
};

export type AgentWatchOptions = {
  readonly clock: Clock;
  /** An agent whose Lease stays the same for so long is lost. */
  readonly silenceMs: number;
  readonly newAgentId: () => string;
  /** Stores a new agent's id in its status; `assigned` follows when that was done. */
  readonly assign: (name: string, agentId: string) => void;
  /** Whether the operator has taken the agent's machine down. */
  readonly isDown: (view: AgentView) => boolean;
  readonly onAdded: (agent: AgentRecord) => void;
  readonly onUpdated: (agent: AgentRecord) => void;
  readonly onLost: (agentId: AgentId, reason: AgentLossReason) => void;
  /** The status of the object has to be looked at. */
  readonly onPhase: (name: string) => void;
};

/** What an earlier master left of the agents. */
export type RecoveredAgents = {
  readonly agents: readonly AgentRecord[];
  readonly unreachable: readonly {readonly agent: AgentRecord; readonly sinceMs: number}[];
};

/** MesosAgents and their Leases in, agents that come, change and go out. */
export class AgentWatch {
  readonly #options: AgentWatchOptions;
  readonly #liveness: AgentLiveness;
  readonly #agents = new Map<string, Watched>();
  readonly #names = new Map<AgentId, string>();

  constructor(options: AgentWatchOptions) {
    this.#options = options;
    this.#liveness = new AgentLiveness(options.silenceMs);
  }

  /** Takes over the agents that have an id, without telling anybody; later looks tell what has changed since. */
  recover(views: readonly AgentView[]): RecoveredAgents {
    const agents: AgentRecord[] = [];
    const unreachable: {agent: AgentRecord; sinceMs: number}[] = [];
    for (const view of views) {
      const {agentId, description} = view;
      if (agentId === undefined || !description.ok) continue;
      const sinceMs = unreachableSince(view);
      const agent = recordOf(agentId, description.value, view);
      const released = reasonOf(view) === 'AgentShutdown';
      if (view.gone) continue;
      if (!released && sinceMs === undefined) agents.push(agent);
      else if (!released) unreachable.push({agent, sinceMs: sinceMs ?? 0});
      const phase = released ? 'unregistered' : sinceMs === undefined ? 'recovered' : 'unreachable';
      const told = description.value;
      this.#names.set(agentId, view.name);
      this.#agents.set(view.name, {view, agentId, assigning: false, phase, told, unreachableSinceMs: sinceMs});
    }
    return {agents, unreachable};
  }

  /** @param view undefined when the object was deleted */
  agentSeen(name: string, view: AgentView | undefined): void {
    const watched = this.#agents.get(name);
    if (view === undefined) return this.#deleted(name, watched);
    if (watched?.view !== undefined && watched.view.uid !== view.uid) this.#deleted(name, watched);
    const entry = this.#agents.get(name) ?? this.#fresh(name);
    entry.view = view;
    entry.agentId ??= view.agentId;
    this.#look(name, entry);
  }

  leaseSeen(name: string, lease: LeaseView | undefined): void {
    const {clock} = this.#options;
    this.#liveness.seen(name, lease, clock.monotonic(), clock.now());
    const entry = this.#agents.get(name);
    if (entry !== undefined) this.#look(name, entry);
  }

  /** The id was stored. */
  assigned(name: string, agentId: string): void {
    const entry = this.#agents.get(name);
    if (entry === undefined) return;
    entry.assigning = false;
    entry.agentId ??= toAgentId(agentId);
    this.#look(name, entry);
  }

  /** The id could not be stored: the object is gone, or will be looked at again. */
  notAssigned(name: string): void {
    const entry = this.#agents.get(name);
    if (entry !== undefined) entry.assigning = false;
  }

  /** To be called regularly: silence makes no event. */
  tick(): void {
    this.#liveness.tick(this.#options.clock.monotonic());
    for (const [name, entry] of this.#agents) this.#look(name, entry);
  }

  agentIdOf(name: string): AgentId | undefined {
    return this.#agents.get(name)?.agentId;
  }

  /** The agent of an id, as its object describes it. */
  nameOf(agentId: AgentId): string | undefined {
    return this.#names.get(agentId);
  }

  phaseOf(name: string): AgentPhase {
    return this.#agents.get(name)?.phase ?? 'new';
  }

  unreachableSinceMs(name: string): number | undefined {
    return this.#agents.get(name)?.unreachableSinceMs;
  }

  #fresh(name: string): Watched {
    const entry: Watched = {
      view: undefined,
      agentId: undefined,
      assigning: false,
      phase: 'new',
      told: undefined,
      unreachableSinceMs: undefined,
    };
    this.#agents.set(name, entry);
    return entry;
  }

  #deleted(name: string, entry: Watched | undefined): void {
    this.#agents.delete(name);
    this.#liveness.forget(name);
    if (entry?.agentId !== undefined) this.#names.delete(entry.agentId);
    if (entry?.agentId !== undefined && entry.phase !== 'new') {
      this.#options.onLost(entry.agentId, 'removed-by-operator');
    }
  }

  /** Compares what the master believes with what is. */
  #look(name: string, entry: Watched): void {
    const {view} = entry;
    if (view === undefined) return;
    if (view.gone) return this.#markGone(name, entry);
    if (this.#options.isDown(view)) return this.#lose(name, entry, 'machine-down');
    const {clock} = this.#options;
    this.#liveness.expect(name, clock.monotonic());
    switch (this.#liveness.verdict(name, clock.monotonic())) {
      case 'unheard':
        return;
      case 'released':
        return this.#lose(name, entry, 'unregistered');
      case 'silent':
        return this.#lose(name, entry, 'unreachable');
      case 'alive':
        return this.#welcome(name, entry, view);
    }
  }

  /** Whatever its Lease says. Also told of one that an earlier leader knew: its id must stay known as gone. */
  #markGone(name: string, entry: Watched): void {
    if (entry.phase === 'gone') return;
    entry.phase = 'gone';
    if (entry.agentId !== undefined) this.#options.onLost(entry.agentId, 'removed-by-operator');
    this.#options.onPhase(name);
  }

  #lose(name: string, entry: Watched, reason: 'unregistered' | 'unreachable' | 'machine-down'): void {
    const {phase, agentId} = entry;
    const known =
      phase === 'registered' || phase === 'recovered' || (phase === 'unreachable' && reason !== 'unreachable');
    if (!known || agentId === undefined) return;
    entry.phase = reason === 'machine-down' ? 'down' : reason;
    entry.unreachableSinceMs = reason === 'unreachable' ? this.#options.clock.now() : undefined;
    this.#options.onLost(agentId, reason);
    this.#options.onPhase(name);
  }

  #welcome(name: string, entry: Watched, view: AgentView): void {
    const {description} = view;
    // An agent that is registered keeps what it had until its new description can be understood.
    if (!description.ok) return void this.#options.onPhase(name);
    if (entry.agentId === undefined) return this.#assign(name, entry);
    const record = recordOf(entry.agentId, description.value, view);
    this.#names.set(entry.agentId, name);
    const before = entry.told;
    entry.told = description.value;
    if (entry.phase === 'registered') {
      if (before === undefined || !sameDescription(before, description.value)) this.#options.onUpdated(record);
      return;
    }
    entry.phase = 'registered';
    entry.unreachableSinceMs = undefined;
    this.#options.onAdded(record);
    this.#options.onPhase(name);
  }

  /** The id is stored before it is used: two leaders must not know one agent under two names. */
  #assign(name: string, entry: Watched): void {
    if (entry.assigning) return;
    entry.assigning = true;
    this.#options.assign(name, this.#options.newAgentId());
  }
}

function recordOf(id: AgentId, description: AgentDescription, view: AgentView): AgentRecord {
  const registeredMs = Date.parse(view.status?.registeredTime ?? '');
  const made = reservedBy(view.status);
  return {
    ...description,
    id,
    ...(Number.isNaN(registeredMs) ? {} : {registeredMs}),
    ...(made !== undefined && {made}),
  };
}

const readyOf = (view: AgentView) => view.status?.conditions?.find(condition => condition.type === 'Ready');
const reasonOf = (view: AgentView): string | undefined => readyOf(view)?.reason;

function unreachableSince(view: AgentView): number | undefined {
  if (reasonOf(view) !== 'AgentUnreachable') return undefined;
  const sinceMs = Date.parse(view.status?.unreachableTime ?? '');
  return Number.isNaN(sinceMs) ? 0 : sinceMs;
}
