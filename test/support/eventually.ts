import {setTimeout as wait} from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/**
 * Asks again until `look` returns something other than undefined or false, for what only polling can see (another
 * process, a page). An exception thrown by `look` counts as "not yet" and is shown when the time is over.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<Exclude<T, undefined | false | null>> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false && seen !== null) return seen as Exclude<T, undefined | false | null>;
      last = seen;
    } catch (error) {
      last = error;
    }
    await wait(LOOK_EVERY_MS);
  }
  throw new Error(`not seen within ${withinMs} ms: ${what}; last: ${String(last)}`);
}
