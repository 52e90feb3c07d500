import {
  agentInfoSchema,
  executorInfoSchema,
  frameworkInfoSchema,
  inverseOfferSchema,
  offerConstraintsSchema,
  offerSchema,
  taskStateSchema,
  taskStatusSchema,
} from './common.ts';
import {
  containerInfoSchema,
  discoveryInfoSchema,
  healthCheckSchema,
  killPolicySchema,
  limits,
  masterInfoSchema,
} from './container.ts';
import {durationSchema, idSchema, labelsSchema, resourceSchema, scalarSchema, timeSchema} from './resources.ts';
import {clusterStatusSchema, machineIdsSchema, scheduleSchema} from './maintenance.ts';
import {operationSchema, operationStatusSchema} from './scheduler.ts';
import {
  bool,
  bytes,
  double,
  enumeration,
  int32,
  list,
  map,
  message,
  optional,
  required,
  shownList,
  text,
  uint32,
  int64,
  uint64,
} from './schema.ts';
import type {Wire} from './schema.ts';

// The v1 operator API of the master.

/** A task as the master keeps it. `state` is the latest known, maybe ahead of `status_update_state`, the last sent. */
export const taskSchema = message({
  name: required(1, text),
  task_id: required(2, idSchema),
  framework_id: required(3, idSchema),
  executor_id: optional(4, idSchema),
  agent_id: required(5, idSchema),
  state: required(6, taskStateSchema),
  resources: list(7, resourceSchema),
  statuses: list(8, taskStatusSchema),
  status_update_state: optional(9, taskStateSchema),
  status_update_uuid: optional(10, bytes),
  labels: optional(11, labelsSchema),
  discovery: optional(12, discoveryInfoSchema),
  container: optional(13, containerInfoSchema),
  user: optional(14, text),
  health_check: optional(15, healthCheckSchema),
  kill_policy: optional(16, killPolicySchema),
  limits: limits(17),
});
export type Task = Wire<typeof taskSchema>;

/** A span as Google writes it, in one call; other spans of the API are nanoseconds. */
const googleDurationSchema = message({seconds: optional(1, int64), nanos: optional(2, int32)});

const drainConfigSchema = message({
  max_grace_period: optional(1, durationSchema),
  mark_gone: optional(2, bool, false),
});

const drainInfoSchema = message({
  state: required(1, enumeration({UNKNOWN: 0, DRAINING: 1, DRAINED: 2})),
  config: required(2, drainConfigSchema),
});

const agentCapabilitySchema = enumeration({
  UNKNOWN: 0,
  MULTI_ROLE: 1,
  HIERARCHICAL_ROLE: 2,
  RESERVATION_REFINEMENT: 3,
  RESOURCE_PROVIDER: 4,
  RESIZE_VOLUME: 5,
  AGENT_OPERATION_FEEDBACK: 6,
  AGENT_DRAINING: 7,
  TASK_RESOURCE_LIMITS: 8,
});

export const agentSchema = message({
  agent_info: required(1, agentInfoSchema),
  active: required(2, bool),
  version: required(3, text),
  pid: optional(4, text),
  registered_time: optional(5, timeSchema),
  reregistered_time: optional(6, timeSchema),
  total_resources: list(7, resourceSchema),
  allocated_resources: list(8, resourceSchema),
  offered_resources: list(9, resourceSchema),
  capabilities: list(10, message({type: optional(1, agentCapabilitySchema)})),
  deactivated: optional(12, bool),
  drain_info: optional(13, drainInfoSchema),
  estimated_drain_start_time: optional(14, timeSchema),
});

export const frameworkSchema = message({
  framework_info: required(1, frameworkInfoSchema),
  active: required(2, bool),
  connected: required(3, bool),
  registered_time: optional(4, timeSchema),
  reregistered_time: optional(5, timeSchema),
  unregistered_time: optional(6, timeSchema),
  offers: list(7, offerSchema),
  inverse_offers: list(8, inverseOfferSchema),
  allocated_resources: list(9, resourceSchema),
  offered_resources: list(10, resourceSchema),
  recovered: required(11, bool),
  offer_constraints: optional(12, offerConstraintsSchema),
});

