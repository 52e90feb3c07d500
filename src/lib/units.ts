import {err, ok, type Result} from './result.ts';

const MS_BY_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  secs: 1000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** A hundred years: more is a slip of the keyboard, and far more is no time that a clock could add. */
const LONGEST_MS = 36_500 * 86_400_000;

/** What {@link parseDuration} takes, for schemas. */
export const DURATION_PATTERN = `^(\\d+(?:\\.\\d+)?)(${Object.keys(MS_BY_UNIT).join('|')})$`;
const DURATION = new RegExp(DURATION_PATTERN);

/** Reads a duration as Mesos writes it: a number and a unit without a space (`15secs`, `1.5hrs`). @returns milliseconds */
export function parseDuration(text: string): Result<number, string> {
  const match = DURATION.exec(text);
  if (match === null)
    return err(`want a number and one of ns us ms secs mins hrs days weeks, as in 15secs, got "${text}"`);
  const ms = Number(match[1]) * (MS_BY_UNIT[match[2] ?? ''] ?? 0);
  return ms <= LONGEST_MS ? ok(ms) : err(`want a duration of at most ${formatDuration(LONGEST_MS)}, got "${text}"`);
}

/** The shortest exact form, the inverse of {@link parseDuration}. */
export function formatDuration(ms: number): string {
  const units = Object.entries(MS_BY_UNIT).reverse();
  const [unit, size] = units.find(([, size]) => ms >= size && Number.isInteger(ms / size)) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
