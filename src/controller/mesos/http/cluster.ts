import {
  legacyAgent,
  legacyAgentInFull,
  legacyFramework,
  legacySummary,
  legacyTasks,
  type FrameworkTasks,
} from '../../../api/mesos/legacy.ts';
import {masterInfoNow} from '../core/master-info.ts';
import {JSONP, sendJson} from '../../web/jsonp.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import type {ReadonlyFramework, ReadonlyMaster} from '../core/state.ts';
import {
  activeAgents,
  agentsMessage,
  frameworksMessage,
  registered,
  taskMessage,
  tasksMessage,
} from '../views/operator-views.ts';
import {NOT_LEADING, page, refuse, textOf} from './answers.ts';
import type {MasterDoors, MasterRoute} from './master-doors.ts';

const PAGE = {
  method: 'GET',
  permission: 'view',
  answeredBy: 'leader-by-redirect',
  body: NO_BODY,
} as const;

const TASK_FIELDS = {
  limit: 'Tasks to show at most; 100 when absent, all when negative.',
  offset: 'Tasks to leave out before the first.',
  order: '`asc`: the oldest first.',
  framework_id: 'Only tasks of this framework.',
  task_id: 'Only tasks of this id.',
};

/** The pages about the cluster from before the v1 API. */
export const CLUSTER_ROUTES: readonly MasterRoute[] = [
  {
    ...PAGE,
    path: '/state',
    does: 'Shows the whole cluster: agents, frameworks, tasks, flags.',
    query: JSONP,
    handle: page(state),
  },
  {
    ...PAGE,
    path: '/state-summary',
    does: 'Shows agents and frameworks with counts of their tasks.',
    query: JSONP,
    handle: page(summary),
  },
  {
    ...PAGE,
    path: '/state-summary.json',
    does: 'The same under its older name.',
    query: JSONP,
    handle: page(summary),
  },
  {
    ...PAGE,
    path: '/slaves',
    does: 'Shows the agents with all their resources.',
    query: {slave_id: 'Only the agent of this id.', ...JSONP},
    handle: page((core, _doors, {request}) => agents(core, textOf(request.query['slave_id']))),
  },
  {
    ...PAGE,
    path: '/frameworks',
    does: 'Shows the frameworks with their tasks and offers.',
    query: {framework_id: 'Only the framework of this id.', ...JSONP},
    handle: page((core, _doors, {request}) => frameworks(core, textOf(request.query['framework_id']))),
  },
  {
    ...PAGE,
    path: '/tasks',
    does: 'Shows tasks, the latest first.',
    query: {
      ...TASK_FIELDS,
      ...JSONP,
    },
    handle: tasks,
  },
  {
    ...PAGE,
    method: 'POST',
    path: '/tasks',
    does: 'Shows the same tasks to those that ask with a form.',
    body: {kind: 'form', fields: TASK_FIELDS},
    handle: tasks,
  },
];

function state(core: ReadonlyMaster, doors: MasterDoors): unknown {
  const {version, clusterName, flagTexts, startedMs, electedMs} = doors;
  const info = doors.masterInfo();
  const elected = electedMs();
  const {domain} = masterInfoNow(core);
  return {
    ...version,
    start_time: startedMs / 1000,
    ...(elected !== undefined && {elected_time: elected / 1000}),
    id: info.id,
    pid: info.pid,
    hostname: info.hostname,
    capabilities: (info.capabilities ?? []).map(({type}) => type),
    activated_slaves: activeAgents(core),
    deactivated_slaves: core.agents.size - activeAgents(core),
    unreachable_slaves: core.unreachableAgents.size,
    leader: info.pid,
    ...(domain !== undefined && {domain}),
    leader_info: {
      id: info.id,
      pid: info.pid,
      port: info.port,
      hostname: info.hostname,
      ...(domain !== undefined && {domain}),
    },
    ...(clusterName !== undefined && {cluster: clusterName}),
    flags: flagTexts,
    slaves: (agentsMessage(core).agents ?? []).map(legacyAgent),
    recovered_slaves: recovered(core),
    ...frameworks(core, undefined),
    orphan_tasks: [],
  };
}

const recovered = (core: ReadonlyMaster): unknown[] =>
  [...core.recoveredAgents.values()].map(({record}) => ({id: record.id, hostname: record.hostname, port: record.port}));

function summary(core: ReadonlyMaster, {masterInfo, clusterName}: MasterDoors): unknown {
  return legacySummary({
    hostname: masterInfo().hostname ?? '',
    ...(clusterName !== undefined && {cluster: clusterName}),
    agents: agentsMessage(core).agents ?? [],
    frameworks: frameworksMessage(core).frameworks ?? [],
    tasks: allTasks(core),
  });
}

function allTasks(core: ReadonlyMaster) {
  const {tasks = [], unreachable_tasks = [], completed_tasks = []} = tasksMessage(core);
  return [...tasks, ...unreachable_tasks, ...completed_tasks];
}

function agents(core: ReadonlyMaster, agentId: string | undefined): unknown {
  const chosen = (agentsMessage(core).agents ?? []).filter(
    ({agent_info}) => agentId === undefined || agent_info.id?.value === agentId,
  );
  return {slaves: chosen.map(legacyAgentInFull), recovered_slaves: recovered(core)};
}

function frameworks(core: ReadonlyMaster, frameworkId: string | undefined) {
  const {frameworks: live = [], completed_frameworks: ended = []} = frameworksMessage(core);
  const render = (list: typeof live, sources: readonly ReadonlyFramework[]) =>
    list.flatMap((message, index) => {
      const source = sources[index];
      const wanted = frameworkId === undefined || message.framework_info.id?.value === frameworkId;
      return source !== undefined && wanted ? [legacyFramework(message, tasksOf(source))] : [];
    });
  return {
    frameworks: render(live, registered(core)),
    completed_frameworks: render(ended, core.completedFrameworks),
    unregistered_frameworks: [],
  };
}

const tasksOf = (framework: ReadonlyFramework): FrameworkTasks => ({
  tasks: [...framework.tasks.values()].map(task => taskMessage(framework, task)),
  unreachable: [...framework.unreachableTasks.values()].map(task => taskMessage(framework, task)),
  completed: framework.completedTasks.map(task => taskMessage(framework, task)),
});

function tasks(exchange: Exchange, doors: MasterDoors): void {
  const {request, response, body} = exchange;
  const core = doors.core();
  if (core === undefined) return refuse(response, NOT_LEADING);
  const form = body instanceof URLSearchParams ? Object.fromEntries(body) : {};
  const {limit, offset, order, framework_id, task_id} = {...form, ...request.query};
  const listed = legacyTasks(allTasks(core), {
    limit: amount(limit, 100),
    offset: amount(offset, 0),
    ascending: order === 'asc',
    ...(textOf(framework_id) !== undefined && {frameworkId: textOf(framework_id)}),
    ...(textOf(task_id) !== undefined && {taskId: textOf(task_id)}),
  });
  sendJson(exchange, listed);
}

/** As in Mesos: what is no number is not there, and a negative number is a very large one. */
function amount(value: unknown, fallback: number): number {
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : fallback;
  return number < 0 ? Number.MAX_SAFE_INTEGER : number;
}
