import type {AgentSpec, AgentTraits} from '../../../../allocator/records.ts';
import {Resources} from '../../../../allocator/resources.ts';
import type {TaskReason, TaskState} from '../../../../api/mesos/v1/common.ts';
import type {Attribute} from '../../../../api/mesos/v1/resources.ts';
import {settleActivation} from './activation.ts';
import type {AgentLossReason, AgentRecord} from './agent-record.ts';
import type {AgentId, FrameworkId} from '../ids.ts';
import {settleDrain} from './drain.ts';
import {withdrawLaunches} from './room.ts';
import {graceOf} from '../tasks/kill.ts';
import {rescindInverseOffersOf} from '../maintenance/inverse-offers.ts';
import {rescindOffersOf} from '../offers/offers.ts';
import {checkpointOf, returnsOf, totalOf} from '../operations/checkpoint.ts';
import {restoreOperation} from '../operations/feedback.ts';
import {forgetReservations} from '../operations/saves.ts';
import {latestStatus} from '../tasks/reconcile.ts';
import type {Agent, Framework, Task} from '../state.ts';
import {hasEnded, isOver, lostState, masterStatus, remember} from '../tasks/statuses.ts';
import {completeTask, countTask, forgetUpdates, leaveToEnd, releasePod, tell} from '../tasks/tasks.ts';
import type {Turn} from '../turn.ts';
import {endAcknowledged, observe} from '../tasks/updates.ts';

// Agents come, change, fall silent, return and go; their tasks with them.

export const makeAgent = (record: AgentRecord, nowMs: number): Agent => ({
  record,
  active: true,
  isSilent: false,
  registeredMs: record.registeredMs ?? nowMs,
  reregisteredMs: undefined,
  offers: new Map(),
  tasks: new Map(),
});

/** New, recovered or back from being unreachable; for a registered one it is an update. A gone one stays gone. */
export function addAgent(turn: Turn, record: AgentRecord): void {
  const {master} = turn;
  const {id} = record;
  if (master.goneAgents.has(id)) return;
  if (master.agents.has(id)) return updateAgent(turn, record);
  const away = master.unreachableAgents.get(id);
  const known = master.recoveredAgents.get(id) ?? away?.agent;
  const agent = known ?? withLeftovers(turn, makeAgent(record, turn.nowMs));
  master.recoveredAgents.delete(id);
  master.unreachableAgents.delete(id);
  agent.record = record;
  if (known !== undefined) agent.reregisteredMs = turn.nowMs;
  master.agents.set(id, agent);
  if (away !== undefined) for (const task of [...agent.tasks.values()]) returnTask(turn, task);
  rememberMade(turn, record);
  master.allocator.addAgent(agentSpec(turn, record), usedOn(turn, agent));
  agent.active = true;
  agent.isSilent = false;
  settleActivation(turn, agent);
  settleDrain(turn, agent);
  turn.count(known === undefined ? 'agents-registered' : 'agents-reregistered');
  turn.touch(undefined, id);
  const {name, hostname} = record;
  turn.note('info', known === undefined ? 'agent registered' : 'agent reregistered', {agentId: id, name, hostname});
}

/** An agent that said goodbye and came back: pods that nobody has seen end may still use what it has. */
function withLeftovers({master}: Turn, agent: Agent): Agent {
  for (const task of master.leftovers.values()) {
    if (task.agentId === agent.record.id) agent.tasks.set(task.launchId, task);
  }
  return agent;
}

/** Offers of what the agent has no more are wrong: all of its offers are rescinded then. */
export function updateAgent(turn: Turn, record: AgentRecord): void {
  const agent = turn.master.agents.get(record.id);
  if (agent === undefined) return;
  agent.record = record;
  const total = totalOf(turn.master, record);
  if (!total.contains(handedOut(agent))) rescindOffersOf(turn, record.id);
  turn.master.allocator.updateAgent(record.id, total, traitsOf(record));
  settleActivation(turn, agent);
  settleDrain(turn, agent);
  withdrawLaunches(turn, agent);
  turn.touch(undefined, record.id);
}

