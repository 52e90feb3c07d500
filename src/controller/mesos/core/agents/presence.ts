import {subjectOfAgent} from '../subjects.ts';
import {blame} from '../../../../lib/blame.ts';
import {toAgentId} from '../../../../allocator/ids.ts';
import {isDown} from '../maintenance/machines.ts';
import type {Command} from '../commands.ts';
import type {AgentId} from '../ids.ts';
import type {ReadonlyMaster, SeenAgent} from '../state.ts';
import type {Turn} from '../turn.ts';
import {
  type AgentDescription,
  type AgentPhase,
  type AgentRecord,
  type AgentSighting,
  sameDescription,
} from './agent-record.ts';
import {settleActivation} from './activation.ts';
import {addAgent, updateAgent} from './agents.ts';
import {loseAgent} from './loss.ts';
import {hear, newLiveness, verdictOf} from './liveness.ts';

// Whether an agent is there, by what was seen of its object and its Lease. Nobody else keeps it.

type Loss = 'unregistered' | 'unreachable' | 'machine-down';

/** An agent that an earlier leader knew. Its object and Lease follow; what they say is compared with this. */
export function recoverAgent(turn: Turn, record: AgentRecord, unreachableSinceMs?: number): void {
  const {id, registeredMs: _registered, made: _made, ...told} = record;
  const phase = unreachableSinceMs === undefined ? 'recovered' : 'unreachable';
  turn.master.seenAgents.set(record.name, {...unknown(turn), agentId: id, phase, told, unreachableSinceMs});
}

const unknown = ({nowMs}: Turn): SeenAgent => ({
  sighting: undefined,
  agentId: undefined,
  isAssigning: false,
  phase: 'new',
  told: undefined,
  unreachableSinceMs: undefined,
  isToBeLost: false,
  liveness: newLiveness(nowMs),
});

export function agentSeen(turn: Turn, {agent: sighting}: Command & {kind: 'agent-seen'}): void {
  const {seenAgents} = turn.master;
  const before = seenAgents.get(sighting.name)?.sighting;
  if (before !== undefined && before.uid !== sighting.uid) forget(turn, sighting.name);
  const seen = seenAgents.get(sighting.name) ?? unknown(turn);
  seenAgents.set(sighting.name, seen);
  const isFirst = seen.sighting === undefined;
  seen.sighting = sighting;
  seen.agentId ??= sighting.agentId;
  if (isFirst && seen.phase === 'new' && sighting.before.unregistered) seen.phase = 'unregistered';
  look(turn, sighting.name, seen);
}

/** Somebody deleted the object. */
export const agentObjectGone = (turn: Turn, {name}: Command & {kind: 'agent-object-gone'}): void => forget(turn, name);

/** A Lease may be seen before the object that it belongs to. */
export function leaseSeen(turn: Turn, {name, lease}: Command & {kind: 'lease-seen'}): void {
  const {seenAgents, options} = turn.master;
  const seen = seenAgents.get(name) ?? unknown(turn);
  if (lease === undefined && seen.sighting === undefined && seen.agentId === undefined) {
    return void seenAgents.delete(name);
  }
  seenAgents.set(name, seen);
  forgivePause(turn);
  hear(seen.liveness, lease, turn.nowMs, options.agentSilenceMs);
  look(turn, name, seen);
}

/** A node that is ready keeps its tasks: an agent that is silent there is missing alone. */
export function nodeSeen({master}: Turn, {name, ready}: Command & {kind: 'node-seen'}): void {
  if (ready === undefined) master.nodes.delete(name);
  else master.nodes.set(name, ready);
}

/** @param stored false: the object is gone, or the write was refused; it is tried again */
export function agentIdStored(turn: Turn, {name, agentId, stored}: Command & {kind: 'agent-id-stored'}): void {
  const seen = turn.master.seenAgents.get(name);
  if (seen === undefined) return;
  seen.isAssigning = false;
  if (!stored) return;
  seen.agentId ??= agentId;
  look(turn, name, seen);
}

/** To be called regularly: silence is no event. */
export function lookAtAgents(turn: Turn): void {
  forgivePause(turn);
  for (const [name, seen] of turn.master.seenAgents) blame(subjectOfAgent(name), () => look(turn, name, seen));
}

/** After a pause of this process, or a leap of the clock, nobody is blamed for the time in which nothing was heard. */
function forgivePause({master, nowMs}: Turn): void {
  const pause = nowMs - (master.listenedMs ?? nowMs);
  master.listenedMs = nowMs;
  if (pause < master.options.agentSilenceMs / 2) return;
  for (const {liveness} of master.seenAgents.values()) liveness.sinceMs = Math.min(nowMs, liveness.sinceMs + pause);
}

function forget(turn: Turn, name: string): void {
  const seen = turn.master.seenAgents.get(name);
  turn.master.seenAgents.delete(name);
  if (seen?.agentId !== undefined && seen.phase !== 'new') loseAgent(turn, seen.agentId, 'removed-by-operator');
}

