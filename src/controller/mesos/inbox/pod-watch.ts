import {PODS} from '../../../kube/kinds.ts';
import {isGone} from '../../../kube/kube-error.ts';
import type {Subject} from '../../../lib/blame.ts';
import type {Logger} from '../../../kube/log.ts';
import type {Informer, InformerEvent, KubeClient} from '../../../kube/types.ts';
import type {Fact} from '../objects/subjects.ts';
import type {RestoredTask} from '../core/tasks/task-record.ts';
import type {Effect} from '../core/effects.ts';
import {subjectOfTask} from '../core/subjects.ts';
import {type PodView, toPodView} from '../objects/pod-view.ts';

export type PodWatchOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly pods: Informer<PodView>;
  readonly post: (fact: Fact) => void;
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

  /** The tasks of an earlier master, and their pods. Pods that were released are nobody's any more. */
  restored(): readonly {readonly task: RestoredTask; readonly about: Subject}[] {
    return this.#options.pods
      .list()
      .flatMap(({held, restored: task}) => (held && task !== undefined ? [{task, about: subjectOfTask(task)}] : []));
  }

  #saw({type, object}: InformerEvent<PodView>): void {
    const {task, status, held, name, uid} = object;
    const {post} = this.#options;
    if (task === undefined || status === undefined) return;
    if (type === 'deleted') post({kind: 'pod-gone', task});
    else post({kind: 'pod-seen', task, pod: {name, uid}, status, held});
  }

  /** The cache keeps too little of a pod to rebuild its task. */
  async read({task, pod: {name}}: Effect & {kind: 'read-pod'}): Promise<void> {
    const {client, namespace, post, log} = this.#options;
    const read = await client.get(PODS, name, namespace);
    if (!read.ok && !isGone(read.error)) {
      log.warn('a task pod could not be read', {pod: name, error: read.error.message});
    }
    const view = read.ok ? toPodView(read.value, true) : undefined;
    post({kind: 'pod-read', task, ...(view?.held === true && {found: view.restored})});
  }
}
