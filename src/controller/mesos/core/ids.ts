import type {AgentId, FrameworkId} from '../../../allocator/ids.ts';

// Ids of the master. All are text on the wire; the brand keeps them from being mixed up.

export type {AgentId, FrameworkId};
export type OfferId = string & {readonly __brand: 'OfferId'};
export type TaskId = string & {readonly __brand: 'TaskId'};
/** One subscribed event stream. */
export type StreamId = string & {readonly __brand: 'StreamId'};

/** Decodes an offer id; ids never mix afterwards. */
export const toOfferId = (text: string): OfferId => text as OfferId;
/** Decodes a task id; ids never mix afterwards. */
export const toTaskId = (text: string): TaskId => text as TaskId;
/** Decodes a stream id; ids never mix afterwards. */
export const toStreamId = (text: string): StreamId => text as StreamId;
