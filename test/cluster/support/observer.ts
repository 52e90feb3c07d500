import {createInformer} from '../../../src/kube/informer.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../../src/kube/system-clock.ts';
import type {Informer, InformerEvent, KubeClient, KubeObject, ResourceKind, Selector} from '../../../src/kube/types.ts';

const WITHIN_MS = 60_000;

/**
 * What a test sees of one kind in one namespace, kept current by a watch: it waits for a state, not for a time, and
 * remembers every event in the order in which it came.
 */
export class Observer<T extends KubeObject = KubeObject> {
  readonly events: {readonly atMs: number; readonly event: InformerEvent<T>}[] = [];
  readonly #informer: Informer<T>;
  readonly #waiting = new Set<() => void>();

  private constructor(informer: Informer<T>) {
    this.#informer = informer;
    informer.onEvent(event => {
      this.events.push({atMs: performance.now(), event});
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves when it has seen all that is there. */
  static async start<T extends KubeObject>(
    client: KubeClient,
    kind: ResourceKind,
    namespace: string,
    decode: (object: KubeObject) => T,
    selector: Selector = {},
  ): Promise<Observer<T>> {
    const shell = {clock: systemClock, random: systemRandom, log: silentLogger};
    const informer = createInformer({client, kind, namespace, selector, project: decode, maxBackoffMs: 500, ...shell});
    const observer = new Observer(informer);
    informer.start();
    await informer.synced();
    return observer;
  }

  stop(): void {
    this.#informer.stop();
  }

  #summary(): string {
    return this.list()
      .map(({metadata, status}) => `${metadata.name} ${JSON.stringify(status)?.slice(0, 100)}`)
      .join('\n')
      .slice(0, 3000);
  }

  list(): readonly T[] {
    return this.#informer.list();
  }

  /** What `look` finds in the objects, asked again after each change; an empty answer means "not yet". */
  until<R>(
    what: string,
    look: (objects: readonly T[]) => R,
    withinMs = WITHIN_MS,
  ): Promise<Exclude<R, undefined | false | null>> {
    return new Promise((resolve, reject) => {
      const attempt = (): void => {
        const seen = look(this.list());
        if (seen === undefined || seen === false || seen === null) return;
        this.#waiting.delete(attempt);
        clearTimeout(deadline);
        resolve(seen as Exclude<R, undefined | false | null>);
      };
      const deadline = setTimeout(() => {
        this.#waiting.delete(attempt);
        reject(new Error(`not seen within ${withinMs} ms: ${what}; last: ${this.#summary()}`));
      }, withinMs);
      this.#waiting.add(attempt);
      attempt();
    });
  }
}
