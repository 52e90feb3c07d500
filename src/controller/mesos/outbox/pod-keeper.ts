import type {LaunchKey} from '../core/tasks/task-record.ts';
import {ENDED, ENDED_INDEX, type PodView} from '../objects/pod-view.ts';
import type {Informer} from '../../../kube/types.ts';

/** Pods of ended tasks that stay for people to look at, with their logs. */
const KEPT = 100;
/** Of tasks of one name: an app that fails again and again does not fill the list. */
const KEPT_OF_ONE_NAME = 3;

type Ended = Pick<PodView, 'name' | 'taskName' | 'createdAt'> & {
  readonly launch: Pick<LaunchKey, 'frameworkId'> | undefined;
};

/** The pods of ended tasks that nobody will look at: the newest stay. */
export function surplus<T extends Ended>(ended: readonly T[]): T[] {
  const seen = new Map<string, number>();
  const newestFirst = [...ended].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  return newestFirst.filter(({launch, taskName}, index) => {
    const key = `${launch?.frameworkId} ${taskName}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return index >= KEPT || (taskName !== '' && count > KEPT_OF_ONE_NAME);
  });
}

/** Removes the oldest pods of ended tasks when there are more than anybody will look at. */
export class PodKeeper {
  readonly #remove: (name: string) => Promise<void>;
  readonly #removing = new Set<string>();

  constructor(remove: (name: string) => Promise<void>) {
    this.#remove = remove;
  }

  tidy(pods: Informer<PodView>): void {
    for (const {name} of surplus(pods.byIndex(ENDED_INDEX, ENDED))) {
      if (this.#removing.has(name)) continue;
      this.#removing.add(name);
      void this.#remove(name).then(() => this.#removing.delete(name));
    }
  }
}
