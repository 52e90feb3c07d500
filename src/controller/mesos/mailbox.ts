/**
 * Serial commands of one owner. A command posted while another is being handled waits for its turn, so the owner's
 * state is never seen half changed; otherwise it is handled before `post` returns.
 */
export class Mailbox<Command> {
  readonly #handle: (command: Command) => void;
  #waiting: Command[] = [];
  #busy = false;
  #closed = false;

  constructor(handle: (command: Command) => void) {
    this.#handle = handle;
  }

  /** Commands that wait for their turn. */
  get length(): number {
    return this.#waiting.length;
  }

  /** After `close`, commands are dropped. */
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
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting;
        this.#waiting = [];
        for (const command of batch) if (!this.#closed) this.#handle(command);
      }
    } finally {
      this.#busy = false;
    }
  }
}
