// Numbers and times for people: a number never stands without its unit.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param seconds a length of time */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h`;
  return `${Math.floor(whole / DAY)} d`;
}

/** @returns such as "3 min ago" */
export function ago(ms: number, nowMs: number): string {
  const seconds = (nowMs - ms) / 1000;
  if (Math.abs(seconds) < 2) return 'just now';
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

/** @param mebibytes @returns with the unit that keeps it short */
export function mebibytes(mebibytes: number): string {
  const units = ['MiB', 'GiB', 'TiB', 'PiB'] as const;
  let value = mebibytes;
  let unit = 0;
  for (; Math.abs(value) >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${short(value)} ${units[unit]}`;
}

/** @returns with one digit behind the point, none when it is whole */
export const short = (value: number): string => String(Math.round(value * 10) / 10);

export const cpus = (value: number): string => `${Math.round(value * 100) / 100} CPUs`;

/** @param share 0 to 1 */
export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

export const count = (value: number, one: string, many = `${one}s`): string =>
  `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
