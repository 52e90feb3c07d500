import type {KubeError, Informer} from '../../../kube/types.ts';
import type {Result} from '../../../lib/result.ts';
import type {TaskKey} from '../core/tasks/task-record.ts';
import type {ObjectWriter} from './object-writer.ts';
import type {PodView} from '../objects/pod-view.ts';

/** Pods of ended tasks that stay for people to look at, with their logs. */
const KEPT = 100;
/** Of tasks of one name: an app that fails again and again does not fill the list. */
const KEPT_OF_ONE_NAME = 3;

/** Files pods of ended tasks apart, so that looking at them costs nothing for those that run. */
export const ENDED_INDEX = 'ended';
const ENDED = 'yes';
export const endedIndex = ({task, held, deleting}: PodView): readonly string[] =>
  task !== undefined && !held && !deleting ? [ENDED] : [];

type Ended = Pick<PodView, 'name' | 'taskName' | 'createdAt'> & {
  readonly task: Pick<TaskKey, 'frameworkId'> | undefined;
};

/** The pods of ended tasks that nobody will look at: the newest stay. */
export function surplus<T extends Ended>(ended: readonly T[]): T[] {
  const seen = new Map<string, number>();
  const newestFirst = [...ended].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  return newestFirst.filter(({task, taskName}, index) => {
    const key = `${task?.frameworkId} ${taskName}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return index >= KEPT || (taskName !== '' && count > KEPT_OF_ONE_NAME);
  });
}

/** Removes the oldest pods of ended tasks when there are more than anybody will look at. */
export class PodKeeper {
  readonly #pods: Informer<PodView>;
  readonly #writer: ObjectWriter;
  readonly #remove: (name: string) => Promise<Result<unknown, KubeError>>;
  readonly #removing = new Set<string>();

  constructor(
    pods: Informer<PodView>,
    writer: ObjectWriter,
    remove: (name: string) => Promise<Result<unknown, KubeError>>,
  ) {
    this.#pods = pods;
    this.#writer = writer;
    this.#remove = remove;
  }

  tidy(): void {
    for (const {name} of surplus(this.#pods.byIndex(ENDED_INDEX, ENDED))) this.#removeOnce(name);
  }

  #removeOnce(name: string): void {
    if (this.#removing.has(name)) return;
    this.#removing.add(name);
    this.#writer.enqueue(
      `pods/${name}`,
      () => this.#remove(name),
      () => this.#removing.delete(name),
    );
  }
}
