import {frameworkInfoSchema, taskStateSchema, taskStatusSchema} from './common.ts';
import {agentSchema, frameworkSchema, getStateSchema, taskSchema} from './operator.ts';
import {idSchema} from './resources.ts';
import {double, enumeration, message, optional, required} from './schema.ts';
import type {Wire} from './schema.ts';

/** What a subscriber of the operator API hears: the whole state first, then each change of it. */
export const operatorEventSchema = message({
  type: optional(
    1,
    enumeration({
      UNKNOWN: 0,
      SUBSCRIBED: 1,
      TASK_ADDED: 2,
      TASK_UPDATED: 3,
      AGENT_ADDED: 4,
      AGENT_REMOVED: 5,
      FRAMEWORK_ADDED: 6,
      FRAMEWORK_UPDATED: 7,
      FRAMEWORK_REMOVED: 8,
      HEARTBEAT: 9,
    }),
  ),
  subscribed: optional(
    2,
    message({get_state: optional(1, getStateSchema), heartbeat_interval_seconds: optional(2, double)}),
  ),
  task_added: optional(3, message({task: required(1, taskSchema)})),
  // `state` is the latest known, maybe ahead of the status that is being sent.
  task_updated: optional(
    4,
    message({
      framework_id: required(1, idSchema),
      status: required(2, taskStatusSchema),
      state: required(3, taskStateSchema),
    }),
  ),
  agent_added: optional(5, message({agent: required(1, agentSchema)})),
  agent_removed: optional(6, message({agent_id: required(1, idSchema)})),
  framework_added: optional(7, message({framework: required(1, frameworkSchema)})),
  framework_updated: optional(8, message({framework: required(1, frameworkSchema)})),
  framework_removed: optional(9, message({framework_info: required(1, frameworkInfoSchema)})),
});
export type OperatorEvent = Wire<typeof operatorEventSchema>;
