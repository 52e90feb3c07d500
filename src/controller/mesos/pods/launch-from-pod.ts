import {toAgentId, toFrameworkId} from '../../../allocator/ids.ts';
import {taskInfoSchema} from '../../../api/mesos/v1/common.ts';
import {decodeJson} from '../../../api/mesos/v1/json.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {LaunchKey, RestoredLaunch, SeenTask} from '../core/tasks/task-record.ts';
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

/** Which launch the pod is; undefined for a pod that is not ours. */
export function launchKeyOf({metadata}: Pick<SeenPod, 'metadata'>): LaunchKey | undefined {
  const {annotations = {}, name, uid} = metadata;
  const [frameworkId, launchId] = [annotations[FRAMEWORK_ANNOTATION], annotations[LAUNCH_ANNOTATION]];
  if (frameworkId === undefined || launchId === undefined || annotations[TASK_ID_ANNOTATION] === undefined)
    return undefined;
  return {frameworkId: toFrameworkId(frameworkId), launchId, pod: {name, ...(uid !== undefined && {uid})}};
}

/** What the pod says of each of its tasks; nothing for a pod that is not ours. */
export function seenTasksOf(pod: SeenPod): readonly SeenTask[] {
  const taskId = pod.metadata.annotations?.[TASK_ID_ANNOTATION];
  return taskId === undefined ? [] : [{taskId: toTaskId(taskId), status: podStatusToTask(pod)}];
}

/** False once the master has released the pod: it is kept for people only. */
export const isUnreleased = ({metadata}: Pick<SeenPod, 'metadata'>): boolean =>
  metadata.finalizers?.includes(TASK_FINALIZER) === true || metadata.annotations?.[UNATTENDED_ANNOTATION] !== undefined;

/** The launch as it was asked for, with what its pod says now. @returns why the pod's marks cannot be read */
export function launchFromPod(pod: SeenPod): Result<RestoredLaunch, string> {
  const key = launchKeyOf(pod);
  if (key === undefined) return err('The pod has no task annotations');
  const info = decodeJson(taskInfoSchema, parse(pod.metadata.annotations?.[TASK_ANNOTATION] ?? ''));
  if (!info.ok) return err(`Annotation ${TASK_ANNOTATION}: ${info.error}`);
  return ok({
    ...key,
    agentId: toAgentId(info.value.agent_id.value),
    tasks: [{info: info.value, status: podStatusToTask(pod)}],
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
