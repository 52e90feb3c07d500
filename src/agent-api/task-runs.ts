import {readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {TaskInfo, TaskState} from '../api/mesos/v1/common.ts';
import {taskInfoSchema, taskStateSchema} from '../api/mesos/v1/common.ts';
import {decodeJson, encodeJson} from '../api/mesos/v1/json.ts';
import {message, required, text as string} from '../api/mesos/v1/schema.ts';
import type {KubeObject} from '../kube/types.ts';
import {LONE_TASK, memberNames} from '../controller/mesos/pods/marks.ts';
import {launchFromPod} from '../controller/mesos/pods/launch-from-pod.ts';
import {toSeenPod} from '../controller/mesos/pods/pod.ts';

/** A task of this agent, as long as anything of it is left here. */
export type TaskRun = {
  /** Of its pod, which may have other tasks. */
  readonly uid: string;
  /** Its place in its pod. */
  readonly container: string;
  readonly frameworkId: string;
  readonly frameworkName: string;
  readonly info: TaskInfo;
  readonly state: TaskState;
};

/** The tasks of a pod as the API shows it, without what it does not know of their framework. */
export function toTaskRuns(raw: KubeObject): readonly Omit<TaskRun, 'frameworkName'>[] {
  const launch = launchFromPod(toSeenPod(raw));
  if (!launch.ok) return [];
  const {frameworkId, executor, tasks} = launch.value;
  const {uid = ''} = raw.metadata;
  return tasks.map(({info, status: {state}}, index) => {
    const {task: container} = executor === undefined ? LONE_TASK : memberNames(index);
    return {uid, container, frameworkId, state, info: executor === undefined ? info : {...info, executor}};
  });
}

/** Of a command, the executor is named after the task, as in Mesos. */
export const executorIdOf = ({info}: TaskRun): string => info.executor?.executor_id.value ?? info.task_id.value;

/** A container's id in Mesos's words. */
export const containerIdOf = ({uid, container}: TaskRun): string =>
  container === LONE_TASK.task ? uid : `${uid}.${container}`;

const noteOf = (container: string): string => `${container}.json`;
const NOTE = /^task(-\d+)?[.]json$/;

const noteSchema = message({
  uid: required(1, string),
  container: required(2, string),
  frameworkId: required(3, string),
  frameworkName: required(4, string),
  info: required(5, taskInfoSchema),
  state: required(6, taskStateSchema),
});

/** Undefined for what is not JSON: it was cut off. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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
    const id = containerIdOf(run);
    if (this.#states.get(id) === run.state) return;
    const text = JSON.stringify(encodeJson(noteSchema, run));
    const written = await writeFile(join(this.#podsDirectory, run.uid, noteOf(run.container)), text).then(
      () => true,
      () => false,
    );
    if (written) this.#states.set(id, run.state);
  }

  async all(): Promise<TaskRun[]> {
    const uids = await readdir(this.#podsDirectory).catch(() => []);
    const runs = await Promise.all(uids.map(uid => this.#ofPod(uid)));
    return runs.flat();
  }

  async #ofPod(uid: string): Promise<TaskRun[]> {
    const names = await readdir(join(this.#podsDirectory, uid)).catch(() => []);
    const notes = names.filter(name => NOTE.test(name));
    const runs = await Promise.all(notes.map(name => this.#read(join(this.#podsDirectory, uid, name))));
    // A note is about the pod and the container that it lies beside: it must not lead to another place.
    return runs.flatMap((found, index) =>
      found.filter(run => run.uid === uid && noteOf(run.container) === notes[index]),
    );
  }

  async #read(path: string): Promise<TaskRun[]> {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return [];
    const note = decodeJson(noteSchema, parsed(text));
    return note.ok ? [note.value] : [];
  }

  /** The directory of a task's latest run; undefined: it has not begun, or was collected. */
  async sandboxOf({uid, container}: TaskRun): Promise<string | undefined> {
    const directory = join(this.#podsDirectory, uid, container);
    const names = await readdir(directory).catch(() => []);
    const latest = Math.max(...names.filter(name => /^\d+$/.test(name)).map(Number));
    return Number.isFinite(latest) ? join(directory, String(latest)) : undefined;
  }
}
