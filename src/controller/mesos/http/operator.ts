import {encodeJson} from '../../../api/mesos/v1/json.ts';
import {type OperatorCall, operatorResponseSchema} from '../../../api/mesos/v1/operator.ts';
import type {Permission} from '../../web/permissions.ts';
import {NOT_LEADING, refuse} from './answers.ts';
import type {MasterRoute} from './master-doors.ts';
import {checkAccept} from './negotiate.ts';

/** Mesos answers these before the agent has done them. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'RESERVE_RESOURCES',
  'UNRESERVE_RESOURCES',
  'CREATE_VOLUMES',
  'DESTROY_VOLUMES',
  'GROW_VOLUME',
  'SHRINK_VOLUME',
]);

/** What each call needs. */
export const OPERATOR_CALLS: Readonly<Record<OperatorCall['type'], Permission>> = {
  UNKNOWN: 'open',
  GET_HEALTH: 'open',
  GET_VERSION: 'open',
  GET_MASTER: 'open',
  GET_FLAGS: 'view-process',
  GET_METRICS: 'view-process',
  GET_STATE: 'view',
  GET_AGENTS: 'view',
  GET_FRAMEWORKS: 'view',
  GET_EXECUTORS: 'view',
  GET_TASKS: 'view',
  GET_ROLES: 'view',
  GET_WEIGHTS: 'view',
  GET_QUOTA: 'view',
  GET_OPERATIONS: 'view',
  GET_MAINTENANCE_STATUS: 'view',
  GET_MAINTENANCE_SCHEDULE: 'view',
  UPDATE_WEIGHTS: 'change-quota',
  UPDATE_QUOTA: 'change-quota',
  SET_QUOTA: 'change-quota',
  REMOVE_QUOTA: 'change-quota',
  RESERVE_RESOURCES: 'change-reservations',
  UNRESERVE_RESOURCES: 'change-reservations',
  CREATE_VOLUMES: 'change-reservations',
  DESTROY_VOLUMES: 'change-reservations',
  GROW_VOLUME: 'change-reservations',
  SHRINK_VOLUME: 'change-reservations',
  UPDATE_MAINTENANCE_SCHEDULE: 'operate-agents',
  START_MAINTENANCE: 'operate-agents',
  STOP_MAINTENANCE: 'operate-agents',
  MARK_AGENT_GONE: 'operate-agents',
  DRAIN_AGENT: 'operate-agents',
  DEACTIVATE_AGENT: 'operate-agents',
  REACTIVATE_AGENT: 'operate-agents',
  TEARDOWN: 'end-frameworks',
};

/** The operator API. */
export const OPERATOR_ROUTE: MasterRoute = {
  method: 'POST',
  path: '/api/v1',
  does: 'Performs a call of the operator API: reads the cluster, or changes agents, roles, reservations.',
  permission: 'by-call',
  answeredBy: 'leader-by-redirect',
  body: {kind: 'json'},
  handle: async ({request, response, body, caller}, {serving}) => {
    const gate = serving()?.operator;
    if (gate === undefined) return refuse(response, NOT_LEADING);
    const call = gate.decode(body);
    if (!call.ok) return refuse(response, call.error);
    const accepted = checkAccept(request);
    if (!accepted.ok) return refuse(response, accepted.error);
    const answer = await gate.call(call.value, caller);
    if (!answer.ok) return refuse(response, answer.error);
    if (answer.value.type === undefined) response.status(OPERATIONS.has(call.value.type) ? 202 : 200).end();
    else response.json(encodeJson(operatorResponseSchema, answer.value));
  },
};
