import {
  executorInfoSchema,
  filtersSchema,
  frameworkInfoSchema,
  inverseOfferSchema,
  offerConstraintsSchema,
  offerSchema,
  taskInfoSchema,
  taskStatusSchema,
} from './common.ts';
import {killPolicySchema, masterInfoSchema} from './container.ts';
import {idSchema, resourceSchema, scalarSchema} from './resources.ts';
import type {Id} from './resources.ts';
import {bytes, double, enumeration, int32, list, message, optional, required, text} from './schema.ts';
import type {Wire} from './schema.ts';

// The v1 scheduler API: what a framework says (SchedulerCall) and hears (SchedulerEvent).

export const operationTypeSchema = enumeration({
  UNKNOWN: 0,
  LAUNCH: 1,
  RESERVE: 2,
  UNRESERVE: 3,
  CREATE: 4,
  DESTROY: 5,
  LAUNCH_GROUP: 6,
  GROW_VOLUME: 11,
  SHRINK_VOLUME: 12,
  CREATE_DISK: 13,
  DESTROY_DISK: 14,
});

export const operationSchema = message({
  type: optional(1, operationTypeSchema),
  launch: optional(2, message({task_infos: list(1, taskInfoSchema)})),
  reserve: optional(3, message({resources: list(1, resourceSchema), source: list(2, resourceSchema)})),
  unreserve: optional(4, message({resources: list(1, resourceSchema)})),
  create: optional(5, message({volumes: list(1, resourceSchema)})),
  destroy: optional(6, message({volumes: list(1, resourceSchema)})),
  launch_group: optional(
    7,
    message({
      executor: required(1, executorInfoSchema),
      task_group: required(2, message({tasks: list(1, taskInfoSchema)})),
    }),
  ),
  id: optional(12, idSchema),
  grow_volume: optional(13, message({volume: required(1, resourceSchema), addition: required(2, resourceSchema)})),
  shrink_volume: optional(14, message({volume: required(1, resourceSchema), subtract: required(2, scalarSchema)})),
  create_disk: optional(
    15,
    message({
      source: required(1, resourceSchema),
      target_type: required(2, enumeration({UNKNOWN: 0, PATH: 1, MOUNT: 2, BLOCK: 3, RAW: 4})),
      target_profile: optional(3, text),
    }),
  ),
  destroy_disk: optional(16, message({source: required(1, resourceSchema)})),
});
export type Operation = Wire<typeof operationSchema>;

export const subscribeSchema = message({
  framework_info: required(1, frameworkInfoSchema),
  suppressed_roles: list(2, text),
  offer_constraints: optional(3, offerConstraintsSchema),
});
export type Subscribe = Wire<typeof subscribeSchema>;

const acceptSchema = message({
  offer_ids: list(1, idSchema),
  operations: list(2, operationSchema),
  filters: optional(3, filtersSchema),
});
const declineSchema = message({offer_ids: list(1, idSchema), filters: optional(2, filtersSchema)});
const killSchema = message({
  task_id: required(1, idSchema),
  agent_id: optional(2, idSchema),
  kill_policy: optional(3, killPolicySchema),
});
const shutdownSchema = message({executor_id: required(1, idSchema), agent_id: required(2, idSchema)});
const acknowledgeSchema = message({
  agent_id: required(1, idSchema),
  task_id: required(2, idSchema),
  uuid: required(3, bytes),
});
const reconcileSchema = message({
  tasks: list(1, message({task_id: required(1, idSchema), agent_id: optional(2, idSchema)})),
});
const frameworkMessageSchema = message({
  agent_id: required(1, idSchema),
  executor_id: required(2, idSchema),
  data: required(3, bytes),
});
const requestSchema = message({
  requests: list(1, message({agent_id: optional(1, idSchema), resources: list(2, resourceSchema)})),
});
const inverseOffersSchema = message({inverse_offer_ids: list(1, idSchema), filters: optional(2, filtersSchema)});
const rolesSchema = message({roles: list(1, text)});
const acknowledgeOperationStatusSchema = message({
  agent_id: optional(1, idSchema),
  resource_provider_id: optional(2, idSchema),
  uuid: required(3, bytes),
  operation_id: required(4, idSchema),
});
const reconcileOperationsSchema = message({
  operations: list(
    1,
    message({
      operation_id: required(1, idSchema),
      agent_id: optional(2, idSchema),
      resource_provider_id: optional(3, idSchema),
    }),
  ),
});

export const schedulerCallTypeSchema = enumeration({
  UNKNOWN: 0,
  SUBSCRIBE: 1,
  TEARDOWN: 2,
  ACCEPT: 3,
  DECLINE: 4,
  REVIVE: 5,
  KILL: 6,
  SHUTDOWN: 7,
  ACKNOWLEDGE: 8,
  RECONCILE: 9,
  MESSAGE: 10,
  REQUEST: 11,
  SUPPRESS: 12,
  ACCEPT_INVERSE_OFFERS: 13,
  DECLINE_INVERSE_OFFERS: 14,
  ACKNOWLEDGE_OPERATION_STATUS: 15,
  RECONCILE_OPERATIONS: 16,
  UPDATE_FRAMEWORK: 17,
});

/** The call as it travels; `decodeSchedulerCall` turns it into the union below. */
export const schedulerCallSchema = message({
  framework_id: optional(1, idSchema),
  type: optional(2, schedulerCallTypeSchema),
  subscribe: optional(3, subscribeSchema),
  accept: optional(4, acceptSchema),
  decline: optional(5, declineSchema),
  kill: optional(6, killSchema),
  shutdown: optional(7, shutdownSchema),
  acknowledge: optional(8, acknowledgeSchema),
  reconcile: optional(9, reconcileSchema),
  message: optional(10, frameworkMessageSchema),
  request: optional(11, requestSchema),
  accept_inverse_offers: optional(13, inverseOffersSchema),
  decline_inverse_offers: optional(14, inverseOffersSchema),
  revive: optional(15, rolesSchema),
  suppress: optional(16, rolesSchema),
  acknowledge_operation_status: optional(17, acknowledgeOperationStatusSchema),
  reconcile_operations: optional(18, reconcileOperationsSchema),
  update_framework: optional(19, subscribeSchema),
});
export type SchedulerCallMessage = Wire<typeof schedulerCallSchema>;

