import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Command} from '../core/commands.ts';
import type {Effect} from '../core/effects.ts';

type Answer = Result<void, CallRefused>;

/** Requests of the operator that the owner answers when what they asked for is done, and durable. */
export class OperatorRequests {
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #next = 0;

  /**
   * @param post    answers why the command was not handled, when that is known at once
   * @param command made with the request's id; its `answer` resolves the promise
   */
  ask(post: (command: Command) => string | undefined, command: (requestId: string) => Command): Promise<Answer> {
    const requestId = String(this.#next++);
    return new Promise(resolve => {
      this.#waiting.set(requestId, resolve);
      const problem = post(command(requestId));
      if (problem !== undefined && this.#waiting.delete(requestId)) resolve(err({status: 500, message: problem}));
    });
  }

  answered({requestId, refusal}: Effect & {readonly kind: 'answer'}): void {
    this.#waiting.get(requestId)?.(refusal === undefined ? ok(undefined) : err(refusal));
    this.#waiting.delete(requestId);
  }

  /** Nobody will answer any more: whether it was done is not known. */
  refuse(message: string): void {
    for (const resolve of this.#waiting.values()) resolve(err({status: 503, message}));
    this.#waiting.clear();
  }
}
