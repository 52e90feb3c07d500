// Ids of the master. All are text on the wire; the brand keeps them from being mixed up.

export type FrameworkId = string & {readonly __brand: 'FrameworkId'};
export type AgentId = string & {readonly __brand: 'AgentId'};
export type OfferId = string & {readonly __brand: 'OfferId'};
export type TaskId = string & {readonly __brand: 'TaskId'};
/** One subscribed event stream. */
export type StreamId = string & {readonly __brand: 'StreamId'};
