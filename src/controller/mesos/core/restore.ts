import {hasEnded, isDown} from './tasks/statuses.ts';
import type {Command} from './commands.ts';
import type {RestoredLaunch} from './tasks/task-record.ts';
import {toTaskId} from './ids.ts';
import {findAgent} from './agents/find-agent.ts';
import {recoverAgent} from './agents/presence.ts';
import {makeAgent, rememberMade} from './agents/agents.ts';
import {beginHoldOff} from './offers/hold-off.ts';
import {graceOf} from './tasks/grace.ts';
import {type Launch, type LaunchPhase, type Task, takesRoom} from './tasks/task.ts';
import {makeLaunch} from './tasks/make-launch.ts';
import type {Framework, Master} from './state.ts';
import {restoreRoles} from './roles/roles.ts';
import {allocatorSpec, failoverMs, makeFramework} from './frameworks/subscription.ts';
import {enter, fileLaunch, leaveToEnd, releasePod} from './tasks/launches.ts';
import type {Turn} from './turn.ts';
import {observe} from './tasks/observe.ts';

/** How long frameworks of an earlier leader may take to come back, whatever their failover timeout. */
const RECOVERY_MS = 600_000;

/**
 * What an earlier leader left: frameworks first (so that what their tasks hold counts in their shares), then agents, not
 * heard of yet, then tasks. The end of a task, or any state its framework may not have been told, is told once more.
 */
export function restore(turn: Turn, command: Command & {kind: 'restore'}): void {
  const {master, nowMs} = turn;
  if (command.roles !== undefined) restoreRoles(turn, command.roles);
  for (const {id, uid, info, suppressedRoles, registeredMs} of command.frameworks) {
    const framework = makeFramework(id, info, registeredMs);
    framework.uid = uid;
    framework.recovered = true;
    framework.suppressedRoles = new Set(suppressedRoles);
    framework.disconnectedMs = nowMs;
    framework.failoverDeadlineMs = nowMs + Math.max(RECOVERY_MS, failoverMs(info));
    framework.inAllocator = true;
    master.frameworks.set(id, framework);
    master.allocator.addFramework(allocatorSpec(framework, master.options), false);
    turn.touch(id);
  }
  for (const record of command.agents) {
    recoverAgent(turn, record);
    master.recoveredAgents.set(record.id, makeAgent(record, nowMs));
  }
  for (const {agent: record, sinceMs} of command.unreachable) {
    recoverAgent(turn, record, sinceMs);
    master.unreachableAgents.set(record.id, {agent: makeAgent(record, sinceMs), sinceMs});
  }
  const known = [...command.agents, ...command.unreachable.map(({agent}) => agent)];
  for (const record of known) rememberMade(turn, record);
  for (const found of command.launches) adopt(turn, found);
  if (command.more !== true) beginHoldOff(turn);
}

/**
 * A pod that this master did not ask for: left by an earlier leader, or created by it when it led no more. Without its
 * framework, or with other tasks under its ids, it is killed; without its agent it is given up.
 */
export function adopt(turn: Turn, found: RestoredLaunch): void {
  const {master} = turn;
  const launch = toLaunch(found);
  enter(turn, launch, found.tasks.every(({status}) => isDown(status)) ? {kind: 'down'} : starting(turn));
  const framework = master.frameworks.get(found.frameworkId);
  const isEnded = found.tasks.every(({status}) => hasEnded(status));
  if (findAgent(master, found.agentId) === undefined) return releasePod(turn, launch, {force: true});
  if (framework === undefined || launch.tasks.some(({taskId}) => framework.tasks.has(taskId))) {
    if (isEnded) return releasePod(turn, launch);
    leaveToEnd(turn, launch, graceOf(launch));
    return hold(master, launch);
  }
  fileLaunch(turn, launch);
  turn.touch(framework.id, launch.agentId);
  hold(master, launch);
  for (const task of launch.tasks) file(master, framework, task, found);
  observe(turn, framework, launch, seenOf(found));
}

/** What an unreachable agent has of its tasks: their framework was told that they are lost; only their end, or their return, would be news. */
function file(master: Master, framework: Framework, task: Task, {tasks}: RestoredLaunch): void {
  const {taskId, launch} = task;
  const seen = tasks.find(({info}) => info.task_id.value === taskId)?.status;
  if (!master.unreachableAgents.has(launch.agentId) || (seen !== undefined && hasEnded(seen))) {
    // An earlier leader has told that it starts.
    if (seen !== undefined && seen.state !== 'TASK_STAGING')
      task.phase = {kind: 'live', state: 'TASK_STARTING', seen: undefined};
    framework.tasks.set(taskId, task);
    return;
  }
  task.phase = {kind: 'away', seen};
  framework.unreachableTasks.set(taskId, task);
}

const starting = ({nowMs}: Turn): LaunchPhase => ({kind: 'starting', sinceMs: nowMs});

const seenOf = ({tasks}: RestoredLaunch) =>
  tasks.map(({info, status}) => ({taskId: toTaskId(info.task_id.value), status}));

/** On a registered agent it counts at once, on a recovered one when the agent is back. */
function hold(master: Master, launch: Launch): void {
  if (!master.agents.has(launch.agentId) || !takesRoom(launch)) return;
  master.allocator.restore(launch.agentId, launch.frameworkId, launch.role, launch.resources);
}

function toLaunch(found: RestoredLaunch): Launch {
  const resources = found.tasks.flatMap(({info}) => info.resources ?? []);
  const role = resources.find(({allocation_info}) => allocation_info?.role !== undefined)?.allocation_info?.role ?? '*';
  return makeLaunch({...found, role, infos: found.tasks.map(({info}) => info)});
}
