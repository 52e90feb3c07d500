import type {KubeClient, KubeError, KubeObject, ResourceKind} from '../../kube/types.ts';
import {ok, type Result} from '../../lib/result.ts';

/** One aspect of an object's state, as Kubernetes tools read it. Times are RFC 3339. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
};

export type ConditionChange = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** The conditions with one set. `lastTransitionTime` moves only when `status` does; the order is kept. */
export function setCondition(
  conditions: readonly Condition[],
  change: ConditionChange,
  nowIso: string,
  observedGeneration?: number,
): readonly Condition[] {
  const held = conditions.find(condition => condition.type === change.type);
  const lastTransitionTime = held?.status === change.status ? held.lastTransitionTime : nowIso;
  const next: Condition = {
    ...change,
    lastTransitionTime,
    ...(observedGeneration === undefined ? {} : {observedGeneration}),
  };
  if (!held) return [...conditions, next];
  return conditions.map(condition => (condition === held ? next : condition));
}

export type StatusTarget = {
  readonly name: string;
  readonly namespace?: string;
  /** When known: another object under the same name is then left alone. */
  readonly uid?: string;
  /** What is there now, usually from a cache. */
  readonly status: unknown;
};

/**
 * Makes the object's status what it should be, with one merge patch on `/status`, or none when it is that already.
 *
 * @param wanted the whole status; fields that it lacks are removed
 * @returns      the object as the server holds it now; undefined when there was nothing to change
 */
export async function patchStatus<T = KubeObject>(
  client: KubeClient,
  kind: ResourceKind,
  {name, namespace, uid, status}: StatusTarget,
  wanted: unknown,
): Promise<Result<T | undefined, KubeError>> {
  const difference = mergeDifference(status ?? {}, wanted);
  if (difference === undefined) return ok(undefined);
  const body = {...(uid === undefined ? {} : {metadata: {uid}}), status: difference};
  return client.patch<T>(kind, name, namespace, 'merge', body, {subresource: 'status'});
}

/**
 * The smallest RFC 7386 merge patch from `current` to `wanted`; undefined when they are equal. Arrays are replaced
 * whole, `undefined` counts as absent.
 */
export function mergeDifference(current: unknown, wanted: unknown): unknown {
  if (!isRecord(current) || !isRecord(wanted)) return isEqual(current, wanted) ? undefined : wanted;
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(current), ...Object.keys(wanted)])) {
    const difference =
      wanted[name] === undefined
        ? current[name] === undefined
          ? undefined
          : null
        : mergeDifference(current[name], wanted[name]);
    if (difference !== undefined) patch[name] = difference;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every(name => isEqual(a[name], b[name]));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
