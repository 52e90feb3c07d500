import {Blamed, messageOf, type Subject} from '../../lib/blame.ts';
import type {Timer} from '../../lib/clock.ts';
import type {Fault, OwnerOptions, Slices} from './owner-options.ts';
import {Suspects} from './suspects.ts';
import {Waiters} from './waiters.ts';

type Rest<Command, Effect> = {readonly command: Command; readonly slices: Slices<Effect>; spentMs: number};

/** So long the owner keeps the process busy before streams, Leases and requests have their turn. */
const SLICE_MS = 15;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 30_000;

/**
 * The one owner of a state: handles commands one after the other. A command that is posted while another is handled
 * waits; otherwise it is handled before `post` returns.
 *
 * A throw never leaves a half-changed state in use. The state is dropped at once, nobody sees it again, and it is rebuilt
 * the way that a new leader does it: `begin`, `restore`. What the throw was about is set aside when it happens again.
 */
export class Owner<State, Command extends {readonly kind: string}, Effect> {
  readonly #options: OwnerOptions<State, Command, Effect>;
  readonly #suspects = new Suspects();
  readonly #waiters: Waiters;
  #state: State | undefined;
  #phase: 'recovering' | 'serving' | 'stopped' = 'recovering';
  #waiting: Command[] = [];
  /** Of `waiting`, those that have to be handled before calls are served. */
  #toRestore = 0;
  #busy = false;
  /** The part of a command that is not done. */
  #rest: Rest<Command, Effect> | undefined;
  #fault: Fault | undefined;
  #backoff: Timer | undefined;

  constructor(options: OwnerOptions<State, Command, Effect>) {
    this.#options = options;
    this.#waiters = new Waiters(options.clock);
  }

  /** To be read, not changed. Undefined from a throw until the state is being rebuilt. */
  get state(): State | undefined {
    return this.#state;
  }

  get phase(): 'recovering' | 'serving' | 'stopped' {
    return this.#phase;
  }

  /** Commands that wait for their turn. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Reads the state for the first time; resolves when calls can be served, or `stop` was called. */
  async start(): Promise<void> {
    await this.#rebuild();
    await this.until(() => this.#phase !== 'recovering');
  }

  /** Handles nothing more. Whoever waits is told that what he waits for did not happen. */
  stop(): void {
    this.#phase = 'stopped';
    this.#backoff?.cancel();
    this.#waiting = [];
    this.#rest = undefined;
    this.#waiters.close();
  }

  /**
   * @returns why the command was not handled, when that is known at once: it made the owner throw, or what it is about
   *          is set aside, or the state is being read
   */
  post(command: Command): string | undefined {
    if (this.#state === undefined || this.#phase === 'stopped') return this.#fault?.message ?? 'not serving';
    const subject = this.#suspects.isEmpty ? undefined : this.#options.subjectOf(command);
    if (subject !== undefined && this.reconsider(subject)) return undefined;
    const aside = this.#whyAside(command);
    if (aside !== undefined) return aside;
    this.#waiting.push(command);
    if (this.#busy || this.#rest !== undefined) return undefined;
    this.#drain();
    return this.#state === undefined ? this.#fault?.message : undefined;
  }

  /**
   * An object was seen. If it was set aside and has changed since, the state is rebuilt with it and all that depends on it.
   *
   * @returns whether it is: what is to be told of it is read anew
   */
  reconsider(subject: Subject): boolean {
    if (this.#state === undefined || !this.#suspects.takeBack(subject)) return false;
    this.#options.log.info('what was set aside has changed and is tried again', {...subject});
    this.#dropState();
    this.#recover(
      {command: 'changed', subject, message: 'an object that was left out has changed', setAside: false},
      0,
    );
    return true;
  }

  /** Resolves with true as soon as the condition holds after a command, with false after `withinMs` or at the stop. */
  until(condition: () => boolean, withinMs?: number): Promise<boolean> {
    return this.#waiters.until(condition, withinMs);
  }

  /** What was thrown for a subject that is set aside; undefined for every other. */
  whyAside(subject: Subject): string | undefined {
    return this.#suspects.whyAside(subject, this.#options.clock.monotonic());
  }

  #whyAside(command: Command): string | undefined {
    if (this.#suspects.isEmpty) return undefined;
    const {dependsOn, subjectOf} = this.#options;
    const subject = subjectOf(command);
    const subjects = [...(subject === undefined ? [] : [subject]), ...(dependsOn?.(command) ?? [])];
    const aside = subjects.find(each => this.whyAside(each) !== undefined);
    return aside && `${aside.kind} ${aside.name} is set aside: ${this.whyAside(aside)}`;
  }

  /** Handles what waits, for a slice at a time. */
  #drain(): void {
    this.#busy = true;
    const beganMs = this.#options.clock.monotonic();
    const batch = this.#waiting;
    let handled = 0;
    let isLong = false;
    while (!isLong && this.#state !== undefined && this.#phase !== 'stopped') {
      if (this.#rest === undefined) {
        const command = batch[handled++];
        if (command === undefined) break;
        this.#guard(command, () => this.#begin(command));
      } else {
        const rest = this.#rest;
        this.#guard(rest.command, () => this.#goOn(rest));
      }
      isLong = this.#options.clock.monotonic() - beganMs >= SLICE_MS;
    }
    this.#busy = false;
    // Dropped by a throw or a stop, it is another list by now.
    if (this.#waiting === batch) this.#waiting = batch.slice(Math.min(handled, batch.length));
    this.#waiters.look();
    if (this.#rest !== undefined || (isLong && this.#waiting.length > 0)) this.#pause(() => this.#resume());
  }

  #pause(resume: () => void): void {
    (this.#options.pause ?? setImmediate)(resume);
  }

  #resume(): void {
    if (!this.#busy && this.#phase !== 'stopped') this.#drain();
  }

  #begin(command: Command): void {
    const {clock, onHandled, perform, step} = this.#options;
    const beganMs = clock.monotonic();
    // What is set aside now may have been posted before.
    const done = this.#whyAside(command) === undefined && this.#state ? step(this.#state, command, clock.now()) : [];
    if ('next' in done) this.#rest = {command, slices: done, spentMs: 0};
    else {
      perform(done);
      onHandled?.(command, clock.monotonic() - beganMs);
      this.#handled();
    }
  }

  /** One slice; it is as long as the step makes it. */
  #goOn(rest: Rest<Command, Effect>): void {
    const {clock, onHandled, perform} = this.#options;
    const beganMs = clock.monotonic();
    const slice = rest.slices.next();
    perform(slice.value);
    rest.spentMs += clock.monotonic() - beganMs;
    if (slice.done !== true) return;
    this.#rest = undefined;
    onHandled?.(rest.command, rest.spentMs);
    this.#handled();
  }

  #handled(): void {
    if (this.#phase !== 'recovering' || --this.#toRestore > 0) return;
    this.#phase = 'serving';
    this.#options.onServing?.();
  }

  #guard(command: Command, work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#drop(command, thrown);
    }
  }