type Body<Name extends keyof SchedulerCallMessage> = {
  readonly [Key in Name]: NonNullable<SchedulerCallMessage[Key]>;
};
type Call<Type extends string, Rest = unknown> = {readonly type: Type; readonly framework_id: Id} & Rest;

/** SUBSCRIBE carries the framework's id only when it has one. */
export type SubscribeCall = {readonly type: 'SUBSCRIBE'; readonly framework_id?: Id; readonly subscribe: Subscribe};

/** A structurally valid call of a subscribed framework. `UNKNOWN` is answered with 501. */
export type FrameworkCall =
  | Call<'UNKNOWN'>
  | Call<'TEARDOWN'>
  | Call<'ACCEPT', Body<'accept'>>
  | Call<'DECLINE', Body<'decline'>>
  | Call<'REVIVE', Partial<Body<'revive'>>>
  | Call<'KILL', Body<'kill'>>
  | Call<'SHUTDOWN', Body<'shutdown'>>
  | Call<'ACKNOWLEDGE', Body<'acknowledge'>>
  | Call<'RECONCILE', Body<'reconcile'>>
  | Call<'MESSAGE', Body<'message'>>
  | Call<'REQUEST', Body<'request'>>
  | Call<'SUPPRESS', Partial<Body<'suppress'>>>
  | Call<'ACCEPT_INVERSE_OFFERS', Body<'accept_inverse_offers'>>
  | Call<'DECLINE_INVERSE_OFFERS', Body<'decline_inverse_offers'>>
  | Call<'ACKNOWLEDGE_OPERATION_STATUS', Body<'acknowledge_operation_status'>>
  | Call<'RECONCILE_OPERATIONS', Body<'reconcile_operations'>>
  | Call<'UPDATE_FRAMEWORK', Body<'update_framework'>>;

export type SchedulerCall = SubscribeCall | FrameworkCall;

const subscribedSchema = message({
  framework_id: required(1, idSchema),
  heartbeat_interval_seconds: optional(2, double),
  master_info: optional(3, masterInfoSchema),
});
const failureSchema = message({
  agent_id: optional(1, idSchema),
  executor_id: optional(2, idSchema),
  status: optional(3, int32),
});

export const operationStateSchema = enumeration({
  OPERATION_UNSUPPORTED: 0,
  OPERATION_PENDING: 1,
  OPERATION_FINISHED: 2,
  OPERATION_FAILED: 3,
  OPERATION_ERROR: 4,
  OPERATION_DROPPED: 5,
  OPERATION_UNREACHABLE: 6,
  OPERATION_GONE_BY_OPERATOR: 7,
  OPERATION_RECOVERING: 8,
  OPERATION_UNKNOWN: 9,
});

export const operationStatusSchema = message({
  operation_id: optional(1, idSchema),
  state: required(2, operationStateSchema),
  message: optional(3, text),
  converted_resources: list(4, resourceSchema),
  uuid: optional(5, message({value: required(1, bytes)})),
  agent_id: optional(6, idSchema),
  resource_provider_id: optional(7, idSchema),
});

export const schedulerEventSchema = message({
  type: optional(
    1,
    enumeration({
      UNKNOWN: 0,
      SUBSCRIBED: 1,
      OFFERS: 2,
      RESCIND: 3,
      UPDATE: 4,
      MESSAGE: 5,
      FAILURE: 6,
      ERROR: 7,
      HEARTBEAT: 8,
      INVERSE_OFFERS: 9,
      RESCIND_INVERSE_OFFER: 10,
      UPDATE_OPERATION_STATUS: 11,
    }),
  ),
  subscribed: optional(2, subscribedSchema),
  offers: optional(3, message({offers: list(1, offerSchema)})),
  rescind: optional(4, message({offer_id: required(1, idSchema)})),
  update: optional(5, message({status: required(1, taskStatusSchema)})),
  message: optional(6, frameworkMessageSchema),
  failure: optional(7, failureSchema),
  error: optional(8, message({message: required(1, text)})),
  inverse_offers: optional(9, message({inverse_offers: list(1, inverseOfferSchema)})),
  rescind_inverse_offer: optional(10, message({inverse_offer_id: required(1, idSchema)})),
  update_operation_status: optional(11, message({status: required(1, operationStatusSchema)})),
});
export type SchedulerEventMessage = Wire<typeof schedulerEventSchema>;

type Event<Type extends string, Name extends keyof SchedulerEventMessage> = {readonly type: Type} & {
  readonly [Key in Name]: NonNullable<SchedulerEventMessage[Key]>;
};

export type SchedulerEvent =
  | {readonly type: 'HEARTBEAT'}
  | Event<'SUBSCRIBED', 'subscribed'>
  | Event<'OFFERS', 'offers'>
  | Event<'RESCIND', 'rescind'>
  | Event<'UPDATE', 'update'>
  | Event<'MESSAGE', 'message'>
  | Event<'FAILURE', 'failure'>
  | Event<'ERROR', 'error'>
  | Event<'INVERSE_OFFERS', 'inverse_offers'>
  | Event<'RESCIND_INVERSE_OFFER', 'rescind_inverse_offer'>
  | Event<'UPDATE_OPERATION_STATUS', 'update_operation_status'>;
