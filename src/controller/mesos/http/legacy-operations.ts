import express, {type Request, type RequestHandler, type Router} from 'express';
import {decodeJson, encodeJson} from '../../../api/mesos/v1/json.ts';
import {
  clusterStatusSchema,
  type MachineId,
  machineIdsSchema,
  scheduleSchema,
} from '../../../api/mesos/v1/maintenance.ts';
import {message, list} from '../../../api/mesos/v1/schema.ts';
import type {OperatorCall} from '../../../api/mesos/v1/operator.ts';
import {type Resource, resourceSchema} from '../../../api/mesos/v1/resources.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {sendJson} from '../../web/jsonp.ts';
import {route} from '../../web/methods.ts';
import {statusOf} from '../core/maintenance/machines.ts';
import type {Master} from '../core/state.ts';
import {NOT_LEADING, performCall} from './legacy-call.ts';
import {leaderOnly} from './leader.ts';
import {parseBody} from './negotiate.ts';
import type {MasterRouterOptions} from './router-options.ts';
import {refuse} from './scheduler.ts';

type ReadCall = (request: Request) => Result<OperatorCall, CallRefused>;

/** Reservations, volumes and maintenance from before the v1 API: the same calls in other words. */
export function legacyOperationRoutes(routes: Router, options: MasterRouterOptions): void {
  const before = [leaderOnly(options.leadership)];
  const body = express.raw({type: () => true, limit: '16mb'});
  const change = (read: ReadCall, status: number): RequestHandler[] => [
    body,
    async (request, response) => performCall(options, read(request), response, status),
  ];
  const page =
    (render: (core: Master) => unknown): RequestHandler =>
    (request, response) => {
      const core = options.core();
      if (core === undefined) refuse(response, NOT_LEADING);
      else sendJson(request, response, render(core));
    };
  for (const [path, read] of Object.entries(OPERATIONS)) route(routes, path, {POST: change(read, 202)}, before);
  const schedule = page(core => encodeJson(scheduleSchema, core.maintenance.schedule));
  route(routes, '/maintenance/schedule', {GET: [schedule], POST: change(readSchedule, 200)}, before);
  const status = page(core => encodeJson(clusterStatusSchema, statusOf(core)));
  route(routes, '/maintenance/status', {GET: [status]}, before);
  const machines = (make: (ids: readonly MachineId[]) => OperatorCall): RequestHandler[] =>
    change(readMachines(make), 200);
  const down = machines(ids => ({type: 'START_MAINTENANCE', start_maintenance: {machines: ids}}));
  const up = machines(ids => ({type: 'STOP_MAINTENANCE', stop_maintenance: {machines: ids}}));
  route(routes, '/machine/down', {POST: down}, before);
  route(routes, '/machine/up', {POST: up}, before);
}

const OPERATIONS: Readonly<Record<string, ReadCall>> = {
  '/reserve': readForm('resources', (agent_id, resources) => ({
    type: 'RESERVE_RESOURCES',
    reserve_resources: {agent_id, resources},
  })),
  '/unreserve': readForm('resources', (agent_id, resources) => ({
    type: 'UNRESERVE_RESOURCES',
    unreserve_resources: {agent_id, resources},
  })),
  '/create-volumes': readForm('volumes', (agent_id, volumes) => ({
    type: 'CREATE_VOLUMES',
    create_volumes: {agent_id, volumes},
  })),
  '/destroy-volumes': readForm('volumes', (agent_id, volumes) => ({
    type: 'DESTROY_VOLUMES',
    destroy_volumes: {agent_id, volumes},
  })),
};

const resourcesSchema = message({resources: list(1, resourceSchema)});

/** `slaveId=…&resources=<JSON list>` */
function readForm(
  field: string,
  make: (agentId: {value: string}, resources: readonly Resource[]) => OperatorCall,
): ReadCall {
  return ({body}) => {
    const form = new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '');
    const [slaveId, text] = [form.get('slaveId'), form.get(field)];
    if (slaveId === null) return err({status: 400, message: "Missing 'slaveId' query parameter"});
    if (text === null) return err({status: 400, message: `Missing '${field}' query parameter`});
    const json = parseBody(Buffer.from(text));
    if (!json.ok) return err({status: 400, message: json.error.message});
    const decoded = decodeJson(resourcesSchema, {resources: json.value});
    if (!decoded.ok) return err({status: 400, message: `Error in parsing '${field}': ${decoded.error}`});
    return ok(make({value: slaveId}, decoded.value.resources ?? []));
  };
}

function readSchedule({body}: Request): Result<OperatorCall, CallRefused> {
  const json = parseBody(body);
  if (!json.ok) return json;
  const decoded = decodeJson(scheduleSchema, json.value);
  if (!decoded.ok) return err({status: 400, message: decoded.error});
  return ok({type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule: {schedule: decoded.value}});
}

const readMachines =
  (make: (ids: readonly MachineId[]) => OperatorCall): ReadCall =>
  ({body}) => {
    const json = parseBody(body);
    if (!json.ok) return json;
    const decoded = decodeJson(machineIdsSchema, {machines: json.value});
    return decoded.ok ? ok(make(decoded.value.machines ?? [])) : err({status: 400, message: decoded.error});
  };