/** Compares what the master believes with what was seen. */
function look(turn: Turn, name: string, seen: SeenAgent): void {
  const {sighting, liveness} = seen;
  if (sighting === undefined) return;
  if (sighting.gone) return markGone(turn, name, seen);
  if (sighting.description.ok && isDown(turn.master, sighting.description.value)) {
    return lose(turn, name, seen, 'machine-down');
  }
  switch (verdictOf(liveness, turn.nowMs, turn.master.options.agentSilenceMs)) {
    case 'unheard':
      return;
    case 'released':
      return lose(turn, name, seen, 'unregistered');
    case 'silent':
      return isNodeReady(turn, sighting) ? missReports(turn, name, seen) : loseInTurn(turn, name, seen);
    case 'alive':
      return welcome(turn, name, seen, sighting);
  }
}

/** Whatever its Lease says. Also told of one that an earlier leader knew: its id must stay known as gone. */
function markGone(turn: Turn, name: string, seen: SeenAgent): void {
  if (seen.phase === 'gone') return;
  setPhase(turn, name, seen, 'gone');
  if (seen.agentId !== undefined) loseAgent(turn, seen.agentId, 'removed-by-operator');
}

const isNodeReady = ({master}: Turn, {description}: AgentSighting): boolean =>
  description.ok && master.nodes.get(description.value.nodeName) === true;

/**
 * Kubernetes hears of the node, and so of the pods there. So nothing is lost, however long the agent is silent and
 * however many are: a DaemonSet that was deleted or sent elsewhere must not restart everything.
 */
function missReports(turn: Turn, name: string, seen: SeenAgent): void {
  cancelLoss(turn, seen);
  setSilent(turn, name, seen, true);
}

function setSilent(turn: Turn, name: string, {agentId}: SeenAgent, isSilent: boolean): void {
  const agent = agentId === undefined ? undefined : turn.master.agents.get(agentId);
  if (agent === undefined || agent.isSilent === isSilent) return;
  agent.isSilent = isSilent;
  settleActivation(turn, agent);
  turn.touchAgent(name);
}

/** Agents that are silent together are given up one after another, as fast as the operator allows. */
function loseInTurn(turn: Turn, name: string, seen: SeenAgent): void {
  const {master, nowMs} = turn;
  if (!isThere(seen.phase)) return;
  if (!seen.isToBeLost) turn.count('agents-unreachable-scheduled');
  seen.isToBeLost = true;
  const {agentRemovalIntervalMs} = master.options;
  if (agentRemovalIntervalMs !== undefined && nowMs < master.nextRemovalMs) return;
  master.nextRemovalMs = nowMs + (agentRemovalIntervalMs ?? 0);
  lose(turn, name, seen, 'unreachable');
}

const isThere = (phase: AgentPhase): boolean => phase === 'registered' || phase === 'recovered';

function lose(turn: Turn, name: string, seen: SeenAgent, reason: Loss): void {
  const {phase, agentId} = seen;
  if (!isThere(phase) && (phase !== 'unreachable' || reason === 'unreachable')) return;
  if (agentId === undefined) return;
  if (reason !== 'unreachable') cancelLoss(turn, seen);
  seen.isToBeLost = false;
  seen.unreachableSinceMs = reason === 'unreachable' ? turn.nowMs : undefined;
  setPhase(turn, name, seen, reason === 'machine-down' ? 'down' : reason);
  loseAgent(turn, agentId, reason);
}

function cancelLoss(turn: Turn, seen: SeenAgent): void {
  if (seen.isToBeLost) turn.count('agents-unreachable-canceled');
  seen.isToBeLost = false;
}

function welcome(turn: Turn, name: string, seen: SeenAgent, sighting: AgentSighting): void {
  const {description} = sighting;
  cancelLoss(turn, seen);
  setSilent(turn, name, seen, false);
  // An agent that is registered keeps what it had until its new description can be understood.
  if (!description.ok) return turn.touchAgent(name);
  const {agentId, told} = seen;
  if (agentId === undefined) return assign(turn, name, seen);
  seen.told = description.value;
  const record = recordOf(agentId, description.value, sighting);
  if (seen.phase === 'registered') {
    if (told === undefined || !sameDescription(told, description.value)) updateAgent(turn, record);
    return;
  }
  seen.unreachableSinceMs = undefined;
  setPhase(turn, name, seen, 'registered');
  addAgent(turn, record);
}

const recordOf = (id: AgentId, description: AgentDescription, {before}: AgentSighting): AgentRecord => ({
  ...description,
  id,
  ...(before.registeredMs !== undefined && {registeredMs: before.registeredMs}),
  ...(before.made !== undefined && {made: before.made}),
});

/** The id is stored before it is used: two leaders must not know one agent under two names. */
function assign(turn: Turn, name: string, seen: SeenAgent): void {
  if (seen.isAssigning) return;
  seen.isAssigning = true;
  const {master} = turn;
  const agentId = toAgentId(`${master.options.masterId}-S${master.nextAgent++}`);
  turn.emit({kind: 'assign-agent-id', name, agentId});
}

function setPhase(turn: Turn, name: string, seen: SeenAgent, phase: AgentPhase): void {
  seen.phase = phase;
  turn.touchAgent(name);
}

/** How an agent's object stands with the master, by its name. */
export const seenAgent = (
  master: ReadonlyMaster,
  name: string,
): Pick<SeenAgent, 'agentId' | 'phase' | 'unreachableSinceMs'> =>
  master.seenAgents.get(name) ?? {agentId: undefined, phase: 'new', unreachableSinceMs: undefined};
