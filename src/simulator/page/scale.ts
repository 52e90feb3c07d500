import {shortDuration} from '../format.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(n => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12].map(n => n * HOUR),
  ...[1, 2, 7, 14, 30].map(n => n * DAY),
];

/** Instants for an axis of time, from 0: nine at most. */
export function timeTicks(lastMs: number): number[] {
  const step = STEPS.find(one => lastMs / one <= 8) ?? Math.ceil(lastMs / 8 / DAY) * DAY;
  return Array.from({length: Math.floor(lastMs / step) + 1}, (_, i) => i * step);
}

export const timeText = (ms: number): string => (ms === 0 ? '0' : shortDuration(ms));

/** Values for an axis from 0: five or six, the last one not below `most`. */
export function valueTicks(most: number): number[] {
  if (most <= 0) return [0, 1];
  const rough = most / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(n => n * size).find(one => one >= rough) ?? rough;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({length: count + 1}, (_, i) => Number((i * step).toPrecision(12)));
}
