import type {Request, RequestHandler, Response, Router} from 'express';
import {
  legacyAgent,
  legacyAgentInFull,
  legacyFramework,
  legacyRoles,
  legacySummary,
  legacyTasks,
  type FrameworkTasks,
} from '../../../api/mesos/legacy.ts';
import {sendJson} from '../../web/jsonp.ts';
import {route} from '../../web/methods.ts';
import type {Framework, Master} from '../core/state.ts';
import {
  activeAgents,
  agentsMessage,
  frameworksMessage,
  registered,
  taskMessage,
  tasksMessage,
} from '../views/operator-views.ts';
import {roleInputs} from '../views/role-views.ts';
import {leaderOnly} from './leader.ts';
import type {MasterRouterOptions} from './router-options.ts';
import {refuse} from './scheduler.ts';

/** The pages from before the v1 API; only the leader has something to show. */
export function legacyRoutes(routes: Router, options: MasterRouterOptions): void {
  const before = [leaderOnly(options.leadership)];
  const page = (path: string, render: (core: Master, request: Request, response: Response) => unknown): void => {
    const handle: RequestHandler = (request, response) => {
      const core = options.core();
      if (core === undefined) return refuse(response, {status: 503, message: 'This master does not lead any more'});
      const value = render(core, request, response);
      if (value !== undefined) sendJson(request, response, value);
    };
    route(routes, path, {GET: [handle]}, before);
  };
  page('/state', core => state(core, options));
  for (const path of ['/state-summary', '/state-summary.json']) page(path, core => summary(core, options));
  page('/slaves', (core, request) => agents(core, textOf(request.query.slave_id)));
  page('/frameworks', (core, request) => frameworks(core, textOf(request.query.framework_id)));
  page('/tasks', tasks);
  page('/roles', core => legacyRoles(roleInputs(core)));
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function state(core: Master, options: MasterRouterOptions): unknown {
  const {version, clusterName, flagTexts, startedMs, electedMs} = options;
  const info = options.masterInfo();
  const elected = electedMs();
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
    leader_info: {id: info.id, pid: info.pid, port: info.port, hostname: info.hostname},
    ...(clusterName !== undefined && {cluster: clusterName}),
    flags: flagTexts,
    slaves: (agentsMessage(core).agents ?? []).map(legacyAgent),
    recovered_slaves: recovered(core),
    ...frameworks(core, undefined),
    orphan_tasks: [],
  };
}

const recovered = (core: Master): unknown[] =>
  [...core.recoveredAgents.values()].map(({record}) => ({id: record.id, hostname: record.hostname, port: record.port}));

function summary(core: Master, {masterInfo, clusterName}: MasterRouterOptions): unknown {
  return legacySummary({
    hostname: masterInfo().hostname ?? '',
    ...(clusterName !== undefined && {cluster: clusterName}),
    agents: agentsMessage(core).agents ?? [],
    frameworks: frameworksMessage(core).frameworks ?? [],
    tasks: allTasks(core),
  });
}

function allTasks(core: Master) {
  const {tasks = [], unreachable_tasks = [], completed_tasks = []} = tasksMessage(core);
  return [...tasks, ...unreachable_tasks, ...completed_tasks];
}

function agents(core: Master, agentId: string | undefined): unknown {
  const chosen = (agentsMessage(core).agents ?? []).filter(
    ({agent_info}) => agentId === undefined || agent_info.id?.value === agentId,
  );
  return {slaves: chosen.map(legacyAgentInFull), recovered_slaves: recovered(core)};
}

function frameworks(core: Master, frameworkId: string | undefined) {
  const {frameworks: live = [], completed_frameworks: ended = []} = frameworksMessage(core);
  const render = (list: typeof live, sources: readonly Framework[]) =>
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

const tasksOf = (framework: Framework): FrameworkTasks => ({
  tasks: [...framework.tasks.values()].map(taskMessage),
  unreachable: [...framework.unreachableTasks.values()].map(taskMessage),
  completed: framework.completedTasks.map(taskMessage),
});

function tasks(core: Master, request: Request, response: Response): unknown {
  const {limit = '100', offset = '0', order, framework_id, task_id} = request.query;
  for (const [name, value] of Object.entries({limit, offset})) {
    if (/^\d+$/.test(String(value))) continue;
    refuse(response, {status: 400, message: `Failed to parse '${name}': want a whole number of 0 or more`});
    return undefined;
  }
  return legacyTasks(allTasks(core), {
    limit: Number(limit),
    offset: Number(offset),
    ascending: order === 'asc',
    ...(textOf(framework_id) !== undefined && {frameworkId: textOf(framework_id)}),
    ...(textOf(task_id) !== undefined && {taskId: textOf(task_id)}),
  });
}
