import {EVENTS} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock} from '../../lib/clock.ts';
import type {Pod} from './pod.ts';

export type PodEvent = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container that the event is about. */
  readonly container?: string;
};

/** Tells users about a pod. Never fails and never waits: an event that cannot be written is lost. */
export type PodEvents = {readonly record: (pod: Pod, event: PodEvent) => void};

type Written = {readonly name: string; count: number; writtenAtMs: number};

const MAX_MESSAGE = 1024;
const MAX_REMEMBERED = 2000;
/** A repeated event is counted at most this often. */
const REPEAT_MS = 10_000;

/** Writes core/v1 Events; the same event again raises its count. */
export class KubePodEvents implements PodEvents {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #node: string;
  readonly #written = new Map<string, Written>();
  #serial = 0;

  constructor(options: {client: KubeClient; clock: Clock; log: Logger; nodeName: string}) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#node = options.nodeName;
  }

  record(pod: Pod, event: PodEvent): void {
    const key = [pod.metadata.uid, event.container, event.reason, event.message].join('\0');
    const nowMs = this.#clock.now();
    const before = this.#written.get(key);
    if (before === undefined) {
      const name = `${pod.metadata.name.slice(0, 200)}.${nowMs.toString(16)}${(this.#serial++).toString(16)}`;
      this.#remember(key, {name, count: 1, writtenAtMs: nowMs});
      void this.#report(this.#client.create(EVENTS, this.#object(pod, event, name)));
      return;
    }
    before.count++;
    if (nowMs - before.writtenAtMs < REPEAT_MS) return;
    before.writtenAtMs = nowMs;
    const patch = {count: before.count, lastTimestamp: iso(nowMs)};
    void this.#report(this.#client.patch(EVENTS, before.name, pod.metadata.namespace, 'merge', patch));
  }

  #object(pod: Pod, {type, reason, message, container}: PodEvent, name: string) {
    const {namespace, uid} = pod.metadata;
    const time = iso(this.#clock.now());
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {name, namespace},
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        name: pod.metadata.name,
        namespace,
        uid,
        ...(container !== undefined && {fieldPath: `spec.containers{${container}}`}),
      },
      type,
      reason,
      message: message.slice(0, MAX_MESSAGE),
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: {component: 'mesos-agent', host: this.#node},
      reportingComponent: 'mesos-agent',
      reportingInstance: this.#node,
    };
  }

  #remember(key: string, written: Written): void {
    this.#written.set(key, written);
    const oldest = this.#written.keys().next();
    if (this.#written.size > MAX_REMEMBERED && !oldest.done) this.#written.delete(oldest.value);
  }

  async #report(call: ReturnType<KubeClient['create']>): Promise<void> {
    const result = await call;
    if (!result.ok) this.#log.debug('event not written', {reason: result.error.message});
  }
}

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
