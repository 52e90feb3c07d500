import {decodeJson, encodeJson} from '../../../api/mesos/v1/json.ts';
import {
  clusterStatusSchema,
  type MachineId,
  machineIdsSchema,
  scheduleSchema,
} from '../../../api/mesos/v1/maintenance.ts';
import {err, ok} from '../../../lib/result.ts';
import {JSONP} from '../../web/jsonp.ts';
import {NO_BODY} from '../../web/route.ts';
import {statusOf} from '../core/maintenance/machines.ts';
import {page} from './answers.ts';
import type {MasterRoute} from './master-doors.ts';
import type {AnsweredCall} from '../calls/operator-gate.ts';
import {performs, type ReadCall} from './perform-call.ts';

const LEADER = {answeredBy: 'leader-by-redirect'} as const;
const PAGE = {...LEADER, method: 'GET', body: NO_BODY, permission: 'view', query: JSONP} as const;
const CHANGE = {...LEADER, method: 'POST', body: {kind: 'json'}, permission: 'operate-agents', answers: []} as const;

const updateSchedule: ReadCall = ({body}) => {
  const decoded = decodeJson(scheduleSchema, body);
  if (!decoded.ok) return err({status: 400, message: decoded.error});
  return ok({type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule: {schedule: decoded.value}});
};

const readMachines =
  (make: (ids: readonly MachineId[]) => AnsweredCall): ReadCall =>
  ({body}) => {
    const decoded = decodeJson(machineIdsSchema, {machines: body});
    return decoded.ok ? ok(make(decoded.value.machines ?? [])) : err({status: 400, message: decoded.error});
  };

/** Maintenance from before the v1 API: the same calls in other words. */
export const MAINTENANCE_ROUTES: readonly MasterRoute[] = [
  {
    ...PAGE,
    path: '/maintenance/schedule',
    does: 'Shows the maintenance that is planned.',
    handle: page((core, {sight}) =>
      encodeJson(scheduleSchema, sight.maintenanceSchedule ? core.maintenance.schedule : {}),
    ),
  },
  {
    ...CHANGE,
    path: '/maintenance/schedule',
    does: 'Replaces the whole plan.',
    handle: performs(updateSchedule),
  },
  {
    ...PAGE,
    path: '/maintenance/status',
    does: 'Shows which machines are draining and which are down.',
    handle: page((core, {sight}) => encodeJson(clusterStatusSchema, sight.maintenanceStatus ? statusOf(core) : {})),
  },
  {
    ...CHANGE,
    path: '/machine/down',
    does: 'Takes machines down that are planned for maintenance: their agents are removed with all tasks.',
    handle: performs(readMachines(machines => ({type: 'START_MAINTENANCE', start_maintenance: {machines}}))),
  },
  {
    ...CHANGE,
    path: '/machine/up',
    does: 'Ends the maintenance of machines that are down.',
    handle: performs(readMachines(machines => ({type: 'STOP_MAINTENANCE', stop_maintenance: {machines}}))),
  },
];