/** What is used or on offer there. */
function handedOut({tasks, offers}: Agent): Resources {
  const inUse = [...tasks.values()].filter(({holdsResources}) => holdsResources);
  return [...inUse, ...offers.values()].reduce((sum, {resources}) => sum.add(resources), Resources.EMPTY);
}

const agentSpec = ({master}: Turn, record: AgentRecord): AgentSpec => ({
  agentId: record.id,
  total: totalOf(master, record),
  ...traitsOf(record),
});

function traitsOf({hostname, attributes, domain}: AgentRecord): AgentTraits {
  const faultDomain = domain?.fault_domain;
  return {
    hostname,
    attributes: attributes.map(attribute => ({
      name: attribute.name,
      value: attributeText(attribute),
      isText: attribute.text !== undefined,
    })),
    ...(faultDomain !== undefined && {domain: {region: faultDomain.region.name, zone: faultDomain.zone.name}}),
  };
}

function attributeText({text, scalar, ranges, set}: Attribute): string {
  if (text !== undefined) return text.value;
  if (scalar !== undefined) return String(scalar.value);
  if (set !== undefined) return `{${(set.item ?? []).join(',')}}`;
  return `[${(ranges?.range ?? []).map(({begin, end}) => `${begin}-${end}`).join(',')}]`;
}

/** What an earlier leader reserved there; what this one knows is newer. */
export function rememberMade({master}: Turn, {id, made}: AgentRecord): void {
  if (made === undefined || master.checkpoints.has(id)) return;
  const checkpoint = checkpointOf(master, id);
  checkpoint.resources = made.resources;
  checkpoint.saved = made.resources;
  for (const operation of made.operations) restoreOperation(master, id, operation);
}

/**
 * What tasks hold there, leftovers of removed frameworks included, and what waits to be saved; from now on the allocator
 * counts it.
 */
function usedOn(turn: Turn, agent: Agent): ReadonlyMap<FrameworkId, ReadonlyMap<string, Resources>> {
  const used = new Map<FrameworkId, Map<string, Resources>>();
  const hold = (frameworkId: FrameworkId, role: string, resources: Resources): void => {
    const byRole = used.get(frameworkId) ?? new Map<string, Resources>();
    byRole.set(role, byRole.get(role)?.add(resources) ?? resources);
    used.set(frameworkId, byRole);
  };
  for (const task of agent.tasks.values()) {
    task.holdsResources = task.observed === undefined || !hasEnded(task.observed);
    if (task.holdsResources) hold(task.frameworkId, task.role, task.resources);
    turn.touch(task.frameworkId);
  }
  for (const {frameworkId, role, resources} of returnsOf(turn.master.checkpoints.get(agent.record.id))) {
    hold(frameworkId, role, resources);
  }
  return used;
}

/** The task is as its pod says, and the framework that was told otherwise hears so. */
function returnTask(turn: Turn, task: Task): void {
  const framework = turn.master.frameworks.get(task.frameworkId);
  if (framework?.unreachableTasks.get(task.taskId) !== task && !wasForgotten(framework, task)) return;
  if (framework === undefined || framework.tasks.has(task.taskId)) return leaveToEnd(turn, task, graceOf(task));
  framework.unreachableTasks.delete(task.taskId);
  framework.tasks.set(task.taskId, task);
  task.state = task.observed === undefined || task.observed.giveUp === true ? 'TASK_STAGING' : task.observed.state;
  tell(turn, framework, latestStatus(turn, task, 'REASON_AGENT_REREGISTERED', 'Agent is back'));
  turn.touch(framework.id);
}