export const roleSchema = message({
  name: required(1, text),
  weight: required(2, double),
  frameworks: list(3, idSchema),
  resources: list(4, resourceSchema),
});

const getTasksSchema = message({
  pending_tasks: list(1, taskSchema),
  tasks: shownList(2, taskSchema),
  completed_tasks: shownList(3, taskSchema),
  orphan_tasks: list(4, taskSchema),
  unreachable_tasks: shownList(5, taskSchema),
});
const getExecutorsSchema = message({
  executors: shownList(1, message({executor_info: required(1, executorInfoSchema), agent_id: required(2, idSchema)})),
});
const getFrameworksSchema = message({
  frameworks: shownList(1, frameworkSchema),
  completed_frameworks: shownList(2, frameworkSchema),
  /** Of an earlier master, and not back yet; the original lists them among `frameworks`. */
  recovered_frameworks: list(3, frameworkInfoSchema),
});
const getAgentsSchema = message({agents: shownList(1, agentSchema), recovered_agents: shownList(2, agentInfoSchema)});
/** Amounts that a role is promised and bound by; an amount that is not there: nothing promised, no limit. */
export const getStateSchema = message({
  get_tasks: optional(1, getTasksSchema),
  get_executors: optional(2, getExecutorsSchema),
  get_frameworks: optional(3, getFrameworksSchema),
  get_agents: optional(4, getAgentsSchema),
});

export const quotaConfigSchema = message({
  role: required(1, text),
  guarantees: map(2, scalarSchema),
  limits: map(3, scalarSchema),
});
export type QuotaConfig = Wire<typeof quotaConfigSchema>;

/** Quota as it was before there were limits: the guarantee is the limit too. */
const quotaInfoSchema = message({
  role: optional(1, text),
  principal: optional(2, text),
  guarantee: list(3, resourceSchema),
});
export const quotaRequestSchema = message({
  force: optional(1, bool),
  role: optional(2, text),
  guarantee: list(3, resourceSchema),
});
export type QuotaRequest = Wire<typeof quotaRequestSchema>;

export const quotaStatusSchema = message({infos: list(1, quotaInfoSchema), configs: list(2, quotaConfigSchema)});
export type QuotaStatus = Wire<typeof quotaStatusSchema>;

export const weightInfoSchema = message({weight: required(1, double), role: optional(2, text)});
export type WeightInfo = Wire<typeof weightInfoSchema>;

/** An operation whose outcome was not acknowledged yet. */
const knownOperationSchema = message({
  framework_id: optional(1, idSchema),
  agent_id: optional(2, idSchema),
  info: required(3, operationSchema),
  latest_status: required(4, operationStatusSchema),
  statuses: list(5, operationStatusSchema),
  uuid: required(6, message({value: required(1, bytes)})),
});

export const versionInfoSchema = message({
  version: required(1, text),
  build_date: optional(2, text),
  build_time: optional(3, double),
  build_user: optional(4, text),
  git_sha: optional(5, text),
  git_branch: optional(6, text),
  git_tag: optional(7, text),
});

export const operatorCallTypeSchema = enumeration({
  UNKNOWN: 0,
  GET_HEALTH: 1,
  GET_FLAGS: 2,
  GET_VERSION: 3,
  GET_METRICS: 4,
  GET_LOGGING_LEVEL: 5,
  SET_LOGGING_LEVEL: 6,
  LIST_FILES: 7,
  READ_FILE: 8,
  GET_STATE: 9,
  GET_AGENTS: 10,
  GET_FRAMEWORKS: 11,
  GET_EXECUTORS: 12,
  GET_TASKS: 13,
  GET_ROLES: 14,
  GET_WEIGHTS: 15,
  UPDATE_WEIGHTS: 16,
  GET_MASTER: 17,
  SUBSCRIBE: 18,
  RESERVE_RESOURCES: 19,
  UNRESERVE_RESOURCES: 20,
  CREATE_VOLUMES: 21,
  DESTROY_VOLUMES: 22,
  GET_MAINTENANCE_STATUS: 23,
  GET_MAINTENANCE_SCHEDULE: 24,
  UPDATE_MAINTENANCE_SCHEDULE: 25,
  START_MAINTENANCE: 26,
  STOP_MAINTENANCE: 27,
  GET_QUOTA: 28,
  SET_QUOTA: 29,
  REMOVE_QUOTA: 30,
  TEARDOWN: 31,
  MARK_AGENT_GONE: 32,
  GET_OPERATIONS: 33,
  GROW_VOLUME: 34,
  SHRINK_VOLUME: 35,
  UPDATE_QUOTA: 36,
  DRAIN_AGENT: 37,
  DEACTIVATE_AGENT: 38,
  REACTIVATE_AGENT: 39,
});

