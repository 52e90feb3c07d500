import type {TaskReason, TaskStatus, TerminalState} from '../../../../api/mesos/v1/common.ts';
import type {AgentLossReason} from './agent-record.ts';
import type {AgentId} from '../ids.ts';
import {graceOf} from '../tasks/grace.ts';
import {rescindInverseOffersOf} from '../maintenance/inverse-offers.ts';
import {rescindOffersOf} from '../offers/offers.ts';
import {forgetReservations} from '../operations/saves.ts';
import type {Agent, Framework} from '../state.ts';
import {hasEnded, lostState, masterStatus} from '../tasks/statuses.ts';
import {isOver, type Launch, type Task} from '../tasks/task.ts';
import type {SeenTask} from '../tasks/task-record.ts';
import {
  completeTask,
  countTask,
  forgetUpdates,
  leaveToEnd,
  liveTasks,
  podDown,
  releasePod,
  remember,
  settleLaunch,
  tell,
} from '../tasks/launches.ts';
import type {Turn} from '../turn.ts';

// Agents fall silent, leave and go; their tasks with them.

/** The agent is silent, has left, or was removed: its offers are rescinded and its tasks told lost. */
export function loseAgent(turn: Turn, agentId: AgentId, reason: AgentLossReason): void {
  const {master} = turn;
  const agent = master.agents.get(agentId) ?? master.recoveredAgents.get(agentId);
  const away = master.unreachableAgents.get(agentId)?.agent;
  if (reason !== 'unreachable' && away !== undefined) return forgetAway(turn, agentId, away, reason);
  if (agent === undefined) {
    if (reason === 'removed-by-operator') forgetReservations(turn, agentId);
    if (reason === 'removed-by-operator') master.goneAgents.add(agentId);
    return;
  }
  const tasks = liveTasks([...agent.launches.values()].flatMap(launch => launch.tasks));
  rescindOffersOf(turn, agentId);
  rescindInverseOffersOf(turn, agentId);
  // First: with the agent everything it had leaves the allocator.
  if (master.agents.delete(agentId)) master.allocator.removeAgent(agentId);
  master.recoveredAgents.delete(agentId);
  file(turn, agentId, agent, reason);
  for (const launch of [...agent.launches.values()]) loseLaunch(turn, agent, launch, reason);
  if (reason === 'removed-by-operator') forgetReservations(turn, agentId);
  for (const framework of master.frameworks.values()) {
    turn.send(framework, {type: 'FAILURE', failure: {agent_id: {value: agentId}}});
  }
  turn.count('agents-removed');
  if (reason === 'unreachable') turn.count('agents-unreachable');
  if (reason === 'unregistered') turn.count('agents-unregistered');
  turn.touch(undefined, agentId);
  const about = {agentId, name: agent.record.name, reason, tasks};
  // One that gave its Lease back was stopped by somebody, who knows.
  if (reason === 'unregistered' || reason === 'machine-down') turn.note('info', 'agent left', about);
  else turn.note('warn', 'agent lost', about);
}

function file({master, nowMs}: Turn, agentId: AgentId, agent: Agent, reason: AgentLossReason): void {
  if (reason === 'unreachable') master.unreachableAgents.set(agentId, {agent, sinceMs: nowMs});
  if (reason === 'removed-by-operator') master.goneAgents.add(agentId);
}

/** An unreachable agent will not come back: neither will its tasks. */
function forgetAway(turn: Turn, agentId: AgentId, agent: Agent, reason: AgentLossReason): void {
  turn.master.unreachableAgents.delete(agentId);
  file(turn, agentId, agent, reason);
  for (const launch of [...agent.launches.values()]) loseLaunch(turn, agent, launch, reason);
  if (reason === 'removed-by-operator') forgetReservations(turn, agentId);
  turn.touch(undefined, agentId);
}

