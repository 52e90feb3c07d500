import {totalOf} from '../operations/checkpoint.ts';
import type {TaskKey} from '../tasks/task-record.ts';
import type {AgentId} from '../ids.ts';
import type {Master} from '../state.ts';

/**
 * Whether an agent still has room for a task that it was accepted for: pods of others may have come to its node since.
 * Scalars only; the kubelet judges host ports.
 *
 * @returns true also for an agent or a task that is not there any more: others deal with that
 */
export function hasRoom(master: Master, agentId: AgentId, {launchId}: TaskKey): boolean {
  const agent = master.agents.get(agentId);
  const task = agent?.tasks.get(launchId);
  if (agent === undefined || task === undefined) return true;
  const total = totalOf(master, agent.record).milli;
  const used = new Map<string, number>();
  for (const {holdsResources, resources} of agent.tasks.values()) {
    if (!holdsResources) continue;
    for (const [name, milli] of resources.milli) used.set(name, (used.get(name) ?? 0) + milli);
  }
  return [...task.resources.milli.keys()].every(name => (used.get(name) ?? 0) <= (total.get(name) ?? 0));
}
