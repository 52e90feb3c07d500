import {PODS} from '../../../kube/kinds.ts';
import {isGone} from '../../../kube/kube-error.ts';
import type {Logger} from '../../../kube/log.ts';
import type {Informer, InformerEvent, KubeClient} from '../../../kube/types.ts';
import type {Command} from '../core/commands.ts';
import type {RestoredTask} from '../core/tasks/task-record.ts';
import type {Master} from '../core/state.ts';
import {knowsTask} from '../core/step.ts';
import {type PodView, toPodView} from '../objects/pod-view.ts';

export type PodWatchOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly pods: Informer<PodView>;
  readonly master: Master;
  readonly post: (command: Command) => void;
  readonly log: Logger;
};

/** Task pods in, what they say of their tasks out. */
export class PodWatch {
  readonly #options: PodWatchOptions;

  constructor(options: PodWatchOptions) {
    this.#options = options;
  }

  /** @param live runs what it is given once the state has been rebuilt; before, it drops it */
  listen(live: (deliver: () => void) => void): void {
    this.#options.pods.onEvent(event => live(() => this.#saw(event)));
  }

  /** The tasks of an earlier master. Pods that were released are nobody's any more. */
  restored(): readonly RestoredTask[] {
    return this.#options.pods.list().flatMap(({held, restored}) => (held && restored !== undefined ? [restored] : []));
  }

  #saw({type, object}: InformerEvent<PodView>): void {
    const {task, status, held, name} = object;
    const {master, post} = this.#options;
    if (task === undefined || status === undefined) return;
    if (type === 'deleted') post({kind: 'pod-gone', task});
    else if (knowsTask(master, task)) post({kind: 'pod-changed', task, status});
    else if (held) void this.#fetch(name);
  }

  /** A pod that this master did not launch: the last act of an earlier one. The cache keeps too little of it. */
  async #fetch(name: string): Promise<void> {
    const {client, namespace, post, log} = this.#options;
    const found = await client.get(PODS, name, namespace);
    // Gone meanwhile: it was one of ours, in its last moments.
    if (!found.ok && isGone(found.error)) return;
    if (!found.ok) return log.warn('a task pod could not be read', {pod: name, error: found.error.message});
    const view = toPodView(found.value, true);
    if (view.held && view.restored !== undefined) post({kind: 'pod-found', task: view.restored});
  }
}
