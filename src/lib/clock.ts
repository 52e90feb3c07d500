/** A running timer; only its clock can stop it. */
export type Timer = {readonly cancel: () => void};

/** Time as an argument: the system's in production, a virtual one in tests. */
export type Clock = {
  /** Wall-clock time, milliseconds since the Unix epoch. May jump. */
  readonly now: () => number;
  /** Milliseconds since an arbitrary start. Never jumps back; use it to measure how long something took or may take. */
  readonly monotonic: () => number;
  /** Runs `callback` once, `delayMs` from now. */
  readonly after: (delayMs: number, callback: () => void) => Timer;
};

/** Chance as an argument: numbers in [0, 1). */
export type Random = () => number;
