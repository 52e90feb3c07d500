import {err} from '../../lib/result.ts';
import type {Backoff} from '../../kube/backoff.ts';
import type {KubeError} from '../../kube/types.ts';
import type {Result} from '../../lib/result.ts';

/** One write to Kubernetes. It may be made several times, so it must bear repetition: it reads what it needs each time. */
export type Attempt<T = unknown> = () => Promise<Result<T, KubeError>>;

type Refusal = KubeError & {readonly kind: 'http'};

/**
 * How a write ended. `gone`: the object is not there, or another one has its name. `refused`: for good. `lost`: this
 * process may not write any more, or the write was dropped; nobody knows what became of it.
 */
export type Outcome<T = unknown> =
  | {readonly kind: 'done'; readonly value: T}
  | {readonly kind: 'gone'; readonly error: Refusal}
  | {readonly kind: 'refused'; readonly error: Refusal}
  | {readonly kind: 'lost'};

export const LOST: Outcome & {readonly kind: 'lost'} = {kind: 'lost'};

/** A write in the outbox. Times are monotonic milliseconds. */
export type Write = {
  attempt: Attempt;
  /** Of those that only their latest form is wanted of. */
  readonly slot: string | undefined;
  readonly urgent: boolean;
  readonly askedMs: number;
  /** Not begun, or begun again, from then on. */
  readonly untilMs: number;
  readonly backoff: Backoff;
  readonly end: (outcome: Outcome) => void;
  begun: boolean;
  /** Nobody waits for it any more: it is not repeated. */
  abandoned: boolean;
};

/** The writes of one object, in order. */
export class WriteLine {
  #writes: Write[] = [];
  /** The first is under way. */
  asking = false;

  get first(): Write | undefined {
    return this.#writes[0];
  }

  get isEmpty(): boolean {
    return this.#writes.length === 0;
  }

  /** Nothing goes before the first: it may have begun. */
  add(write: Write): void {
    const place = write.urgent ? this.#writes.findIndex((other, index) => index > 0 && !other.urgent) : -1;
    this.#writes.splice(place < 0 ? this.#writes.length : place, 0, write);
  }

  /** The one that waits under this slot. */
  waiting(slot: string): Write | undefined {
    return this.#writes.find(write => write.slot === slot && !write.begun);
  }

  shift(): Write | undefined {
    return this.#writes.shift();
  }

  /** Keeps the one that is under way, but not for another attempt. @returns the others */
  drop(isMeant: (write: Write) => boolean): readonly Write[] {
    const underWay = this.asking ? this.first : undefined;
    if (underWay !== undefined && isMeant(underWay)) underWay.abandoned = true;
    const dropped = this.#writes.filter(write => write !== underWay && isMeant(write));
    this.#writes = this.#writes.filter(write => !dropped.includes(write));
    return dropped;
  }
}

/** A mistake of ours in an attempt is an error like any other, but for good. */
export async function attempted(write: Write): Promise<Result<unknown, KubeError>> {
  try {
    return await write.attempt();
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return err({kind: 'http', status: 400, reason: 'Failed', message: `the write failed in itself: ${message}`});
  }
}
