import {
  checkInfoSchema,
  checkStatusInfoSchema,
  commandInfoSchema,
  containerInfoSchema,
  containerStatusSchema,
  discoveryInfoSchema,
  executorTypeSchema,
  healthCheckSchema,
  killPolicySchema,
  limits,
  urlSchema,
} from './container.ts';
import {
  allocationInfoSchema,
  attributeSchema,
  domainInfoSchema,
  durationSchema,
  idSchema,
  labelsSchema,
  quantitiesSchema,
  resourceSchema,
  textValueSchema,
  timeSchema,
} from './resources.ts';
import {bool, bytes, double, enumeration, int32, list, map, message, optional, required, text} from './schema.ts';
import type {Wire} from './schema.ts';

// Frameworks, agents, tasks and offers: what both the scheduler and the operator API speak of.

export const frameworkCapabilitySchema = enumeration({
  UNKNOWN: 0,
  REVOCABLE_RESOURCES: 1,
  TASK_KILLING_STATE: 2,
  GPU_RESOURCES: 3,
  SHARED_RESOURCES: 4,
  PARTITION_AWARE: 5,
  MULTI_ROLE: 6,
  RESERVATION_REFINEMENT: 7,
  REGION_AWARE: 8,
});
export type FrameworkCapability = Wire<typeof frameworkCapabilitySchema>;

/** Overrides the master's minimum for one role: any of the sets suffices; an empty list means no minimum. */
export const offerFiltersSchema = message({
  min_allocatable_resources: optional(1, message({quantities: list(1, quantitiesSchema)})),
});

/** `failover_timeout` in seconds. `role` is deprecated: its default `*` is not written. */
export const frameworkInfoSchema = message({
  user: required(1, text),
  name: required(2, text),
  id: optional(3, idSchema),
  failover_timeout: optional(4, double, 0),
  checkpoint: optional(5, bool, false),
  role: optional(6, text),
  hostname: optional(7, text),
  principal: optional(8, text),
  webui_url: optional(9, text),
  capabilities: list(10, message({type: optional(1, frameworkCapabilitySchema)})),
  labels: optional(11, labelsSchema),
  roles: list(12, text),
  offer_filters: map(13, offerFiltersSchema),
});
export type FrameworkInfo = Wire<typeof frameworkInfoSchema>;
export type OfferFilters = Wire<typeof offerFiltersSchema>;

const predicateTextSchema = textValueSchema;
const regexSchema = message({regex: required(1, text)});

