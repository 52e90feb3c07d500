import type {KubeObject} from '../../../kube/types.ts';
import {TASK_NAME_LABEL} from '../../../crds/meta.ts';
import {toSeenPod} from '../pods/pod.ts';
import {isUnreleased, launchFromPod, launchKeyOf, seenTasksOf} from '../pods/launch-from-pod.ts';
import type {LaunchKey, RestoredLaunch, SeenTask} from '../core/tasks/task-record.ts';

/** The pod of a launch as the caches keep it. */
export type PodView = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Undefined for a pod that is no task of ours, whatever its labels say. */
  readonly launch: LaunchKey | undefined;
  /** What the framework calls the task, '' when it says nothing. */
  readonly taskName: string;
  readonly seen: readonly SeenTask[];
  /** The master still speaks for it: our finalizer is there. */
  readonly held: boolean;
  readonly deleting: boolean;
  readonly createdAt: string;
  /** Only while a leader starts. */
  readonly restored: RestoredLaunch | undefined;
};

/**
 * Projects a pod.
 *
 * @param whole keep everything that is needed to rebuild the launch; else only its id and condition
 */
export function toPodView(raw: KubeObject, whole: boolean): PodView {
  const {name, namespace = '', uid = '', resourceVersion = '', creationTimestamp = ''} = raw.metadata;
  const pod = toSeenPod(raw);
  const launch = launchKeyOf(pod);
  const restored = whole ? launchFromPod(pod) : undefined;
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    launch,
    taskName: raw.metadata.labels?.[TASK_NAME_LABEL] ?? '',
    seen: launch === undefined ? [] : seenTasksOf(pod),
    held: isUnreleased(pod),
    deleting: raw.metadata.deletionTimestamp !== undefined,
    createdAt: creationTimestamp,
    restored: restored?.ok ? restored.value : undefined,
  };
}

/** Files pods of ended tasks apart, so that looking at them costs nothing for those that run. */
export const ENDED_INDEX = 'ended';
export const ENDED = 'yes';
export const endedIndex = ({launch, held, deleting}: PodView): readonly string[] =>
  launch !== undefined && !held && !deleting ? [ENDED] : [];
