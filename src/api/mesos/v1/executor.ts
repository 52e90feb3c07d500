import {agentInfoSchema, executorInfoSchema, frameworkInfoSchema, taskInfoSchema, taskStatusSchema} from './common.ts';
import {containerIdSchema, killPolicySchema} from './container.ts';
import {idSchema} from './resources.ts';
import {bytes, enumeration, list, message, optional, required, text} from './schema.ts';
import type {Wire} from './schema.ts';

// The v1 executor API: what an executor says to its agent (ExecutorCall) and hears (ExecutorEvent).

/** `unacknowledged_updates` and `unacknowledged_tasks` are what a reconnecting executor has not had confirmed. */
export const executorCallSchema = message({
  executor_id: required(1, idSchema),
  framework_id: required(2, idSchema),
  type: optional(3, enumeration({UNKNOWN: 0, SUBSCRIBE: 1, UPDATE: 2, MESSAGE: 3, HEARTBEAT: 4})),
  subscribe: optional(
    4,
    message({
      unacknowledged_tasks: list(1, taskInfoSchema),
      unacknowledged_updates: list(2, message({status: required(1, taskStatusSchema)})),
    }),
  ),
  update: optional(5, message({status: required(1, taskStatusSchema)})),
  message: optional(6, message({data: required(2, bytes)})),
});
export type ExecutorCallMessage = Wire<typeof executorCallSchema>;

export const executorEventSchema = message({
  type: optional(
    1,
    enumeration({
      UNKNOWN: 0,
      SUBSCRIBED: 1,
      LAUNCH: 2,
      KILL: 3,
      ACKNOWLEDGED: 4,
      MESSAGE: 5,
      ERROR: 6,
      SHUTDOWN: 7,
      LAUNCH_GROUP: 8,
      HEARTBEAT: 9,
    }),
  ),
  subscribed: optional(
    2,
    message({
      executor_info: required(1, executorInfoSchema),
      framework_info: required(2, frameworkInfoSchema),
      agent_info: required(3, agentInfoSchema),
      container_id: optional(4, containerIdSchema),
    }),
  ),
  acknowledged: optional(3, message({task_id: required(1, idSchema), uuid: required(2, bytes)})),
  launch: optional(4, message({task: required(1, taskInfoSchema)})),
  kill: optional(5, message({task_id: required(1, idSchema), kill_policy: optional(2, killPolicySchema)})),
  message: optional(6, message({data: required(1, bytes)})),
  error: optional(7, message({message: required(1, text)})),
  launch_group: optional(8, message({task_group: required(1, message({tasks: list(1, taskInfoSchema)}))})),
});
export type ExecutorEventMessage = Wire<typeof executorEventSchema>;
