/** What is left of a command: each call does a part of it. @returns what is left then */
export type Rest = () => Rest | undefined;

/**
 * Serial commands of one owner. A command posted while another is being handled waits for its turn, so the owner's
 * state is never seen half changed; otherwise it is handled before `post` returns. A long command may be handled in
 * parts, with a pause between two for everything else that the process does; the other commands wait until its end.
 */
export class Mailbox<Command> {
  readonly #handle: (command: Command) => Rest | undefined;
  readonly #pause: (resume: () => void) => void;
  #waiting: Command[] = [];
  #busy = false;
  #closed = false;

  /**
   * @param handle answers what is left of the command, if it is not done
   * @param pause  calls back later
   */
  constructor(handle: (command: Command) => Rest | undefined, pause: (resume: () => void) => void) {
    this.#handle = handle;
    this.#pause = pause;
  }

  /** Commands that wait for their turn. */
  get length(): number {
    return this.#waiting.length;
  }

  /** After `close`, commands are dropped, and so is what is left of one. */
  post(command: Command): void {
    if (this.#closed) return;
    this.#waiting.push(command);
    if (!this.#busy) this.#drain();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #drain(): void {
    this.#busy = true;
    let rest: Rest | undefined;
    let handled = 0;
    const batch = this.#waiting;
    try {
      while (rest === undefined && handled < batch.length && !this.#closed) {
        const command = batch[handled++];
        if (command !== undefined) rest = this.#handle(command);
      }
    } finally {
      this.#busy = rest !== undefined;
      if (!this.#closed) this.#waiting = batch.slice(handled);
    }
    if (rest !== undefined) this.#later(rest);
  }

  #later(rest: Rest): void {
    this.#pause(() => {
      if (this.#closed) return;
      const left = rest();
      if (left !== undefined) return this.#later(left);
      this.#drain();
    });
  }
}
