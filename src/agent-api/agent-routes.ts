import {parseDuration} from '../lib/units.ts';
import {FILE_ROUTES} from '../controller/web/file-routes.ts';
import {JSONP, sendJson} from '../controller/web/jsonp.ts';
import {type Exchange, NO_BODY, type Route} from '../controller/web/route.ts';
import {AGENT_CALL_ROUTE} from './agent-calls.ts';
import {type AgentDoors, usageOf} from './agent-doors.ts';
import {containerIdOf} from './task-runs.ts';
import {agentMetrics, agentState, containerOf} from './agent-views.ts';

const EACH = {method: 'GET', answeredBy: 'any', body: NO_BODY, permission: 'view'} as const;

/** Everything that an agent answers. */
export const AGENT_ROUTES: readonly Route<AgentDoors>[] = [
  AGENT_CALL_ROUTE,
  {
    ...EACH,
    path: '/health',
    does: 'Says that this process lives.',
    permission: 'open',
    answers: [],
    handle: ({response}) => void response.status(200).end(),
  },
  {
    ...EACH,
    path: '/version',
    does: 'Shows the version.',
    permission: 'open',
    query: JSONP,
    handle: async (exchange, doors) => sendJson(exchange, {version: (await doors.facts).version}),
  },
  {
    ...EACH,
    path: '/flags',
    does: 'Shows the flags in effect, as text.',
    permission: 'view-process',
    query: JSONP,
    handle: async (exchange, doors) => sendJson(exchange, {flags: (await doors.facts).flags}),
  },
  {
    ...EACH,
    path: '/state',
    does: 'Shows the agent with all tasks that have a sandbox here.',
    query: JSONP,
    handle: async (exchange, doors) => sendJson(exchange, agentState(await doors.facts, await doors.runs())),
  },
  {
    ...EACH,
    path: '/containers',
    does: 'Shows the containers that run.',
    query: {container_id: 'Only this one.', ...JSONP},
    handle: async (exchange, doors) => {
      const only = exchange.request.query['container_id'];
      const containers = await containersOf(doors);
      sendJson(
        exchange,
        containers.filter(({container_id}) => only === undefined || container_id === only),
      );
    },
  },
  {
    ...EACH,
    path: '/monitor/statistics',
    does: 'Shows what containers use, at most twice a second.',
    query: JSONP,
    handle: async (exchange, doors) => {
      await doors.limit.turn();
      const containers = await containersOf(doors);
      sendJson(
        exchange,
        containers.map(({container_id: _, status: __, ...rest}) => rest),
      );
    },
  },
  {
    ...EACH,
    path: '/metrics/snapshot',
    does: 'Shows all metrics, at most twice a second.',
    permission: 'view-process',
    query: {timeout: 'A duration such as `10secs`; accepted, and of no effect.', ...JSONP},
    handle: snapshot,
  },
  ...FILE_ROUTES.map(route => ({
    ...route,
    permission: 'view' as const,
    handle: async (exchange: Exchange, doors: AgentDoors) => {
      await doors.lookAround();
      await route.handle(exchange, doors);
    },
  })),
];

async function containersOf(doors: AgentDoors) {
  const [runs, usage] = [await doors.runs(), await doors.usage()];
  return runs.flatMap(run => {
    const used = usageOf(run, usage);
    if (used === undefined && run.state !== 'TASK_RUNNING') return [];
    const container_id = containerIdOf(run);
    const status = {container_id: {value: container_id}};
    return [{container_id, ...containerOf(run, used, doors.nowSeconds()), status}];
  });
}

async function snapshot(exchange: Exchange, doors: AgentDoors): Promise<void> {
  const {timeout} = exchange.request.query;
  const parsed = timeout === undefined ? undefined : parseDuration(String(timeout));
  if (parsed?.ok === false) {
    return void exchange.response.status(400).type('text').send(`Invalid timeout: ${parsed.error}`);
  }
  await doors.limit.turn();
  sendJson(exchange, agentMetrics(await doors.facts, await doors.runs(), doors.nowSeconds()));
}
