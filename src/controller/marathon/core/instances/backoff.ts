/** Milliseconds, but `factor`. */
export type BackoffPolicy = {readonly initialMs: number; readonly factor: number; readonly maxMs: number};

/** The one delay that all instances of an app share. */
export type LaunchDelay = {readonly failures: number; readonly delayMs: number; readonly untilMs: number};

/** One more failure: the wait starts at `initialMs` and is multiplied from then on, up to `maxMs`. */
export function afterFailure(delay: LaunchDelay | undefined, policy: BackoffPolicy, nowMs: number): LaunchDelay {
  const wanted = delay === undefined ? policy.initialMs : delay.delayMs * policy.factor;
  const delayMs = Math.min(wanted, policy.maxMs);
  return {failures: (delay?.failures ?? 0) + 1, delayMs, untilMs: nowMs + delayMs};
}

/** A delay is forgotten when nothing failed for `maxMs` after its end. */
export const isForgotten = (delay: LaunchDelay, policy: BackoffPolicy, nowMs: number): boolean =>
  nowMs >= delay.untilMs + policy.maxMs;

export const isDelayed = (delay: LaunchDelay | undefined, nowMs: number): boolean =>
  delay !== undefined && nowMs < delay.untilMs;
