import type {KubeObject} from '../../../kube/types.ts';
import {TASK_NAME_LABEL} from '../../../crds/meta.ts';
import {toSeenPod} from '../pods/pod.ts';
import {podStatusToTask} from '../pods/pod-to-status.ts';
import {isUnreleased, taskFromPod, taskKeyOf} from '../pods/task-from-pod.ts';
import type {ObservedStatus, RestoredTask, TaskKey} from '../core/tasks/task-record.ts';

/** A task's pod as the caches keep it. */
export type PodView = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Undefined for a pod that is no task of ours, whatever its labels say. */
  readonly task: TaskKey | undefined;
  /** What the framework calls the task, '' when it says nothing. */
  readonly taskName: string;
  readonly status: ObservedStatus | undefined;
  /** The master still speaks for it: our finalizer is there. */
  readonly held: boolean;
  readonly deleting: boolean;
  readonly createdAt: string;
  /** Only while a leader starts. */
  readonly restored: RestoredTask | undefined;
};

/**
 * Projects a pod.
 *
 * @param whole keep everything that is needed to rebuild the task; else only its id and condition
 */
export function toPodView(raw: KubeObject, whole: boolean): PodView {
  const {name, namespace = '', uid = '', resourceVersion = '', creationTimestamp = ''} = raw.metadata;
  const pod = toSeenPod(raw);
  const task = taskKeyOf(pod);
  const restored = whole ? taskFromPod(pod) : undefined;
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    task,
    taskName: raw.metadata.labels?.[TASK_NAME_LABEL] ?? '',
    status: task === undefined ? undefined : podStatusToTask(pod),
    held: isUnreleased(pod),
    deleting: raw.metadata.deletionTimestamp !== undefined,
    createdAt: creationTimestamp,
    restored: restored?.ok ? restored.value : undefined,
  };
}

/** Files pods of ended tasks apart, so that looking at them costs nothing for those that run. */
export const ENDED_INDEX = 'ended';
export const ENDED = 'yes';
export const endedIndex = ({task, held, deleting}: PodView): readonly string[] =>
  task !== undefined && !held && !deleting ? [ENDED] : [];
