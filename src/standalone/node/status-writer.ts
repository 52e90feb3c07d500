import {PODS} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient, KubeError, KubeObject} from '../../kube/types.ts';
import type {Clock, Timer} from '../../lib/clock.ts';
import type {Pod, PodStatus} from './pod.ts';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * Reports one pod's status: one patch at a time, always the latest, nothing when nothing has changed. What cannot be
 * written now is tried again until the pod is gone.
 */
export class StatusWriter {
  readonly #pod: Pod;
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #log: Logger;
  #wanted: PodStatus;
  /** JSON of what the server has. */
  #written: string;
  #writing = false;
  #closed = false;
  #retryMs = FIRST_RETRY_MS;
  #timer: Timer | undefined;
  #waiting: (() => void)[] = [];

  constructor(pod: Pod, client: KubeClient, clock: Clock, log: Logger) {
    this.#pod = pod;
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#wanted = pod.status ?? {};
    this.#written = JSON.stringify(this.#wanted);
  }

  /** The status as last given to `set`, or the one found at the start. */
  get latest(): PodStatus {
    return this.#wanted;
  }

  set(status: PodStatus): void {
    this.#wanted = status;
    void this.#write();
  }

  /** Resolves when the server has the latest status, or never will. */
  flushed(): Promise<void> {
    if (this.#settled()) return Promise.resolve();
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  /** Gives up what is not written yet. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#release();
  }

  #settled(): boolean {
    return this.#closed || (!this.#writing && this.#written === JSON.stringify(this.#wanted));
  }

  async #write(): Promise<void> {
    if (this.#writing || this.#timer !== undefined || this.#settled()) return;
    this.#writing = true;
    const status = this.#wanted;
    const {name, namespace, uid} = this.#pod.metadata;
    // With the uid, so that a new pod of the same name is left alone.
    const body = {metadata: {uid}, status: withNulls(status)};
    const result = await this.#client.patch<KubeObject>(PODS, name, namespace, 'merge', body, {subresource: 'status'});
    this.#writing = false;
    if (result.ok) this.#onWritten(status);
    else this.#onError(result.error);
  }

  #onWritten(status: PodStatus): void {
    this.#written = JSON.stringify(status);
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#settled()) this.#release();
    else void this.#write();
  }

  #onError(error: KubeError): void {
    // A conflict may be a new pod of this name; then the informer says soon that this one is gone.
    if (error.kind === 'http' && error.status === 404) return this.close();
    this.#log.warn('pod status not written', {
      pod: this.#pod.metadata.name,
      reason: error.message,
      retryMs: this.#retryMs,
    });
    if (this.#closed) return;
    this.#timer = this.#clock.after(this.#retryMs, () => {
      this.#timer = undefined;
      void this.#write();
    });
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A merge patch leaves out nothing: what is absent has to be taken away. Lists are replaced as a whole. */
const withNulls = (status: PodStatus) => ({reason: null, message: null, ...status});
