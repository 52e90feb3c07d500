import type {Deactivation} from './agent-record.ts';
import {rescindOffersOf} from '../offers/offers.ts';
import type {Agent, ReadonlyAgent} from '../state.ts';
import {takesRoom} from '../tasks/task.ts';
import type {Turn} from '../turn.ts';

/** Why a registered agent gets no offers; undefined: it gets some. */
export const deactivationOf = (agent: ReadonlyAgent): Deactivation | undefined =>
  asWanted(agent) ?? (agent.isSilent ? SILENT : isFull(agent) ? FULL : undefined);

/**
 * Somebody wants no more tasks there, so frameworks may move theirs. An agent that is only silent or full gets no offers
 * either, and nothing has to leave it.
 */
export const isDeactivated = (agent: ReadonlyAgent): boolean => asWanted(agent) !== undefined;

const asWanted = (agent: ReadonlyAgent): Deactivation | undefined => byOperator(agent) ?? agent.record.deactivated;

function byOperator({record: {drain, deactivatedByOperator}}: ReadonlyAgent): Deactivation | undefined {
  if (drain !== undefined) return {reason: 'Draining', message: 'The operator wants the agent empty'};
  return deactivatedByOperator === true
    ? {reason: 'Deactivated', message: 'The operator wants no offers of the agent'}
    : undefined;
}

const SILENT: Deactivation = {
  reason: 'AgentSilent',
  message: 'The agent does not report what its node has left; the node is ready, so its tasks go on',
};

const FULL: Deactivation = {reason: 'NodeFull', message: 'The node takes no more pods'};

/** Its node runs as many pods of tasks as it takes. */
export function isFull({record: {maxTasks}, launches}: ReadonlyAgent): boolean {
  if (maxTasks === undefined || launches.size < maxTasks) return false;
  let running = 0;
  for (const launch of launches.values()) if (takesRoom(launch)) running++;
  return running >= maxTasks;
}

/**
 * Makes the allocator and the offers agree with `deactivationOf`; to be called whenever its answer may have changed. The
 * tasks of a deactivated agent go on.
 */
export function settleActivation(turn: Turn, agent: Agent): void {
  const {id, name} = agent.record;
  const why = deactivationOf(agent);
  const active = why === undefined;
  if (agent.active === active || !turn.master.agents.has(id)) return;
  agent.active = active;
  turn.touch(undefined, id);
  if (active) {
    turn.master.allocator.activateAgent(id);
    return turn.note('info', 'agent activated', {agentId: id, name});
  }
  rescindOffersOf(turn, id);
  turn.master.allocator.deactivateAgent(id);
  turn.note('info', 'agent deactivated', {agentId: id, name, ...why});
}