function loseLaunch(turn: Turn, agent: Agent, launch: Launch, reason: AgentLossReason): void {
  const framework = turn.master.frameworks.get(launch.frameworkId);
  const isForGood = reason !== 'unreachable';
  if (framework === undefined || launch.phase.kind === 'leftover') {
    if (reason === 'removed-by-operator') releasePod(turn, launch, {force: true});
    return;
  }
  const lost = launch.tasks.filter(task => !isOver(task));
  for (const task of lost) loseTask(turn, agent, framework, task, reason);
  // A task whose end is known only waits for its acknowledgement, wherever its agent is.
  if (lost.length === 0) {
    podDown(turn, launch);
    settleLaunch(turn, framework, launch);
  } else if (reason === 'removed-by-operator') releasePod(turn, launch, {force: true});
  else if (isForGood) leaveToEnd(turn, launch, graceOf(launch));
}

function loseTask(turn: Turn, agent: Agent, framework: Framework, task: Task, reason: AgentLossReason): void {
  forgetUpdates(turn, task);
  const {state, why} = lossOf(framework, reason);
  const {taskId, launch} = task;
  const message = `Agent ${agent.record.hostname} is ${reason}`;
  const status: TaskStatus = masterStatus({taskId, agentId: launch.agentId, state, reason: why, message}, turn.nowMs);
  countTask(turn, framework, status);
  remember(task, status);
  if (state === 'TASK_UNREACHABLE' || reason === 'unreachable') moveAway(turn, framework, task);
  else endLost(turn, framework, task, state);
  tell(turn, framework, {
    ...status,
    ...(reason === 'unreachable' && {unreachable_time: {nanoseconds: turn.nowMs * 1e6}}),
  });
}

function lossOf(
  framework: Framework,
  reason: AgentLossReason,
): {state: TerminalState | 'TASK_UNREACHABLE'; why: TaskReason} {
  switch (reason) {
    case 'unreachable':
      return {state: lostState(framework, 'TASK_UNREACHABLE'), why: 'REASON_AGENT_REMOVED'};
    case 'removed-by-operator':
      return {state: lostState(framework, 'TASK_GONE_BY_OPERATOR'), why: 'REASON_AGENT_REMOVED_BY_OPERATOR'};
    case 'unregistered':
    case 'machine-down':
      return {state: 'TASK_LOST', why: 'REASON_AGENT_REMOVED'};
    default:
      return reason satisfies never;
  }
}

/** Kept by the agent, so that it can return; by the framework only up to a limit. */
function moveAway(turn: Turn, framework: Framework, task: Task): void {
  // One that is away already was forgotten by its framework only.
  if (task.phase.kind === 'live') task.phase = {kind: 'away', seen: task.phase.seen};
  framework.tasks.delete(task.taskId);
  framework.unreachableTasks.set(task.taskId, task);
  const [oldest] = framework.unreachableTasks.keys();
  const {maxUnreachableTasksPerFramework} = turn.master.options;
  if (framework.unreachableTasks.size > maxUnreachableTasksPerFramework && oldest !== undefined) {
    framework.unreachableTasks.delete(oldest);
  }
  turn.touch(framework.id);
}

/** Its framework is told by whoever calls it. */
export function endLost(turn: Turn, framework: Framework, task: Task, state: TerminalState): void {
  task.phase = {kind: 'over', state};
  completeTask(turn, framework, task);
}

/** What was seen of a launch while its agent was away: only the ends of its tasks matter then. */
export function observeAway(framework: Framework, launch: Launch, seen: readonly SeenTask[]): void {
  for (const task of launch.tasks) {
    const status = seen.find(({taskId}) => taskId === task.taskId)?.status;
    if (task.phase.kind !== 'away' || status === undefined) continue;
    if (!hasEnded(status)) task.phase = {kind: 'away', seen: status};
    else if (!framework.tasks.has(task.taskId)) {
      task.phase = {kind: 'live', state: 'TASK_STARTING', seen: undefined};
      framework.unreachableTasks.delete(task.taskId);
      framework.tasks.set(task.taskId, task);
    }
  }
}
