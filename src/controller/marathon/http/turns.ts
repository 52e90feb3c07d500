/** Makes changes of several apps one after the other: each is checked against what the one before has left. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  next<T>(change: () => Promise<T>): Promise<T> {
    const made = this.#last.then(change);
    this.#last = made.catch(() => undefined);
    return made;
  }
}