  #dropState(): void {
    this.#state = undefined;
    this.#waiting = [];
    this.#rest = undefined;
    if (this.#phase === 'serving') this.#phase = 'recovering';
  }

  #drop(command: Command, thrown: unknown): void {
    const {name, clock, log, onFault, onFatal, subjectOf} = this.#options;
    this.#dropState();
    if (this.#phase === 'stopped') return;
    const subject = thrown instanceof Blamed ? thrown.subject : subjectOf(command);
    const message = messageOf(thrown);
    const verdict = this.#suspects.judge(subject, message, clock.monotonic());
    const fault: Fault = {command: command.kind, subject, message, setAside: verdict === 'set-aside'};
    this.#fault = fault;
    log.error(`the ${name} failed and is rebuilt`, {...fault, error: thrown});
    onFault?.(fault);
    if (verdict === 'give-up') return onFatal(`the ${name} failed at ${command.kind} again and again: ${message}`);
    this.#recover(fault, this.#suspects.streak);
  }

  /** @param failures that came closely before: the more, the later */
  #recover(fault: Fault, failures: number): void {
    const {letGo, log, name, onFatal} = this.#options;
    letGo(fault)
      .catch((error: unknown) => log.error(`the ${name} could not let go`, {error}))
      .then(() => this.#wait(failures))
      .then(() => this.#rebuild())
      .catch((error: unknown) => onFatal(`the ${name} cannot be rebuilt: ${messageOf(error)}`));
  }

  async #rebuild(): Promise<void> {
    const {begin, restore, log, name} = this.#options;
    for (let attempt = 1; this.#phase === 'recovering'; attempt++) {
      try {
        const commands = await restore();
        if (this.#phase !== 'recovering') return;
        this.#state = begin();
        return this.#take(commands);
      } catch (error) {
        log.error(`the ${name} could not read what is there`, {error, attempt});
        await this.#wait(attempt);
      }
    }
  }

  /** From here on, what is posted waits behind what was read. */
  #take(commands: readonly Command[]): void {
    this.#toRestore = commands.length;
    this.#waiting = [...commands];
    if (commands.length === 0) this.#handled();
    this.#drain();
  }

  /** @param failures 0: the first, which need not wait */
  #wait(failures: number): Promise<void> {
    if (failures === 0) return Promise.resolve();
    const delayMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
    return new Promise(resolve => (this.#backoff = this.#options.clock.after(delayMs, resolve)));
  }
}
