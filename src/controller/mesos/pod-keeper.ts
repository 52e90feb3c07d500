import type {KubeError} from '../../kube/types.ts';
import type {Informer} from '../../kube/types.ts';
import type {Result} from '../../lib/result.ts';
import type {ObjectWriter} from './object-writer.ts';
import type {PodView} from './pod-view.ts';

/** Pods of ended tasks that stay for people to look at, with their logs. */
const KEPT = 100;

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
    const ended = this.#pods.list().filter(pod => pod.task !== undefined && !pod.held && !pod.deleting);
    if (ended.length <= KEPT) return;
    ended.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    for (const {name} of ended.slice(0, ended.length - KEPT)) this.#removeOnce(name);
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
