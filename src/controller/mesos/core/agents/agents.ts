import type {AgentSpec, AgentTraits} from '../../../../allocator/records.ts';
import {Resources} from '../../../../allocator/resources.ts';
import type {Attribute} from '../../../../api/mesos/v1/resources.ts';
import {settleActivation} from './activation.ts';
import type {AgentRecord} from './agent-record.ts';
import type {FrameworkId} from '../ids.ts';
import {settleDrain} from './drain.ts';
import {withdrawLaunches} from './room.ts';
import {graceOf} from '../tasks/grace.ts';
import {rescindOffersOf} from '../offers/offers.ts';
import {checkpointOf, returnsOf, totalOf} from '../operations/checkpoint.ts';
import {restoreOperation} from '../operations/feedback.ts';
import {latestStatus} from '../tasks/reconcile.ts';
import type {Agent, Framework} from '../state.ts';
import {type Launch, takesRoom, type Task} from '../tasks/task.ts';
import type {SeenTask} from '../tasks/task-record.ts';
import {leaveToEnd, tell} from '../tasks/launches.ts';
import type {Turn} from '../turn.ts';
import {giveUp} from '../tasks/observe.ts';
import {isLive} from '../tasks/updates.ts';
import {endLost} from './loss.ts';

// Agents come, change and return; their tasks with them.

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
