import {readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {TaskInfo, TaskState} from '../api/mesos/v1/common.ts';
import {taskInfoSchema} from '../api/mesos/v1/common.ts';
import {decodeJson, encodeJson} from '../api/mesos/v1/json.ts';
import type {KubeObject} from '../kube/types.ts';
import {TASK_CONTAINER} from '../controller/mesos/pods/marks.ts';
import {launchFromPod} from '../controller/mesos/pods/launch-from-pod.ts';
import {toSeenPod} from '../controller/mesos/pods/pod.ts';

/** A task of this agent, as long as anything of it is left here. */
export type TaskRun = {
  /** Of its pod; the container's id in Mesos's words. */
  readonly uid: string;
  readonly frameworkId: string;
  readonly frameworkName: string;
  readonly info: TaskInfo;
  readonly state: TaskState;
};

/** A pod as the API shows it, without what it does not know of its framework; undefined: it is no task. */
export function toTaskRun(raw: KubeObject): Omit<TaskRun, 'frameworkName'> | undefined {
  const launch = launchFromPod(toSeenPod(raw));
  const [task] = launch.ok ? launch.value.tasks : [];
  if (!launch.ok || task === undefined) return undefined;
  const {uid = ''} = raw.metadata;
  const {frameworkId} = launch.value;
  return {uid, frameworkId, info: task.info, state: task.status.state};
}

/** Of a command, the executor is named after the task, as in Mesos. */
export const executorIdOf = ({info}: TaskRun): string => info.executor?.executor_id.value ?? info.task_id.value;

const NOTE = 'task.json';

/**
 * What is known of tasks whose sandboxes are here: it stays readable when the pod is gone, until the sandbox is collected.
 * It lies in the pod's directory, so it goes with it.
 */
export class TaskNotes {
  readonly #podsDirectory: string;
  readonly #states = new Map<string, string>();

  constructor(podsDirectory: string) {
    this.#podsDirectory = podsDirectory;
  }

  /** Writes down what changed. A pod whose directory is not there yet is written down later. */
  async note(run: TaskRun): Promise<void> {
    if (this.#states.get(run.uid) === run.state) return;
    const {info, ...rest} = run;
    const text = JSON.stringify({...rest, info: encodeJson(taskInfoSchema, info)});
    const written = await writeFile(join(this.#podsDirectory, run.uid, NOTE), text).then(
      () => true,
      () => false,
    );
    if (written) this.#states.set(run.uid, run.state);
  }

  async all(): Promise<TaskRun[]> {
    const uids = await readdir(this.#podsDirectory).catch(() => []);
    const runs = await Promise.all(uids.map(uid => this.#read(uid)));
    return runs.flat();
  }

  async #read(uid: string): Promise<TaskRun[]> {
    const text = await readFile(join(this.#podsDirectory, uid, NOTE), 'utf8').catch(() => undefined);
    if (text === undefined) return [];
    try {
      const {info: raw, ...rest} = JSON.parse(text);
      const info = decodeJson(taskInfoSchema, raw);
      return info.ok ? [{...rest, info: info.value}] : [];
    } catch {
      return [];
    }
  }

  /** The directory of a task's latest run; undefined: it has not begun, or was collected. */
  async sandboxOf(uid: string): Promise<string | undefined> {
    const container = join(this.#podsDirectory, uid, TASK_CONTAINER);
    const names = await readdir(container).catch(() => []);
    const latest = Math.max(...names.filter(name => /^\d+$/.test(name)).map(Number));
    return Number.isFinite(latest) ? join(container, String(latest)) : undefined;
  }
}
