import {err, ok, type Result} from '../../../lib/result.ts';
import type {Cluster} from '../cluster.ts';
import {type ApiError, deletionRefused} from '../errors.ts';
import {numberAt, stringAt} from '../fields.ts';
import type {Kind} from '../kinds.ts';
import {type ApiObject, isoSeconds} from '../object.ts';
import {cloneJson} from '../schema/json.ts';
import {strategyOf} from './strategies.ts';
import {isReleased} from './update.ts';

export type DeleteRequest = {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun: boolean;
};

export type Deleted = {
  readonly object: ApiObject;
  /** False: it stays until its finalizers or its grace period are over. */
  readonly gone: boolean;
};

const POLICY_FINALIZERS = {Foreground: 'foregroundDeletion', Orphan: 'orphan'} as const;

/** Deletes what is stored, or marks it so that finalizers, nodes and controllers can do their part first. */
export function remove(
  cluster: Cluster,
  kind: Kind,
  stored: ApiObject,
  request: DeleteRequest,
): Result<Deleted, ApiError> {
  const {metadata} = stored;
  if (request.uid !== undefined && request.uid !== metadata.uid) {
    return err(deletionRefused(kind, metadata.name, 'UID', request.uid, metadata.uid ?? ''));
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== metadata.resourceVersion) {
    const {resourceVersion = ''} = metadata;
    return err(deletionRefused(kind, metadata.name, 'ResourceVersion', request.resourceVersion, resourceVersion));
  }
  const next = cloneJson(stored);
  applyPolicy(next, request);
  mark(cluster, kind, next, request);
  const gone = isReleased(next);
  if (request.dryRun) return ok({object: next, gone});
  // Only a deletion that was ever pending shows in the last state.
  const last = kind.storage === 'pods' || metadata.deletionTimestamp != null ? next : stored;
  if (gone) return ok({object: cluster.store.remove(kind.storage, last), gone});
  const changed = JSON.stringify(next) !== JSON.stringify(stored);
  return ok({object: changed ? cluster.store.put(kind.storage, next) : stored, gone});
}

/** The propagation policy is remembered as a finalizer that the garbage collector takes off. */
function applyPolicy({metadata}: ApiObject, {propagationPolicy}: DeleteRequest): void {
  if (propagationPolicy === undefined) return;
  const others = (metadata.finalizers ?? []).filter(finalizer => !['foregroundDeletion', 'orphan'].includes(finalizer));
  const finalizers = propagationPolicy === 'Background' ? others : [...others, POLICY_FINALIZERS[propagationPolicy]];
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
}

function mark(cluster: Cluster, kind: Kind, object: ApiObject, request: DeleteRequest): void {
  const {metadata} = object;
  const grace = kind.storage === 'pods' ? podGrace(object, request.gracePeriodSeconds) : 0;
  const nowMs = cluster.clock.now();
  if (metadata.deletionTimestamp != null) {
    // A second deletion can only shorten the grace period, which counts from the first one.
    const before = metadata.deletionGracePeriodSeconds ?? 0;
    if (request.gracePeriodSeconds !== undefined && grace < before) {
      const askedMs = Date.parse(metadata.deletionTimestamp) - before * 1000;
      metadata.deletionTimestamp = isoSeconds(askedMs + grace * 1000);
      metadata.deletionGracePeriodSeconds = grace;
    }
    return;
  }
  metadata.deletionTimestamp = isoSeconds(nowMs + grace * 1000);
  metadata.deletionGracePeriodSeconds = grace;
  if (metadata.generation !== undefined) metadata.generation++;
  strategyOf(kind.storage).onDelete?.(object, isoSeconds(nowMs));
}

/** Seconds that the node gets. A pod that no node has, or that has ended, needs none. */
function podGrace(pod: ApiObject, asked: number | undefined): number {
  const phase = stringAt(pod, 'status', 'phase');
  if ((stringAt(pod, 'spec', 'nodeName') ?? '') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const grace = asked ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  return grace < 0 ? 1 : grace;
}
