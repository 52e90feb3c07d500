import {Resources} from '../../../allocator/resources.ts';
import {hasEnded} from './tasks/statuses.ts';
import type {Command} from './commands.ts';
import type {RestoredTask} from './tasks/task-record.ts';
import {findAgent} from './agents/find-agent.ts';
import {recoverAgent} from './agents/presence.ts';
import {makeAgent, rememberMade} from './agents/agents.ts';
import {beginHoldOff} from './offers/hold-off.ts';
import {graceOf} from './tasks/kill.ts';
import {expectToRun} from './tasks/launch-timeout.ts';
import {resourcesFromWire} from './resource-conversion.ts';
import type {Framework, Master, Task} from './state.ts';
import {restoreRoles} from './roles/roles.ts';
import {allocatorSpec, failoverMs, makeFramework} from './frameworks/subscription.ts';
import {keyOf, leaveToEnd, releasePod} from './tasks/tasks.ts';
import type {Turn} from './turn.ts';
import {observe} from './tasks/updates.ts';

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
  for (const found of command.tasks) adopt(turn, found);
  if (command.more !== true) beginHoldOff(turn);
}

/**
 * A pod of a task that this master did not launch: left by an earlier leader, or created by it when it led no more.
 * Without its framework, or with another task under its id, it is killed; without its agent it is given up.
 */
export function adopt(turn: Turn, found: RestoredTask): void {
  const {master} = turn;
  const task = toTask(found);
  const agent = findAgent(master, found.agentId);
  const framework = master.frameworks.get(found.frameworkId);
  const ended = hasEnded(found.status);
  if (agent === undefined) return releasePod(turn, task, {force: true});
  if (framework === undefined || framework.tasks.has(task.taskId)) {
    if (ended) return releasePod(turn, task);
    hold(master, task);
    return leaveToEnd(turn, task, graceOf(task));
  }
  agent.tasks.set(task.launchId, task);
  turn.touch(framework.id, task.agentId);
  if (master.unreachableAgents.has(task.agentId) && !ended) return fileAway(framework, task, found);
  framework.tasks.set(task.taskId, task);
  if (!ended) hold(master, task);
  if (!ended) expectToRun(turn, task);
  observe(turn, framework, task, found.status);
}

/** Its framework was told that it is lost; only its end, or its return, would be news. */
function fileAway(framework: Framework, task: Task, {status}: RestoredTask): void {
  task.observed = status;
  task.state = 'TASK_UNREACHABLE';
  framework.unreachableTasks.set(task.taskId, task);
}

/** On a registered agent it counts at once, on a recovered one when the agent is back. */
function hold(master: Master, task: Task): void {
  if (!master.agents.has(task.agentId)) return;
  task.holdsResources = true;
  master.allocator.restore(task.agentId, task.frameworkId, task.role, task.resources);
}

function toTask(found: RestoredTask): Task {
  const {info, agentId} = found;
  const resources = resourcesFromWire(info.resources ?? []);
  return {
    ...keyOf(found),
    pod: found.pod,
    agentId,
    info,
    role:
      info.resources?.find(({allocation_info}) => allocation_info?.role !== undefined)?.allocation_info?.role ?? '*',
    resources: resources.ok ? resources.value : Resources.EMPTY,
    state: 'TASK_STAGING',
    statuses: [],
    observed: undefined,
    doomed: undefined,
    holdsResources: false,
    updates: [],
    acknowledged: false,
    inFlight: undefined,
    kill: undefined,
  };
}
