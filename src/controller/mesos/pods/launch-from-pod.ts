import {toAgentId, toFrameworkId} from '../../../allocator/ids.ts';
import {executorInfoSchema, taskInfoSchema} from '../../../api/mesos/v1/common.ts';
import {decodeJson, encodeJson} from '../../../api/mesos/v1/json.ts';
import {list, message, required} from '../../../api/mesos/v1/schema.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {LaunchKey, PodOrder, RestoredLaunch, SeenTask} from '../core/tasks/task-record.ts';
import {toTaskId} from '../core/ids.ts';
import {
  FRAMEWORK_ANNOTATION,
  LAUNCH_ANNOTATION,
  TASK_ANNOTATION,
  TASK_FINALIZER,
  TASK_GROUP_ANNOTATION,
  TASK_ID_ANNOTATION,
  TASK_IDS_ANNOTATION,
  UNATTENDED_ANNOTATION,
} from '../../../crds/meta.ts';
import {memberNames} from './marks.ts';
import type {SeenPod} from './pod.ts';
import {podStatusToTask} from './pod-to-status.ts';

// What a pod's annotations say of its launch: written when it is made, read by the next leader.

const groupSchema = message({executor: required(1, executorInfoSchema), tasks: list(2, taskInfoSchema)});

type Annotations = Readonly<Record<string, string>>;

export function annotationsOf({frameworkId, launchId, tasks, executor}: PodOrder): Annotations {
  const launch = {[FRAMEWORK_ANNOTATION]: frameworkId, [LAUNCH_ANNOTATION]: launchId};
  const ids = tasks.map(({task_id}) => task_id.value);
  const [only] = tasks;
  if (executor !== undefined) {
    return {
      [TASK_GROUP_ANNOTATION]: JSON.stringify(encodeJson(groupSchema, {executor, tasks})),
      [TASK_IDS_ANNOTATION]: JSON.stringify(ids),
      ...launch,
    };
  }
  return only === undefined
    ? launch
    : {
        [TASK_ANNOTATION]: JSON.stringify(encodeJson(taskInfoSchema, only)),
        [TASK_ID_ANNOTATION]: only.task_id.value,
        ...launch,
      };
}

/** Which launch the pod is; undefined for a pod that is not ours. */
export function launchKeyOf(pod: Pick<SeenPod, 'metadata'>): LaunchKey | undefined {
  const {annotations = {}, name, uid} = pod.metadata;
  const [frameworkId, launchId] = [annotations[FRAMEWORK_ANNOTATION], annotations[LAUNCH_ANNOTATION]];
  if (frameworkId === undefined || launchId === undefined || taskIdsOf(annotations).length === 0) return undefined;
  return {frameworkId: toFrameworkId(frameworkId), launchId, pod: {name, ...(uid !== undefined && {uid})}};
}

/** What the pod says of each of its tasks; nothing for a pod that is not ours. */
export function seenTasksOf(pod: SeenPod): readonly SeenTask[] {
  const {annotations = {}} = pod.metadata;
  const isGroup = annotations[TASK_GROUP_ANNOTATION] !== undefined;
  return taskIdsOf(annotations).map((id, index) => ({
    taskId: toTaskId(id),
    status: isGroup ? podStatusToTask(pod, memberNames(index)) : podStatusToTask(pod),
  }));
}

function taskIdsOf(annotations: Annotations): readonly string[] {
  const ids = parse(annotations[TASK_IDS_ANNOTATION] ?? '');
  if (Array.isArray(ids)) return ids.filter(id => typeof id === 'string');
  const id = annotations[TASK_ID_ANNOTATION];
  return id === undefined ? [] : [id];
}

/** False once the master has released the pod: it is kept for people only. */
export const isUnreleased = ({metadata}: Pick<SeenPod, 'metadata'>): boolean =>
  metadata.finalizers?.includes(TASK_FINALIZER) === true || metadata.annotations?.[UNATTENDED_ANNOTATION] !== undefined;

/** The launch as it was asked for, with what its pod says now. @returns why the pod's marks cannot be read */
export function launchFromPod(pod: SeenPod): Result<RestoredLaunch, string> {
  const key = launchKeyOf(pod);
  if (key === undefined) return err('The pod has no task annotations');
  const {annotations = {}} = pod.metadata;
  const read = annotations[TASK_GROUP_ANNOTATION] === undefined ? readTask(annotations) : readGroup(annotations);
  if (!read.ok) return read;
  const {tasks, executor} = read.value;
  const seen = seenTasksOf(pod);
  const [first] = tasks;
  if (first === undefined || tasks.length !== seen.length) return err('The annotations name other tasks than ids');
  return ok({
    ...key,
    agentId: toAgentId(first.agent_id.value),
    tasks: tasks.flatMap((info, index) => {
      const status = seen[index]?.status;
      return status === undefined ? [] : [{info, status}];
    }),
    ...(executor !== undefined && {executor}),
  });
}

type Read = Pick<PodOrder, 'tasks' | 'executor'>;

function readTask(annotations: Annotations): Result<Read, string> {
  const info = decodeJson(taskInfoSchema, parse(annotations[TASK_ANNOTATION] ?? ''));
  return info.ok ? ok({tasks: [info.value]}) : err(`Annotation ${TASK_ANNOTATION}: ${info.error}`);
}

function readGroup(annotations: Annotations): Result<Read, string> {
  const group = decodeJson(groupSchema, parse(annotations[TASK_GROUP_ANNOTATION] ?? ''));
  if (!group.ok) return err(`Annotation ${TASK_GROUP_ANNOTATION}: ${group.error}`);
  return ok({tasks: group.value.tasks ?? [], executor: group.value.executor});
}

/** Undefined for what is not JSON, which the decoder then refuses. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
