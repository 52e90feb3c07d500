import {toAgentId, toFrameworkId} from '../../../allocator/ids.ts';
import {taskInfoSchema} from '../../../api/mesos/v1/common.ts';
import {decodeJson} from '../../../api/mesos/v1/json.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {RestoredTask, TaskKey} from '../core/tasks/task-record.ts';
import {toTaskId} from '../core/ids.ts';
import {
  FRAMEWORK_ANNOTATION,
  LAUNCH_ANNOTATION,
  TASK_ANNOTATION,
  TASK_FINALIZER,
  TASK_ID_ANNOTATION,
  UNATTENDED_ANNOTATION,
} from '../../../crds/meta.ts';
import type {SeenPod} from './pod.ts';
import {podStatusToTask} from './pod-to-status.ts';

/** Which launch of which task the pod is; undefined for a pod that is not ours. */
export function taskKeyOf({metadata}: Pick<SeenPod, 'metadata'>): TaskKey | undefined {
  const {annotations = {}} = metadata;
  const [frameworkId, taskId] = [annotations[FRAMEWORK_ANNOTATION], annotations[TASK_ID_ANNOTATION]];
  const launchId = annotations[LAUNCH_ANNOTATION];
  if (frameworkId === undefined || taskId === undefined || launchId === undefined) return undefined;
  return {frameworkId: toFrameworkId(frameworkId), taskId: toTaskId(taskId), launchId};
}

/** False once the master has released the pod: it is kept for people only. */
export const isUnreleased = ({metadata}: Pick<SeenPod, 'metadata'>): boolean =>
  metadata.finalizers?.includes(TASK_FINALIZER) === true || metadata.annotations?.[UNATTENDED_ANNOTATION] !== undefined;

/** The task as it was launched, with what its pod says now. @returns why the pod's marks cannot be read */
export function taskFromPod(pod: SeenPod): Result<RestoredTask, string> {
  const key = taskKeyOf(pod);
  if (key === undefined) return err('The pod has no task annotations');
  const info = decodeJson(taskInfoSchema, parse(pod.metadata.annotations?.[TASK_ANNOTATION] ?? ''));
  if (!info.ok) return err(`Annotation ${TASK_ANNOTATION}: ${info.error}`);
  return ok({
    ...key,
    pod: {name: pod.metadata.name, ...(pod.metadata.uid !== undefined && {uid: pod.metadata.uid})},
    agentId: toAgentId(info.value.agent_id.value),
    info: info.value,
    status: podStatusToTask(pod),
  });
}

/** Undefined for what is not JSON, which the decoder then refuses. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
