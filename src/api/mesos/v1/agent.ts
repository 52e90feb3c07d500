import {executorInfoSchema, frameworkInfoSchema, agentInfoSchema} from './common.ts';
import {containerIdSchema, containerStatusSchema} from './container.ts';
import {
  fileInfoSchema,
  metricSchema,
  nameAndValueSchema,
  operationsSchema,
  taskSchema,
  versionInfoSchema,
} from './operator.ts';
import {durationSchema, idSchema, timeSchema} from './resources.ts';
import {
  bool,
  bytes,
  double,
  enumeration,
  message,
  optional,
  required,
  shownList,
  text,
  uint32,
  uint64,
} from './schema.ts';
import type {Wire} from './schema.ts';

// The v1 operator API of an agent: the calls that read.

export const agentCallSchema = message({
  type: optional(
    1,
    enumeration({
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
      GET_CONTAINERS: 10,
      GET_FRAMEWORKS: 11,
      GET_EXECUTORS: 12,
      GET_TASKS: 13,
      GET_AGENT: 20,
      GET_OPERATIONS: 31,
    }),
  ),
  get_metrics: optional(2, message({timeout: optional(1, durationSchema)})),
  set_logging_level: optional(3, message({level: required(1, uint32), duration: required(2, durationSchema)})),
  list_files: optional(4, message({path: required(1, text)})),
  read_file: optional(5, message({path: required(1, text), offset: required(2, uint64), length: optional(3, uint64)})),
  get_containers: optional(20, message({show_nested: optional(1, bool), show_standalone: optional(2, bool)})),
});
export type AgentCall = Wire<typeof agentCallSchema>;

const frameworksSchema = message({
  frameworks: shownList(1, message({framework_info: required(1, frameworkInfoSchema)})),
  completed_frameworks: shownList(2, message({framework_info: required(1, frameworkInfoSchema)})),
});
const executorsSchema = message({
  executors: shownList(1, message({executor_info: required(1, executorInfoSchema)})),
  completed_executors: shownList(2, message({executor_info: required(1, executorInfoSchema)})),
});
const tasksSchema = message({
  pending_tasks: shownList(1, taskSchema),
  queued_tasks: shownList(2, taskSchema),
  launched_tasks: shownList(3, taskSchema),
  terminated_tasks: shownList(4, taskSchema),
  completed_tasks: shownList(5, taskSchema),
});

/** What a container uses, as far as it is known here. */
export const resourceStatisticsSchema = message({
  timestamp: required(1, double),
  cpus_user_time_secs: optional(2, double),
  cpus_system_time_secs: optional(3, double),
  cpus_limit: optional(4, double),
  mem_rss_bytes: optional(5, uint64),
  mem_limit_bytes: optional(6, uint64),
});

export const agentResponseSchema = message({
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
      GET_CONTAINERS: 9,
      GET_FRAMEWORKS: 10,
      GET_EXECUTORS: 11,
      GET_TASKS: 12,
      GET_AGENT: 14,
      GET_OPERATIONS: 17,
    }),
  ),
  get_health: optional(2, message({healthy: required(1, bool)})),
  get_flags: optional(3, message({flags: shownList(1, nameAndValueSchema)})),
  get_version: optional(4, message({version_info: required(1, versionInfoSchema)})),
  get_metrics: optional(5, message({metrics: shownList(1, metricSchema)})),
  get_logging_level: optional(6, message({level: required(1, uint32)})),
  list_files: optional(7, message({file_infos: shownList(1, fileInfoSchema)})),
  read_file: optional(8, message({size: required(1, uint64), data: required(2, bytes)})),
  get_state: optional(
    9,
    message({
      get_tasks: optional(1, tasksSchema),
      get_executors: optional(2, executorsSchema),
      get_frameworks: optional(3, frameworksSchema),
    }),
  ),
  get_containers: optional(
    10,
    message({
      containers: shownList(
        1,
        message({
          framework_id: optional(1, idSchema),
          executor_id: optional(2, idSchema),
          executor_name: optional(3, text),
          container_id: required(4, containerIdSchema),
          container_status: optional(5, containerStatusSchema),
          resource_statistics: optional(6, resourceStatisticsSchema),
        }),
      ),
    }),
  ),
  get_frameworks: optional(11, frameworksSchema),
  get_executors: optional(12, executorsSchema),
  get_tasks: optional(13, tasksSchema),
  get_agent: optional(
    15,
    message({agent_info: optional(1, agentInfoSchema), estimated_drain_start_time: optional(3, timeSchema)}),
  ),
  get_operations: optional(18, operationsSchema),
});
export type AgentResponse = Wire<typeof agentResponseSchema>;
