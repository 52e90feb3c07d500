import type {FrameworkInfo, TaskInfo} from '../../../api/mesos/v1/common.ts';
import type {OperatorCall} from '../../../api/mesos/v1/operator.ts';
import type {Resource} from '../../../api/mesos/v1/resources.ts';
import type {Operation} from '../../../api/mesos/v1/scheduler.ts';
import {toFrameworkId} from '../../../allocator/ids.ts';
import type {Action, Asked} from '../../access/actions.ts';
import {rolesOf} from '../core/frameworks/names.ts';
import type {ReadonlyMaster} from '../core/state.ts';

// What a caller has to be allowed for each call, in the actions of Mesos.

const each = (action: Action, objects: readonly (string | undefined)[]): Asked[] =>
  objects.map(object => ({action, object}));

/** The role that a resource is reserved for; undefined: for none. */
function roleOf({role, reservations}: Resource): string | undefined {
  const last = reservations?.at(-1)?.role;
  return last ?? (role === '*' ? undefined : role);
}

const reserverOf = ({reservation, reservations}: Resource): string | undefined =>
  reservations?.at(-1)?.principal ?? reservation?.principal;

/** As in Mesos: what names no role or nobody is asked about once, whoever it is of. */
function ofResources(
  action: Action,
  resources: readonly Resource[] = [],
  object: (of: Resource) => string | undefined,
): Asked[] {
  return resources.length === 0 ? [{action}] : each(action, [...new Set(resources.map(object))]);
}

const reserve = (resources: readonly Resource[] | undefined) => ofResources('reserve_resources', resources, roleOf);
const unreserve = (resources: readonly Resource[] | undefined) =>
  ofResources('unreserve_resources', resources, reserverOf);
const create = (volumes: readonly Resource[] | undefined) => ofResources('create_volumes', volumes, roleOf);
const destroy = (volumes: readonly Resource[] | undefined) =>
  ofResources('destroy_volumes', volumes, ({disk}) => disk?.persistence?.principal);
const resize = (volume: Resource | undefined) => ofResources('resize_volumes', volume && [volume], roleOf);

type CallOf<Type> = Extract<OperatorCall, {readonly type: Type}>;
type ReadType = Extract<OperatorCall['type'], `GET_${string}`>;

/** Most calls that read get a filtered cluster instead. */
const READS: Readonly<Record<ReadType, readonly Asked[]>> = {
  GET_FLAGS: [{action: 'view_flags'}],
  GET_METRICS: [{action: 'get_endpoints', object: '/metrics/snapshot'}],
  GET_LOGGING_LEVEL: [],
  GET_HEALTH: [],
  GET_VERSION: [],
  GET_MASTER: [],
  GET_STATE: [],
  GET_AGENTS: [],
  GET_FRAMEWORKS: [],
  GET_EXECUTORS: [],
  GET_TASKS: [],
  GET_ROLES: [],
  GET_WEIGHTS: [],
  GET_QUOTA: [],
  GET_OPERATIONS: [],
  GET_MAINTENANCE_STATUS: [],
  GET_MAINTENANCE_SCHEDULE: [],
};

/** Calls about machines and agents, which have no owner: a caller may all or nothing. */
const WHOLE = {
  UPDATE_MAINTENANCE_SCHEDULE: 'update_maintenance_schedules',
  START_MAINTENANCE: 'start_maintenances',
  STOP_MAINTENANCE: 'stop_maintenances',
  DRAIN_AGENT: 'drain_agents',
  DEACTIVATE_AGENT: 'deactivate_agents',
  REACTIVATE_AGENT: 'reactivate_agents',
  MARK_AGENT_GONE: 'mark_agents_gone',
} as const satisfies Partial<Record<OperatorCall['type'], Action>>;

const isWhole = (call: OperatorCall): call is CallOf<keyof typeof WHOLE> => Object.hasOwn(WHOLE, call.type);

/** What an operator's call needs. */
export function askedByOperator(call: OperatorCall, master: ReadonlyMaster): readonly Asked[] {
  if (isWhole(call)) return [{action: WHOLE[call.type]}];
  switch (call.type) {
    case 'UPDATE_WEIGHTS':
      return each(
        'update_weights',
        (call.update_weights.weight_infos ?? []).map(({role}) => role),
      );
    case 'UPDATE_QUOTA':
      return each(
        'update_quotas',
        (call.update_quota.quota_configs ?? []).map(({role}) => role),
      );
    case 'SET_QUOTA':
      return [{action: 'update_quotas', object: call.set_quota.quota_request.role}];
    case 'REMOVE_QUOTA':
      return [{action: 'update_quotas', object: call.remove_quota.role}];
    case 'RESERVE_RESOURCES': {
      const {resources, source = []} = call.reserve_resources;
      return [...reserve(resources), ...(source.length === 0 ? [] : unreserve(source))];
    }
    case 'UNRESERVE_RESOURCES':
      return unreserve(call.unreserve_resources.resources);
    case 'CREATE_VOLUMES':
      return create(call.create_volumes.volumes);
    case 'DESTROY_VOLUMES':
      return destroy(call.destroy_volumes.volumes);
    case 'GROW_VOLUME':
      return resize(call.grow_volume.volume);
    case 'SHRINK_VOLUME':
      return resize(call.shrink_volume.volume);
    case 'TEARDOWN': {
      const framework = master.frameworks.get(toFrameworkId(call.teardown.framework_id.value));
      // One that is not there is said not to be there.
      return framework === undefined ? [] : [{action: 'teardown_frameworks', object: framework.info.principal}];
    }
    case 'SET_LOGGING_LEVEL':
      return [{action: 'set_log_level'}];
    case 'LIST_FILES':
    case 'READ_FILE':
      return [{action: 'access_mesos_logs'}];
    case 'SUBSCRIBE':
    case 'UNKNOWN':
      return [];
    default:
      return READS[call.type];
  }
}

/** What a framework needs to have these roles. */
export const askedBySubscription = (info: FrameworkInfo): readonly Asked[] =>
  each('register_frameworks', rolesOf(info));

/** What an operation of ACCEPT needs as a whole; tasks of LAUNCH are asked about one by one. */
export function askedByOperation(operation: Operation, frameworkUser: string): readonly Asked[] {
  switch (operation.type) {
    case 'LAUNCH_GROUP':
      return (operation.launch_group?.task_group.tasks ?? []).map(task => askedByTask(task, frameworkUser));
    case 'RESERVE':
      return reserve(operation.reserve?.resources);
    case 'UNRESERVE':
      return unreserve(operation.unreserve?.resources);
    case 'CREATE':
      return create(operation.create?.volumes);
    case 'DESTROY':
      return destroy(operation.destroy?.volumes);
    case 'GROW_VOLUME':
      return resize(operation.grow_volume?.volume);
    case 'SHRINK_VOLUME':
      return resize(operation.shrink_volume?.volume);
    default:
      return [];
  }
}

export const askedByTask = ({command, executor}: TaskInfo, frameworkUser: string): Asked => ({
  action: 'run_tasks',
  object: command?.user ?? executor?.command?.user ?? frameworkUser,
});
