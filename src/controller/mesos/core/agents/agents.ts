import type {AgentSpec, AgentTraits} from '../../../../allocator/records.ts';
import {Resources} from '../../../../allocator/resources.ts';
import type {TaskReason, TaskStatus, TerminalState} from '../../../../api/mesos/v1/common.ts';
import type {Attribute} from '../../../../api/mesos/v1/resources.ts';
import {settleActivation} from './activation.ts';
import type {AgentLossReason, AgentRecord} from './agent-record.ts';
import type {AgentId, FrameworkId} from '../ids.ts';
import {settleDrain} from './drain.ts';
import {withdrawLaunches} from './room.ts';
import {graceOf} from '../tasks/grace.ts';
import {rescindInverseOffersOf} from '../maintenance/inverse-offers.ts';
import {rescindOffersOf} from '../offers/offers.ts';
import {checkpointOf, returnsOf, totalOf} from '../operations/checkpoint.ts';
import {restoreOperation} from '../operations/feedback.ts';
import {forgetReservations} from '../operations/saves.ts';
import {latestStatus} from '../tasks/reconcile.ts';
import type {Agent, Framework} from '../state.ts';
import {hasEnded, lostState, masterStatus} from '../tasks/statuses.ts';
import {isOver, type Launch, takesRoom, type Task} from '../tasks/task.ts';
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
import {giveUp} from '../tasks/observe.ts';
import {isLive} from '../tasks/updates.ts';

// Agents come, change, fall silent, return and go; their tasks with them.

export const makeAgent = (record: AgentRecord, nowMs: number): Agent => ({
  record,
  active: true,
  isSilent: false,
  registeredMs: record.registeredMs ?? nowMs,
  reregisteredMs: undefined,
  offers: new Map(),
  launches: new Map(),
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
  if (away !== undefined) for (const launch of [...agent.launches.values()]) returnLaunch(turn, launch);
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
  for (const launch of master.launches.values()) {
    if (typeof launch === 'object' && launch.agentId === agent.record.id) agent.launches.set(launch.launchId, launch);
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
function handedOut({launches, offers}: Agent): Resources {
  const inUse = [...launches.values()].filter(takesRoom);
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
 * What launches take there, leftovers of removed frameworks included, and what waits to be saved; from now on the
 * allocator counts it.
 */
function usedOn(turn: Turn, agent: Agent): ReadonlyMap<FrameworkId, ReadonlyMap<string, Resources>> {
  const used = new Map<FrameworkId, Map<string, Resources>>();
  const hold = (frameworkId: FrameworkId, role: string, resources: Resources): void => {
    const byRole = used.get(frameworkId) ?? new Map<string, Resources>();
    byRole.set(role, byRole.get(role)?.add(resources) ?? resources);
    used.set(frameworkId, byRole);
  };
  for (const launch of agent.launches.values()) {
    if (takesRoom(launch)) hold(launch.frameworkId, launch.role, launch.resources);
    turn.touch(launch.frameworkId);
  }
  for (const {frameworkId, role, resources} of returnsOf(turn.master.checkpoints.get(agent.record.id))) {
    hold(frameworkId, role, resources);
  }
  return used;
}

/** Tasks whose ids were given to others meanwhile cannot return, nor can the rest of their pod. */
function returnLaunch(turn: Turn, launch: Launch): void {
  const framework = turn.master.frameworks.get(launch.frameworkId);
  const away = launch.tasks.filter(({phase}) => phase.kind === 'away');
  if (framework === undefined || away.length === 0) return;
  if (away.some(({taskId}) => framework.tasks.has(taskId))) {
    for (const task of away) endLost(turn, framework, task, 'TASK_LOST');
    return leaveToEnd(turn, launch, graceOf(launch));
  }
  const hopeless = new Map(away.flatMap(({taskId, phase}) => (isHopeless(phase) ? [[taskId, phase.seen]] : [])));
  for (const task of away) returnTask(turn, framework, task);
  if (hopeless.size > 0) giveUp(turn, launch, hopeless);
}

const isHopeless = (phase: Task['phase']): phase is Task['phase'] & {readonly seen: SeenTask['status']} =>
  phase.kind === 'away' && phase.seen?.giveUp === true;

/** The task is as its pod says, and the framework that was told otherwise hears so. */
function returnTask(turn: Turn, framework: Framework, task: Task): void {
  if (task.phase.kind !== 'away') return;
  const {seen} = task.phase;
  const state = seen !== undefined && isLive(seen.state) ? seen.state : 'TASK_STAGING';
  task.phase = {kind: 'live', state, seen};
  framework.unreachableTasks.delete(task.taskId);
  framework.tasks.set(task.taskId, task);
  tell(turn, framework, latestStatus(turn, task, 'REASON_AGENT_REREGISTERED', 'Agent is back'));
  turn.touch(framework.id);
}

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

function endLost(turn: Turn, framework: Framework, task: Task, state: TerminalState): void {
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
