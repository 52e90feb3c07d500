import {isTerminal, type TaskStatus} from '../../../../api/mesos/v1/common.ts';
import type {Task} from '../../../../api/mesos/v1/operator.ts';
import {agentFacts, type AgentFacts} from '../offers/agent-facts.ts';
import {blame} from '../../../../lib/blame.ts';
import {consider} from '../apps/apps.ts';
import {resumeDeployments} from '../deployments/planned.ts';
import {considerGroup, groupsToRestore} from '../groups/groups.ts';
import {parseTaskId, toAppId, toTaskId, type ParsedTaskId} from '../ids.ts';
import {conditionOf, isTerminalCondition, type Instance} from './instance.ts';
import {queueKill} from './kills.ts';
import {ownerOf as reservedFor} from '../residents/reservation.ts';
import {isAside, type App, type Turn} from '../state.ts';
import {subjectOfApp} from '../subjects.ts';
import {APP_TASK_LABELS} from '../../../../crds/meta.ts';
import {hostPortsOf} from '../launch/task-info.ts';
import {applyStatus, endTask, findTask, onUpdate} from './updates.ts';

/**
 * Compares the master's tasks with what is known. The first time nothing is known, and instances are made from their
 * tasks; later a task that the master does not have any more has ended.
 */
export function onRestored(turn: Turn, tasks: readonly Task[], agents: readonly AgentFacts[]): void {
  const {state} = turn;
  for (const agent of agents) state.agents.set(agent.agentId, agent);
  for (const kill of state.kills.values()) kill.sentAtMs = undefined;
  if (state.ready) compare(turn, tasks);
  else rebuild(turn, tasks);
  state.ready = true;
  for (const group of groupsToRestore(state, true)) considerGroup(turn, group);
  for (const app of inForceFirst(state.apps.values())) blame(subjectOfApp(app), () => consider(turn, app));
  for (const group of groupsToRestore(state, false)) considerGroup(turn, group);
  resumeDeployments(turn);
  for (const status of state.held.splice(0)) onUpdate(turn, status);
}

/** What was in force under the earlier leader stays so; what a rule forbade beside it has to wait again. */
const inForceFirst = (apps: Iterable<App>): readonly App[] => {
  const wasInForce = ({object}: App): boolean => object.status?.configHash === object.config;
  const all = [...apps];
  return [...all.filter(wasInForce), ...all.filter(app => !wasInForce(app))];
};

function compare(turn: Turn, tasks: readonly Task[]): void {
  const there = new Set(tasks.map(task => task.task_id.value));
  for (const taskId of [...turn.state.tasks.keys()]) {
    const found = there.has(taskId) ? undefined : findTask(turn, taskId);
    if (found !== undefined) endTask(turn, found.app, found.instance, 'Unknown', {state: 'TASK_UNKNOWN'});
  }
  for (const taskId of [...turn.state.kills.keys()]) if (!there.has(taskId)) turn.state.kills.delete(taskId);
  for (const task of tasks) applyStatus(turn, latestStatus(task));
}

/** The last status, with the latest state: that may be ahead of what was acknowledged. */
const latestStatus = (task: Task): TaskStatus => ({
  ...task.statuses?.at(-1),
  task_id: task.task_id,
  agent_id: task.agent_id,
  state: task.state,
  uuid: undefined,
});

function rebuild(turn: Turn, tasks: readonly Task[]): void {
  for (const task of tasks) {
    const app = ownerOf(turn, label(task, APP_TASK_LABELS.app));
    const parsed = parseTaskId(task.task_id.value);
    if (app !== undefined && parsed !== undefined)
      blame(subjectOfApp(app), () => rebuildInstance(turn, app, task, parsed));
    else if (!isTerminal(task.state) && !isAside(turn.state, task.task_id.value))
      queueKill(turn, toTaskId(task.task_id.value), task.agent_id.value);
  }
}

/** The object that claims an id; the oldest, when several do. */
function ownerOf({state}: Turn, appId: string | undefined): App | undefined {
  const names = appId === undefined ? undefined : state.claims.get(toAppId(appId));
  const apps = [...(names ?? [])].flatMap(name => state.apps.get(name) ?? []);
  return apps.toSorted((a, b) => (a.object.createdAt + a.object.name < b.object.createdAt + b.object.name ? -1 : 1))[0];
}

const label = (task: Task, key: string): string | undefined =>
  task.labels?.labels?.find(entry => entry.key === key)?.value;

function rebuildInstance(turn: Turn, app: App, task: Task, {instanceId, incarnation}: ParsedTaskId): void {
  const known = app.instances.get(instanceId);
  const status = latestStatus(task);
  const condition = conditionOf(status);
  const ended = isTerminalCondition(condition);
  // Its end is still to be acknowledged, but an earlier leader has taken it in, or has launched the next task.
  if (ended && (known !== undefined || app.object.status?.lastTaskFailure?.taskId === task.task_id.value))
    return keepNumber(turn, app, task, {instanceId, incarnation});
  if (known?.task !== undefined) return queueKill(turn, toTaskId(task.task_id.value), task.agent_id.value);
  const instance: Instance = {
    id: instanceId,
    goal: condition === 'Killing' ? 'Decommissioned' : 'Running',
    condition: ended ? 'Running' : condition,
    sinceMs: turn.nowMs,
    incarnation: Math.max(incarnation, known?.incarnation ?? 0),
    version: label(task, APP_TASK_LABELS.version) ?? '',
    config: label(task, APP_TASK_LABELS.config) ?? '',
    task: {
      taskId: toTaskId(task.task_id.value),
      agent: agentOf(turn, task),
      role: task.resources?.[0]?.allocation_info?.role ?? '*',
      hostPorts: hostPortsOf(task.discovery),
      ipAddresses: [],
      ...timesOf(task, turn.nowMs),
    },
  };
  if ((task.resources ?? []).some(resource => reservedFor(resource) !== undefined))
    app.reserved.set(instanceId, {agentId: task.agent_id.value, incarnation: instance.incarnation});
  app.instances.set(instanceId, instance);
  turn.state.tasks.set(toTaskId(task.task_id.value), {app: app.object.name, instance: instanceId});
  // An end is for the app as the earlier leader left it, which is known after all tasks.
  if (ended) turn.state.held.unshift(status);
  else applyStatus(turn, status);
}

function keepNumber(turn: Turn, app: App, task: Task, {instanceId, incarnation}: ParsedTaskId): void {
  const known = app.instances.get(instanceId);
  if (known !== undefined) {
    known.incarnation = Math.max(known.incarnation, incarnation);
    return;
  }
  app.instances.set(instanceId, {
    id: instanceId,
    goal: 'Running',
    condition: 'Scheduled',
    sinceMs: turn.nowMs,
    incarnation,
    version: label(task, APP_TASK_LABELS.version) ?? '',
    config: label(task, APP_TASK_LABELS.config) ?? '',
  });
}

const agentOf = ({state}: Turn, task: Task): AgentFacts => {
  const agentId = task.agent_id.value;
  return state.agents.get(agentId) ?? agentFacts({agentId, hostname: agentId});
};

function timesOf(task: Task, nowMs: number): {stagedAtMs: number; startedAtMs?: number} {
  const atMs = (status: TaskStatus | undefined): number | undefined =>
    status?.timestamp === undefined ? undefined : Math.round(status.timestamp * 1000);
  const statuses = task.statuses ?? [];
  const startedAtMs = atMs(statuses.find(({state}) => state === 'TASK_RUNNING'));
  return {stagedAtMs: atMs(statuses[0]) ?? nowMs, ...(startedAtMs === undefined ? {} : {startedAtMs})};
}
