import type {Allocator} from '../../../allocator/allocator.ts';
import type {Master, MasterOptions} from './state.ts';

/**
 * A master that knows nothing yet.
 *
 * @param newUuid 16 random bytes in base64, new on each call
 */
export const newMaster = (options: MasterOptions, allocator: Allocator, newUuid: () => string): Master => ({
  options,
  domain: undefined,
  allocator,
  newUuid,
  frameworks: new Map(),
  completedFrameworks: [],
  removedFrameworks: new Set(),
  seenAgents: new Map(),
  nodes: new Map(),
  listenedMs: undefined,
  nextRemovalMs: 0,
  agents: new Map(),
  recoveredAgents: new Map(),
  unreachableAgents: new Map(),
  goneAgents: new Set(),
  offers: new Map(),
  streams: new Map(),
  unacknowledged: new Set(),
  launches: new Map(),
  starting: new Set(),
  checkpoints: new Map(),
  operations: new Map(),
  maintenance: {schedule: {}, down: []},
  windows: new Map(),
  inverseOffers: new Map(),
  inverseAnswers: new Map(),
  draining: new Set(),
  weights: new Map(),
  quotas: new Map(),
  roleWishes: [],
  taskWishes: new Map(),
  roleProblems: new Map(),
  holdOff: undefined,
  nextAgent: 0,
  nextFramework: 0,
  nextOffer: 0,
  nextSave: 0,
});
