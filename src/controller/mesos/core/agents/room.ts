import {totalOf} from '../operations/checkpoint.ts';
import {keyOf} from '../tasks/tasks.ts';
import type {AgentId} from '../ids.ts';
import type {Agent, ReadonlyAgent, ReadonlyMaster, ReadonlyTask, Task} from '../state.ts';
import type {TaskKey} from '../tasks/task-record.ts';
import type {Turn} from '../turn.ts';

// Pods of others may have come to a node since a task was accepted. Scalars only; the kubelet judges host ports.

/** @returns true also for an agent or a task that is not there any more: others deal with that */
export function hasRoom(master: ReadonlyMaster, agentId: AgentId, {launchId}: TaskKey): boolean {
  const agent = master.agents.get(agentId);
  const task = agent?.tasks.get(launchId);
  return agent === undefined || task === undefined || shortOf(master, agent)(task).length === 0;
}

/** An agent has changed: launches for which it has no room any more are taken back, the latest first, if it is not too late. */
export function withdrawLaunches(turn: Turn, agent: Agent): void {
  let isShort = shortOf(turn.master, agent);
  const withdrawn = new Set<Task>();
  for (const task of [...agent.tasks.values()].reverse()) {
    if (task.observed !== undefined || !task.holdsResources || isShort(task).length === 0) continue;
    turn.emit({kind: 'withdraw-launch', task: keyOf(task)});
    isShort = shortOf(turn.master, agent, withdrawn.add(task));
  }
}

/** Of which resources of a task the agent has less than its tasks use. */
function shortOf(
  master: ReadonlyMaster,
  agent: ReadonlyAgent,
  without: ReadonlySet<ReadonlyTask> = new Set(),
): (task: ReadonlyTask) => string[] {
  const total = totalOf(master, agent.record).milli;
  const used = new Map<string, number>();
  for (const task of agent.tasks.values()) {
    if (!task.holdsResources || without.has(task)) continue;
    for (const [name, milli] of task.resources.milli) used.set(name, (used.get(name) ?? 0) + milli);
  }
  const short = new Set([...used].flatMap(([name, milli]) => (milli > (total.get(name) ?? 0) ? [name] : [])));
  return task => [...task.resources.milli.keys()].filter(name => short.has(name));
}