const ofAgent = message({agent_id: required(1, idSchema)});
const resourcesOfAgent = message({agent_id: required(1, idSchema), resources: list(2, resourceSchema)});
const volumesOfAgent = message({agent_id: required(1, idSchema), volumes: list(2, resourceSchema)});

/** The call as it travels; `decodeOperatorCall` turns it into the union below. */
export const operatorCallSchema = message({
  type: optional(1, operatorCallTypeSchema),
  get_metrics: optional(2, message({timeout: optional(1, durationSchema)})),
  set_logging_level: optional(3, message({level: required(1, uint32), duration: required(2, durationSchema)})),
  list_files: optional(4, message({path: required(1, text)})),
  read_file: optional(5, message({path: required(1, text), offset: required(2, uint64), length: optional(3, uint64)})),
  update_weights: optional(6, message({weight_infos: list(1, weightInfoSchema)})),
  reserve_resources: optional(
    7,
    message({
      agent_id: required(1, idSchema),
      resources: list(2, resourceSchema),
      source: list(3, resourceSchema),
    }),
  ),
  unreserve_resources: optional(8, resourcesOfAgent),
  create_volumes: optional(9, volumesOfAgent),
  destroy_volumes: optional(10, volumesOfAgent),
  update_maintenance_schedule: optional(11, message({schedule: required(1, scheduleSchema)})),
  start_maintenance: optional(12, machineIdsSchema),
  stop_maintenance: optional(13, machineIdsSchema),
  set_quota: optional(14, message({quota_request: required(1, quotaRequestSchema)})),
  remove_quota: optional(15, message({role: required(1, text)})),
  teardown: optional(16, message({framework_id: required(1, idSchema)})),
  mark_agent_gone: optional(17, ofAgent),
  grow_volume: optional(
    18,
    message({
      agent_id: optional(1, idSchema),
      volume: required(2, resourceSchema),
      addition: required(3, resourceSchema),
    }),
  ),
  shrink_volume: optional(
    19,
    message({
      agent_id: optional(1, idSchema),
      volume: required(2, resourceSchema),
      subtract: required(3, scalarSchema),
    }),
  ),
  update_quota: optional(20, message({force: optional(1, bool), quota_configs: list(2, quotaConfigSchema)})),
  drain_agent: optional(
    21,
    message({
      agent_id: required(1, idSchema),
      max_grace_period: optional(2, googleDurationSchema),
      mark_gone: optional(3, bool, false),
    }),
  ),
  deactivate_agent: optional(22, ofAgent),
  reactivate_agent: optional(23, ofAgent),
});
export type OperatorCallMessage = Wire<typeof operatorCallSchema>;

/** The field that carries a call's body, by type; calls without an entry have none. */
export const OPERATOR_BODIES = {
  GET_METRICS: 'get_metrics',
  SET_LOGGING_LEVEL: 'set_logging_level',
  LIST_FILES: 'list_files',
  READ_FILE: 'read_file',
  UPDATE_WEIGHTS: 'update_weights',
  RESERVE_RESOURCES: 'reserve_resources',
  UNRESERVE_RESOURCES: 'unreserve_resources',
  CREATE_VOLUMES: 'create_volumes',
  DESTROY_VOLUMES: 'destroy_volumes',
  UPDATE_MAINTENANCE_SCHEDULE: 'update_maintenance_schedule',
  START_MAINTENANCE: 'start_maintenance',
  STOP_MAINTENANCE: 'stop_maintenance',
  SET_QUOTA: 'set_quota',
  REMOVE_QUOTA: 'remove_quota',
  TEARDOWN: 'teardown',
  MARK_AGENT_GONE: 'mark_agent_gone',
  GROW_VOLUME: 'grow_volume',
  SHRINK_VOLUME: 'shrink_volume',
  UPDATE_QUOTA: 'update_quota',
  DRAIN_AGENT: 'drain_agent',
  DEACTIVATE_AGENT: 'deactivate_agent',
  REACTIVATE_AGENT: 'reactivate_agent',
} as const satisfies Partial<Record<Wire<typeof operatorCallTypeSchema>, keyof OperatorCallMessage>>;
type Bodies = typeof OPERATOR_BODIES;

