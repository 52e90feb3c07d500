import type {OperatorEvent} from '../../../api/mesos/v1/operator-events.ts';
import type {Clock, Timer} from '../../../lib/clock.ts';
import type {FrameworkId} from '../core/ids.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import {ClusterChanges} from '../views/cluster-changes.ts';
import {stateMessage} from '../views/operator-views.ts';
import {HEARTBEAT_SECONDS} from './sessions.ts';

/** Changes are gathered for so long: many at a time cost one look at the state. */
const LOOK_MS = 20;

/** Where one stream of the operator API goes. */
export type OperatorSink = {
  /** @returns false when the reader is too slow to go on; the stream is closed then */
  readonly write: (event: OperatorEvent) => boolean;
  /** Called once, after the last event. */
  readonly end: () => void;
};

export type OperatorStreamsOptions = {
  readonly clock: Clock;
  /** Undefined while it is being rebuilt: there are no streams then. */
  readonly state: () => ReadonlyMaster | undefined;
  /** With one more, the oldest stream is closed. */
  readonly most: number;
};

/** Who follows the cluster by the operator API: everyone hears the whole state first, then each change of it. */
export class OperatorStreams {
  readonly #options: OperatorStreamsOptions;
  readonly #changes = new ClusterChanges();
  /** With their next heartbeats, the oldest stream first. */
  readonly #sinks = new Map<OperatorSink, Timer | undefined>();
  readonly #touched = new Set<FrameworkId>();
  #look: Timer | undefined;

  constructor(options: OperatorStreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sinks.size;
  }

  open(sink: OperatorSink): void {
    const master = this.#options.state();
    if (master === undefined) return sink.end();
    if (this.#sinks.size === 0) this.#changes.begin(master);
    else this.#tell();
    const [oldest] = this.#sinks.keys();
    if (oldest !== undefined && this.#sinks.size >= this.#options.most) this.close(oldest);
    this.#sinks.set(sink, undefined);
    const subscribed = {get_state: stateMessage(master), heartbeat_interval_seconds: HEARTBEAT_SECONDS};
    this.#write(sink, {type: 'SUBSCRIBED', subscribed});
    this.#beat(sink);
  }

  close(sink: OperatorSink): void {
    if (!this.#sinks.has(sink)) return;
    this.#sinks.get(sink)?.cancel();
    this.#sinks.delete(sink);
    sink.end();
  }

  closeAll(): void {
    this.#look?.cancel();
    this.#look = undefined;
    this.#touched.clear();
    for (const sink of [...this.#sinks.keys()]) this.close(sink);
  }

  /** Something about agents or frameworks may have changed. @param frameworks whose tasks may have */
  changed(frameworks: Iterable<FrameworkId>): void {
    if (this.#sinks.size === 0) return;
    for (const id of frameworks) this.#touched.add(id);
    this.#look ??= this.#options.clock.after(LOOK_MS, () => this.#tell());
  }

  #tell(): void {
    this.#look?.cancel();
    this.#look = undefined;
    const master = this.#options.state();
    if (master === undefined) return;
    const events = this.#changes.since(master, this.#touched);
    this.#touched.clear();
    for (const event of events) for (const sink of [...this.#sinks.keys()]) this.#write(sink, event);
  }

  #write(sink: OperatorSink, event: OperatorEvent): void {
    if (this.#sinks.has(sink) && !sink.write(event)) this.close(sink);
  }

  /** The first follows SUBSCRIBED at once. */
  #beat(sink: OperatorSink): void {
    this.#write(sink, {type: 'HEARTBEAT'});
    if (!this.#sinks.has(sink)) return;
    this.#sinks.set(
      sink,
      this.#options.clock.after(HEARTBEAT_SECONDS * 1000, () => this.#beat(sink)),
    );
  }
}