/** Away, but over the limit of unreachable tasks that are remembered by id. */
const wasForgotten = (framework: Framework | undefined, task: Task): boolean =>
  framework !== undefined && task.state === 'TASK_UNREACHABLE';

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
  rescindOffersOf(turn, agentId);
  rescindInverseOffersOf(turn, agentId);
  for (const task of [...agent.tasks.values()]) loseTask(turn, agent, task, reason);
  if (master.agents.delete(agentId)) master.allocator.removeAgent(agentId);
  if (reason === 'removed-by-operator') forgetReservations(turn, agentId);
  master.recoveredAgents.delete(agentId);
  file(turn, agentId, agent, reason);
  for (const framework of master.frameworks.values()) {
    turn.send(framework, {type: 'FAILURE', failure: {agent_id: {value: agentId}}});
  }
  turn.count('agents-removed');
  if (reason === 'unreachable') turn.count('agents-unreachable');
  if (reason === 'unregistered') turn.count('agents-unregistered');
  turn.touch(undefined, agentId);
  const about = {agentId, name: agent.record.name, reason, tasks: agent.tasks.size};
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
  for (const task of [...agent.tasks.values()]) loseTask(turn, agent, task, reason);
  if (reason === 'removed-by-operator') forgetReservations(turn, agentId);
  turn.master.unreachableAgents.delete(agentId);
  file(turn, agentId, agent, reason);
  turn.touch(undefined, agentId);
}

/** A task whose end is known only waits for its acknowledgement, wherever its agent is. */
function loseTask(turn: Turn, agent: Agent, task: Task, reason: AgentLossReason): void {
  const framework = turn.master.frameworks.get(task.frameworkId);
  // With the agent everything it held leaves the allocator.
  task.holdsResources = false;
  if (framework === undefined || turn.master.leftovers.has(task.launchId)) return loseLeftover(turn, task, reason);
  if (isOver(task)) return task.acknowledged ? endAcknowledged(turn, framework, task) : undefined;
  forgetUpdates(turn, task);
  const {state, why} = lossOf(framework, reason);
  const status = masterStatus(
    {
      taskId: task.taskId,
      agentId: task.agentId,
      state,
      reason: why,
      message: `Agent ${agent.record.hostname} is ${reason}`,
    },
    turn.nowMs,
  );
  countTask(turn, status);
  remember(task, status);
  if (reason === 'unreachable') moveAway(turn, framework, task);
  else endLost(turn, framework, task, state, reason);
  tell(turn, framework, {
    ...status,
    ...(reason === 'unreachable' && {unreachable_time: {nanoseconds: turn.nowMs * 1e6}}),
  });
}

function lossOf(framework: Framework, reason: AgentLossReason): {state: TaskState; why: TaskReason} {
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
  task.state = 'TASK_UNREACHABLE';
  framework.tasks.delete(task.taskId);
  framework.unreachableTasks.set(task.taskId, task);
  const [oldest] = framework.unreachableTasks.keys();
  const {maxUnreachableTasksPerFramework} = turn.master.options;
  if (framework.unreachableTasks.size > maxUnreachableTasksPerFramework && oldest !== undefined) {
    framework.unreachableTasks.delete(oldest);
  }
  turn.touch(framework.id);
}

function endLost(turn: Turn, framework: Framework, task: Task, state: TaskState, reason: AgentLossReason): void {
  task.state = state;
  completeTask(turn, framework, task);
  leaveToEnd(turn, task, graceOf(task));
  if (reason === 'removed-by-operator') abandon(turn, task);
}

function loseLeftover(turn: Turn, task: Task, reason: AgentLossReason): void {
  if (reason === 'removed-by-operator') abandon(turn, task);
}

/** Nobody is left to say that the pod ended. */
function abandon(turn: Turn, task: Task): void {
  turn.master.leftovers.delete(task.launchId);
  releasePod(turn, task, {force: true});
}

/** What was seen of a task while its agent was away: only its end matters then. */
export function observeAway(turn: Turn, framework: Framework, task: Task, seen: NonNullable<Task['observed']>): void {
  if (!hasEnded(seen)) {
    task.observed = seen;
    return;
  }
  if (framework.tasks.has(task.taskId)) return;
  framework.unreachableTasks.delete(task.taskId);
  framework.tasks.set(task.taskId, task);
  task.observed = undefined;
  observe(turn, framework, task, seen);
}
