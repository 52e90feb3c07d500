import type {Clock, Random, Timer} from '../../lib/clock.ts';
import {limitOf} from '../../lib/limits.ts';
import {uuid, versionAt} from './core/ids.ts';
import type {MarathonEvent} from './core/marathon-event.ts';
import {eventJson} from './views/event-json.ts';

/** An event as it is sent. `id`: which start of a Marathon, and which event since. */
export type SentEvent = {readonly id: string; readonly type: string; readonly json: string};

export type EventListener = {
  readonly onEvent: (event: SentEvent) => void;
  /** Nothing happened for a while. */
  readonly onQuiet: () => void;
};

export type EventHubOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Events that are kept for those who come back. */
  readonly most: number;
};

/** A request whose change is being written, and what is to be told when the change is accepted. */
type Expected = {deploymentId: string | undefined; readonly events: () => readonly MarathonEvent[]};

const QUIET_MS = 10_000;

/** Hands Marathon's events to all who listen, in their order, and keeps the last ones. */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #start: string;
  readonly #listeners = new Set<EventListener>();
  readonly #expected = new Set<Expected>();
  readonly #kept: SentEvent[] = [];
  #keptBytes = 0;
  #count = 0;
  #quiet: Timer | undefined;

  constructor(options: EventHubOptions) {
    this.#options = options;
    this.#start = uuid(options.random).slice(0, 8);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(event: MarathonEvent): void {
    if (event.eventType === 'group_change_success') this.#tellExpected(event.deploymentId);
    const json = eventJson(event, versionAt(this.#options.clock.now()));
    const sent = {id: `${this.#start}-${++this.#count}`, type: event.eventType, json: JSON.stringify(json)};
    this.#keep(sent);
    for (const listener of [...this.#listeners]) listener.onEvent(sent);
  }

  /**
   * What a request tells besides, before the events of its change.
   *
   * @returns `decided` names the deployment; `done` tells it if nothing has changed, and forgets it
   */
  expect(events: () => readonly MarathonEvent[]): {
    readonly decided: (deploymentId: string) => void;
    readonly done: (accepted: boolean) => void;
  } {
    const expected: Expected = {deploymentId: undefined, events};
    this.#expected.add(expected);
    return {
      decided: deploymentId => {
        expected.deploymentId = deploymentId;
      },
      done: accepted => {
        const isTold = !this.#expected.delete(expected);
        if (accepted && !isTold) expected.events().forEach(event => this.publish(event));
      },
    };
  }

  /** @returns what ends it */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#scheduleQuiet();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#quiet?.cancel();
    };
  }

  /** What came after an event; undefined when that one is not known, or too much came since. */
  after(id: string): readonly SentEvent[] | undefined {
    const [first] = this.#kept;
    const [start, count] = id.split('-');
    if (start !== this.#start || count === undefined || !/^\d+$/.test(count)) return undefined;
    const next = Number(count) + 1;
    const firstCount = first === undefined ? this.#count + 1 : this.#count - this.#kept.length + 1;
    return next < firstCount || next > this.#count + 1 ? undefined : this.#kept.slice(next - firstCount);
  }

  #tellExpected(deploymentId: string): void {
    for (const expected of this.#expected) {
      if (expected.deploymentId !== deploymentId) continue;
      this.#expected.delete(expected);
      expected.events().forEach(event => this.publish(event));
    }
  }

  #keep(event: SentEvent): void {
    this.#kept.push(event);
    this.#keptBytes += event.json.length;
    const most = limitOf('eventBytes');
    let surplus = 0;
    while (this.#kept.length - surplus > this.#options.most || this.#keptBytes > most) {
      this.#keptBytes -= this.#kept[surplus]?.json.length ?? 0;
      surplus += 1;
    }
    this.#kept.splice(0, surplus);
  }

  #scheduleQuiet(): void {
    this.#quiet = this.#options.clock.after(QUIET_MS, () => {
      this.#scheduleQuiet();
      for (const listener of [...this.#listeners]) listener.onQuiet();
    });
  }
}
