import type {SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import type {Clock, Timer} from '../../../lib/clock.ts';

/** Seconds between two HEARTBEAT events, as SUBSCRIBED tells. */
export const HEARTBEAT_SECONDS = 15;

/** Where one event stream goes: an HTTP response, or a framework in this process. */
export type EventSink = {
  /** @returns false when the reader is too slow to go on; the stream is closed then */
  readonly write: (event: SchedulerEvent) => boolean;
  /** Called once, after the last event. */
  readonly end: (reason: string) => void;
};

type Session = {readonly sink: EventSink; heartbeat: Timer | undefined};

/** The open event streams by stream id, their heartbeats and their ends. */
export class Sessions {
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #onLost: (streamId: string, reason: string) => void;
  readonly #sessions = new Map<string, Session>();

  /** @param onLost the stream ended without the master's doing: the reader left, or was too slow */
  constructor(clock: Clock, newId: () => string, onLost: (streamId: string, reason: string) => void) {
    this.#clock = clock;
    this.#newId = newId;
    this.#onLost = onLost;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** @returns the new stream's id */
  open(makeSink: (streamId: string) => EventSink): string {
    const streamId = this.#newId();
    this.#sessions.set(streamId, {sink: makeSink(streamId), heartbeat: undefined});
    return streamId;
  }

  /** Events to a stream that has ended are dropped: the framework will subscribe anew. */
  send(streamId: string, event: SchedulerEvent): void {
    const session = this.#sessions.get(streamId);
    if (session === undefined) return;
    if (!session.sink.write(event)) return this.lost(streamId, 'the reader is too slow');
    if (event.type === 'SUBSCRIBED') this.#beat(streamId, session);
  }

  /** The master ends the stream. */
  close(streamId: string, reason: string): void {
    this.#remove(streamId)?.sink.end(reason);
  }

  /** The other side has ended the stream, or has to be taken for gone. */
  lost(streamId: string, reason: string): void {
    const session = this.#remove(streamId);
    if (session === undefined) return;
    session.sink.end(reason);
    this.#onLost(streamId, reason);
  }

  closeAll(reason: string): void {
    for (const streamId of [...this.#sessions.keys()]) this.close(streamId, reason);
  }

  #remove(streamId: string): Session | undefined {
    const session = this.#sessions.get(streamId);
    session?.heartbeat?.cancel();
    this.#sessions.delete(streamId);
    return session;
  }

  /** The first heartbeat follows SUBSCRIBED at once. */
  #beat(streamId: string, session: Session): void {
    if (this.#sessions.get(streamId) !== session) return;
    session.heartbeat?.cancel();
    session.heartbeat = this.#clock.after(HEARTBEAT_SECONDS * 1000, () => this.#beat(streamId, session));
    if (!session.sink.write({type: 'HEARTBEAT'})) this.lost(streamId, 'the reader is too slow');
  }
}
