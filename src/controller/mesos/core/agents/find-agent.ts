import type {AgentId} from '../ids.ts';
import type {Agent, Master, ReadonlyAgent, ReadonlyMaster} from '../state.ts';

/** The agent's record, whether it is registered, recovered or unreachable. */
export function findAgent(master: Master, agentId: AgentId): Agent | undefined;
export function findAgent(master: ReadonlyMaster, agentId: AgentId): ReadonlyAgent | undefined;
export function findAgent(master: ReadonlyMaster, agentId: AgentId): ReadonlyAgent | undefined {
  return (
    master.agents.get(agentId) ?? master.recoveredAgents.get(agentId) ?? master.unreachableAgents.get(agentId)?.agent
  );
}

/** The name of the agent's object; also of one that has left. */
export function nameOfAgent(master: ReadonlyMaster, agentId: AgentId): string | undefined {
  const known = findAgent(master, agentId)?.record.name;
  if (known !== undefined) return known;
  for (const [name, seen] of master.seenAgents) if (seen.agentId === agentId) return name;
  return undefined;
}
