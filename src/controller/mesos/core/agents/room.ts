import {totalOf} from '../operations/checkpoint.ts';
import {keyOf} from '../tasks/launches.ts';
import type {Agent, ReadonlyAgent, ReadonlyMaster} from '../state.ts';
import {type Launch, type ReadonlyLaunch, takesRoom} from '../tasks/task.ts';
import type {Turn} from '../turn.ts';

// Pods of others may have come to a node since a task was accepted. Scalars only; the kubelet judges host ports.

/** @returns true also for an agent that is not there any more: others deal with that */
export function hasRoom(master: ReadonlyMaster, launch: ReadonlyLaunch): boolean {
  const agent = master.agents.get(launch.agentId);
  return agent === undefined || shortOf(master, agent)(launch).length === 0;
}

/** An agent has changed: launches for which it has no room any more are taken back, the latest first, if it is not too late. */
export function withdrawLaunches(turn: Turn, agent: Agent): void {
  let isShort = shortOf(turn.master, agent);
  const withdrawn = new Set<Launch>();
  for (const launch of [...agent.launches.values()].reverse()) {
    if (!isUnseen(launch) || isShort(launch).length === 0) continue;
    turn.emit({kind: 'withdraw-launch', launch: keyOf(launch)});
    isShort = shortOf(turn.master, agent, withdrawn.add(launch));
  }
}

const isUnseen = ({phase, tasks}: Launch): boolean =>
  phase.kind === 'starting' && tasks.every(task => task.phase.kind === 'live' && task.phase.seen === undefined);

/** Of which resources of a launch the agent has less than its launches use. */
function shortOf(
  master: ReadonlyMaster,
  agent: ReadonlyAgent,
  without: ReadonlySet<ReadonlyLaunch> = new Set(),
): (launch: ReadonlyLaunch) => string[] {
  const total = totalOf(master, agent.record).milli;
  const used = new Map<string, number>();
  for (const launch of agent.launches.values()) {
    if (!takesRoom(launch) || without.has(launch)) continue;
    for (const [name, milli] of launch.resources.milli) used.set(name, (used.get(name) ?? 0) + milli);
  }
  const short = new Set([...used].flatMap(([name, milli]) => (milli > (total.get(name) ?? 0) ? [name] : [])));
  return ({resources}) => [...resources.milli.keys()].filter(name => short.has(name));
}
