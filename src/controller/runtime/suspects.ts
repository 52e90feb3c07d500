import type {Subject} from '../../lib/blame.ts';

/** What to do after a throw: rebuild the state, rebuild it without the subject, or end the process. */
export type Verdict = 'rebuild' | 'set-aside' | 'give-up';

/** Throws within this time belong together. */
const SPAN_MS = 60_000;
/** A subject that changes before each throw is set aside after so many, whatever its version. */
const MOST_OF_ONE = 3;
/** So many throws that nobody can be blamed for, and the process gives up. */
const MOST_OF_NONE = 3;
/** What was set aside whatever its version is tried again then. */
const RETRY_MS = 600_000;

type Suspect = {
  /** Undefined until somebody who knows the version names the subject. */
  version: string | undefined;
  throwsMs: number[];
  aside: {readonly reason: string; readonly untilMs: number} | undefined;
};

/**
 * Remembers on whose behalf code of ours threw. The first throw is forgiven: the state is rebuilt with everything. A
 * subject that makes us throw again at the same version is set aside alone, until it changes. Times are monotonic.
 */
export class Suspects {
  readonly #suspects = new Map<string, Suspect>();
  #unblamedMs: readonly number[] = [];
  #lastMs = -Infinity;
  #streak = 0;

  /** @param reason what was thrown, in words */
  judge(subject: Subject | undefined, reason: string, nowMs: number): Verdict {
    this.#streak = nowMs - this.#lastMs < SPAN_MS ? this.#streak + 1 : 0;
    this.#lastMs = nowMs;
    if (subject === undefined) {
      this.#unblamedMs = [...recent(this.#unblamedMs, nowMs), nowMs];
      return this.#unblamedMs.length > MOST_OF_NONE ? 'give-up' : 'rebuild';
    }
    const suspect = this.#suspectOf(subject);
    const isSame = suspect.throwsMs.length > 0 && sameVersion(suspect, subject);
    suspect.version = subject.version ?? suspect.version;
    suspect.throwsMs = [...recent(suspect.throwsMs, nowMs), nowMs];
    const changesAlways = suspect.throwsMs.length >= MOST_OF_ONE && !isSame;
    if (!isSame && !changesAlways) return 'rebuild';
    suspect.aside = {reason, untilMs: changesAlways ? nowMs + RETRY_MS : Infinity};
    return 'set-aside';
  }

  /** Why the subject is set aside; undefined when it is not, or has changed since. */
  whyAside(subject: Subject, nowMs: number): string | undefined {
    const suspect = this.#suspects.get(keyOf(subject));
    if (suspect?.aside === undefined) return undefined;
    const {reason, untilMs} = suspect.aside;
    const isAside = untilMs === Infinity ? sameVersion(suspect, subject) : nowMs < untilMs;
    if (isAside) suspect.version ??= subject.version;
    return isAside ? reason : undefined;
  }

  /** Whether the subject was set aside and has changed since: it is tried again from now on. */
  takeBack(subject: Subject): boolean {
    const suspect = this.#suspects.get(keyOf(subject));
    if (suspect?.aside?.untilMs !== Infinity || sameVersion(suspect, subject)) return false;
    suspect.aside = undefined;
    return true;
  }

  /** Throws that followed each other closely before the last: how long to wait before the next attempt grows with them. */
  get streak(): number {
    return this.#streak;
  }

  /** Whether anything is set aside or suspected; most of the time nothing is, and nobody need ask. */
  get isEmpty(): boolean {
    return this.#suspects.size === 0;
  }

  #suspectOf(subject: Subject): Suspect {
    const known = this.#suspects.get(keyOf(subject));
    if (known !== undefined) return known;
    const suspect: Suspect = {version: undefined, throwsMs: [], aside: undefined};
    this.#suspects.set(keyOf(subject), suspect);
    return suspect;
  }
}

const keyOf = ({kind, name}: Subject): string => `${kind}/${name}`;

const recent = (timesMs: readonly number[], nowMs: number): number[] => timesMs.filter(ms => nowMs - ms < SPAN_MS);

const sameVersion = (suspect: Suspect, {version}: Subject): boolean =>
  suspect.version === undefined || version === undefined || suspect.version === version;