/** Which agents a role wants offers from: any group, all constraints within it. */
export const offerConstraintsSchema = message({
  role_constraints: map(
    1,
    message({
      groups: list(
        1,
        message({
          attribute_constraints: list(
            1,
            message({
              selector: required(
                1,
                message({
                  pseudoattribute_type: optional(1, enumeration({UNKNOWN: 0, HOSTNAME: 1, REGION: 2, ZONE: 3})),
                  attribute_name: optional(2, text),
                }),
              ),
              predicate: required(
                2,
                message({
                  exists: optional(1, message({})),
                  not_exists: optional(2, message({})),
                  text_equals: optional(3, predicateTextSchema),
                  text_not_equals: optional(4, predicateTextSchema),
                  text_matches: optional(5, regexSchema),
                  text_not_matches: optional(6, regexSchema),
                }),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
});
export type OfferConstraints = Wire<typeof offerConstraintsSchema>;

export const executorInfoSchema = message({
  executor_id: required(1, idSchema),
  data: optional(4, bytes),
  resources: list(5, resourceSchema),
  command: optional(7, commandInfoSchema),
  framework_id: optional(8, idSchema),
  name: optional(9, text),
  source: optional(10, text),
  container: optional(11, containerInfoSchema),
  discovery: optional(12, discoveryInfoSchema),
  shutdown_grace_period: optional(13, durationSchema),
  labels: optional(14, labelsSchema),
  type: optional(15, executorTypeSchema),
});
export type ExecutorInfo = Wire<typeof executorInfoSchema>;

export const taskInfoSchema = message({
  name: required(1, text),
  task_id: required(2, idSchema),
  agent_id: required(3, idSchema),
  resources: list(4, resourceSchema),
  executor: optional(5, executorInfoSchema),
  data: optional(6, bytes),
  command: optional(7, commandInfoSchema),
  health_check: optional(8, healthCheckSchema),
  container: optional(9, containerInfoSchema),
  labels: optional(10, labelsSchema),
  discovery: optional(11, discoveryInfoSchema),
  kill_policy: optional(12, killPolicySchema),
  check: optional(13, checkInfoSchema),
  max_completion_time: optional(14, durationSchema),
  limits: limits(15),
});
export type TaskInfo = Wire<typeof taskInfoSchema>;

export const taskStateSchema = enumeration({
  TASK_STAGING: 6,
  TASK_STARTING: 0,
  TASK_RUNNING: 1,
  TASK_KILLING: 8,
  TASK_FINISHED: 2,
  TASK_FAILED: 3,
  TASK_KILLED: 4,
  TASK_ERROR: 7,
  TASK_LOST: 5,
  TASK_DROPPED: 9,
  TASK_UNREACHABLE: 10,
  TASK_GONE: 11,
  TASK_GONE_BY_OPERATOR: 12,
  TASK_UNKNOWN: 13,
});
export type TaskState = Wire<typeof taskStateSchema>;

const TERMINAL_STATES = [
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
] as const satisfies readonly TaskState[];
export type TerminalState = (typeof TERMINAL_STATES)[number];

const TERMINAL: ReadonlySet<TaskState> = new Set(TERMINAL_STATES);

/** True for a state that no other follows. TASK_UNREACHABLE and TASK_UNKNOWN are not: the task may come back. */
export const isTerminal = (state: TaskState): state is TerminalState => TERMINAL.has(state);

export const taskSourceSchema = enumeration({SOURCE_MASTER: 0, SOURCE_AGENT: 1, SOURCE_EXECUTOR: 2});
export type TaskSource = Wire<typeof taskSourceSchema>;

export const taskReasonSchema = enumeration({
  REASON_COMMAND_EXECUTOR_FAILED: 0,
  REASON_EXECUTOR_TERMINATED: 1,
  REASON_EXECUTOR_UNREGISTERED: 2,
  REASON_FRAMEWORK_REMOVED: 3,
  REASON_GC_ERROR: 4,
  REASON_INVALID_FRAMEWORKID: 5,
  REASON_INVALID_OFFERS: 6,
  REASON_MASTER_DISCONNECTED: 7,
  REASON_CONTAINER_LIMITATION_MEMORY: 8,
  REASON_RECONCILIATION: 9,
  REASON_AGENT_DISCONNECTED: 10,
  REASON_AGENT_REMOVED: 11,
  REASON_AGENT_RESTARTED: 12,
  REASON_AGENT_UNKNOWN: 13,
  REASON_TASK_INVALID: 14,
  REASON_TASK_UNAUTHORIZED: 15,
  REASON_TASK_UNKNOWN: 16,
  REASON_CONTAINER_PREEMPTED: 17,
  REASON_RESOURCES_UNKNOWN: 18,
  REASON_CONTAINER_LIMITATION: 19,
  REASON_CONTAINER_LIMITATION_DISK: 20,
  REASON_CONTAINER_LAUNCH_FAILED: 21,
  REASON_CONTAINER_UPDATE_FAILED: 22,
  REASON_EXECUTOR_REGISTRATION_TIMEOUT: 23,
  REASON_EXECUTOR_REREGISTRATION_TIMEOUT: 24,
  REASON_TASK_GROUP_INVALID: 25,
  REASON_TASK_GROUP_UNAUTHORIZED: 26,
  REASON_IO_SWITCHBOARD_EXITED: 27,
  REASON_TASK_CHECK_STATUS_UPDATED: 28,
  REASON_TASK_HEALTH_CHECK_STATUS_UPDATED: 29,
  REASON_TASK_KILLED_DURING_LAUNCH: 30,
  REASON_AGENT_REMOVED_BY_OPERATOR: 31,
  REASON_AGENT_REREGISTERED: 32,
  REASON_MAX_COMPLETION_TIME_REACHED: 33,
  REASON_AGENT_DRAINING: 34,
});
export type TaskReason = Wire<typeof taskReasonSchema>;

/** `timestamp` in seconds since the epoch. `uuid` (16 bytes, base64) is present exactly when an ACKNOWLEDGE is wanted. */
export const taskStatusSchema = message({
  task_id: required(1, idSchema),
  state: required(2, taskStateSchema),
  data: optional(3, bytes),
  message: optional(4, text),
  agent_id: optional(5, idSchema),
  timestamp: optional(6, double),
  executor_id: optional(7, idSchema),
  healthy: optional(8, bool),
  source: optional(9, taskSourceSchema),
  reason: optional(10, taskReasonSchema),
  uuid: optional(11, bytes),
  labels: optional(12, labelsSchema),
  container_status: optional(13, containerStatusSchema),
  unreachable_time: optional(14, timeSchema),
  check_status: optional(15, checkStatusInfoSchema),
  limitation: optional(16, message({resources: list(1, resourceSchema)})),
});
export type TaskStatus = Wire<typeof taskStatusSchema>;

/** Seconds; 5 when absent, 0 installs no filter. */
export const filtersSchema = message({refuse_seconds: optional(1, double, 5)});
export type Filters = Wire<typeof filtersSchema>;

export const unavailabilitySchema = message({start: required(1, timeSchema), duration: optional(2, durationSchema)});

export const offerSchema = message({
  id: required(1, idSchema),
  framework_id: required(2, idSchema),
  agent_id: required(3, idSchema),
  hostname: required(4, text),
  resources: list(5, resourceSchema),
  executor_ids: list(6, idSchema),
  attributes: list(7, attributeSchema),
  url: optional(8, urlSchema),
  unavailability: optional(9, unavailabilitySchema),
  allocation_info: optional(10, allocationInfoSchema),
  domain: optional(11, domainInfoSchema),
});
export type Offer = Wire<typeof offerSchema>;

/** `resources` is always empty. */
export const inverseOfferSchema = message({
  id: required(1, idSchema),
  url: optional(2, urlSchema),
  framework_id: required(3, idSchema),
  agent_id: optional(4, idSchema),
  unavailability: required(5, unavailabilitySchema),
  resources: list(6, resourceSchema),
});

export type InverseOffer = Wire<typeof inverseOfferSchema>;

export const agentInfoSchema = message({
  hostname: required(1, text),
  port: optional(8, int32, 5051),
  resources: list(3, resourceSchema),
  attributes: list(5, attributeSchema),
  id: optional(6, idSchema),
  domain: optional(10, domainInfoSchema),
});