type CallWithBody<Type extends keyof Bodies> = {readonly type: Type} & {
  readonly [Name in Bodies[Type]]: NonNullable<OperatorCallMessage[Name]>;
};

type Bodiless = Exclude<Wire<typeof operatorCallTypeSchema>, keyof Bodies>;

/** A structurally valid call. `UNKNOWN` is answered with 501. */
export type OperatorCall =
  | {readonly [Type in Bodiless]: {readonly type: Type}}[Bodiless]
  | {readonly [Type in keyof Bodies]: CallWithBody<Type>}[keyof Bodies];

/** A file of a sandbox, or of the log. `mode` as in `stat`. */
export const fileInfoSchema = message({
  path: required(1, text),
  nlink: optional(2, int32),
  size: optional(3, uint64),
  mtime: optional(4, timeSchema),
  mode: optional(5, uint32),
  uid: optional(6, text),
  gid: optional(7, text),
});

export const nameAndValueSchema = message({name: required(1, text), value: optional(2, text)});
export const metricSchema = message({name: required(1, text), value: optional(2, double)});
export const operationsSchema = message({operations: list(1, knownOperationSchema)});

/** Response types have other numbers than the calls they answer. */
export const operatorResponseSchema = message({
  type: optional(
    1,
    enumeration({
      UNKNOWN: 0,
      GET_HEALTH: 1,
      GET_FLAGS: 2,
      GET_VERSION: 3,
      GET_METRICS: 4,
      GET_LOGGING_LEVEL: 5,
      LIST_FILES: 6,
      READ_FILE: 7,
      GET_STATE: 8,
      GET_AGENTS: 9,
      GET_FRAMEWORKS: 10,
      GET_EXECUTORS: 11,
      GET_TASKS: 12,
      GET_ROLES: 13,
      GET_WEIGHTS: 14,
      GET_MASTER: 15,
      GET_MAINTENANCE_STATUS: 16,
      GET_MAINTENANCE_SCHEDULE: 17,
      GET_QUOTA: 18,
      GET_OPERATIONS: 19,
    }),
  ),
  get_health: optional(2, message({healthy: required(1, bool)})),
  get_flags: optional(3, message({flags: list(1, nameAndValueSchema)})),
  get_version: optional(4, message({version_info: required(1, versionInfoSchema)})),
  get_metrics: optional(5, message({metrics: list(1, metricSchema)})),
  get_logging_level: optional(6, message({level: required(1, uint32)})),
  list_files: optional(7, message({file_infos: list(1, fileInfoSchema)})),
  read_file: optional(8, message({size: required(1, uint64), data: required(2, bytes)})),
  get_state: optional(9, getStateSchema),
  get_agents: optional(10, getAgentsSchema),
  get_frameworks: optional(11, getFrameworksSchema),
  get_executors: optional(12, getExecutorsSchema),
  get_tasks: optional(13, getTasksSchema),
  get_roles: optional(14, message({roles: list(1, roleSchema)})),
  get_weights: optional(15, message({weight_infos: list(1, weightInfoSchema)})),
  get_master: optional(
    16,
    message({
      master_info: optional(1, masterInfoSchema),
      start_time: optional(2, double),
      elected_time: optional(3, double),
    }),
  ),
  get_maintenance_status: optional(17, message({status: required(1, clusterStatusSchema)})),
  get_maintenance_schedule: optional(18, message({schedule: required(1, scheduleSchema)})),
  get_quota: optional(19, message({status: required(1, quotaStatusSchema)})),
  get_operations: optional(20, operationsSchema),
});
export type OperatorResponse = Wire<typeof operatorResponseSchema>;
