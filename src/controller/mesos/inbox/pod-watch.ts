import {PODS} from '../../../kube/kinds.ts';
import {isGone} from '../../../kube/kube-error.ts';
import type {Subject} from '../../../lib/blame.ts';
import type {Logger} from '../../../kube/log.ts';
import type {Informer, InformerEvent, KubeClient} from '../../../kube/types.ts';
import type {Fact} from '../objects/subjects.ts';
import type {RestoredLaunch} from '../core/tasks/task-record.ts';
import type {Effect} from '../core/effects.ts';
import {subjectOfLaunch} from '../core/subjects.ts';
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

  /** The launches of an earlier master. Pods that were released are nobody's any more. */
  restored(): readonly {readonly launch: RestoredLaunch; readonly about: Subject}[] {
    return this.#options.pods
      .list()
      .flatMap(({held, restored: launch}) =>
        held && launch !== undefined ? [{launch, about: subjectOfLaunch(launch)}] : [],
      );
  }

  #saw({type, object}: InformerEvent<PodView>): void {
    const {launch, seen, held} = object;
    const {post} = this.#options;
    if (launch === undefined) return;
    if (type === 'deleted') post({kind: 'pod-gone', launch});
    else post({kind: 'pod-seen', launch, seen, held});
  }

  /** The cache keeps too little of a pod to rebuild its launch. */
  async read({launch}: Effect & {kind: 'read-pod'}): Promise<void> {
    const {name} = launch.pod;
    const {client, namespace, post, log} = this.#options;
    const read = await client.get(PODS, name, namespace);
    if (!read.ok && !isGone(read.error)) {
      log.warn('a task pod could not be read', {pod: name, error: read.error.message});
    }
    const view = read.ok ? toPodView(read.value, true) : undefined;
    post({kind: 'pod-read', launch, ...(view?.held === true && {found: view.restored})});
  }
}
