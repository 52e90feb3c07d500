import type {Timer} from '../../../lib/clock.ts';
import type {Cluster} from '../cluster.ts';

/**
 * A set of keys waiting for `work`, each worked on once however often it was added meanwhile. Work happens after the
 * write that caused it was answered; what throws is logged and tried again after a second.
 */
export class KeyQueue {
  readonly #pending = new Set<string>();
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #work: (key: string) => void;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(cluster: Cluster, name: string, work: (key: string) => void) {
    this.#cluster = cluster;
    this.#name = name;
    this.#work = work;
  }

  add(key: string): void {
    this.#pending.add(key);
    this.#wake(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #wake(delayMs: number): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = this.#cluster.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#drain();
    });
  }

  #drain(): void {
    const keys = [...this.#pending];
    this.#pending.clear();
    for (const key of keys) {
      try {
        this.#work(key);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#cluster.log.error('controller failed', {controller: this.#name, key, error: message});
        this.#pending.add(key);
      }
    }
    if (this.#pending.size > 0) this.#wake(1000);
  }
}
