const SLICE_MS = 8;

export type Breath = (atOnce?: 'at-once') => Promise<void>;

/**
 * For work of many small pieces that one call asks for: to be awaited between two pieces. When they have taken so long
 * that others wait, these get their turn; what the work rests on may have changed then.
 */
export function createBreath(
  nowMs: () => number = () => performance.now(),
  pause: (resume: () => void) => void = setImmediate,
): Breath {
  let sinceMs = nowMs();
  return async atOnce => {
    if (atOnce === undefined && nowMs() - sinceMs < SLICE_MS) return;
    await new Promise<void>(resolve => pause(resolve));
    sinceMs = nowMs();
  };
}
