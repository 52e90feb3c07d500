const QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
  ['p9999', 0.9999],
] as const;
const HOUR_MS = 3_600_000;
const MAX_SAMPLES = 1000;

type Sample = {readonly atMs: number; readonly value: number};

/** The last hour of one timer, at most 1000 samples, as Mesos publishes timers. */
export class TimerWindow {
  #samples: Sample[] = [];

  /** @param value milliseconds */
  add(value: number, nowMs: number): void {
    this.#samples.push({atMs: nowMs, value});
    this.#forget(nowMs);
  }

  /**
   * @returns `<name>_ms` (the latest) and, from the second sample on, count, extremes and quantiles below it; nothing
   *          while the window is empty
   */
  snapshot(name: string, nowMs: number): Record<string, number> {
    this.#forget(nowMs);
    const last = this.#samples.at(-1);
    if (last === undefined) return {};
    const result: Record<string, number> = {[name]: last.value};
    if (this.#samples.length < 2) return result;
    const sorted = this.#samples.map(sample => sample.value).sort((a, b) => a - b);
    result[`${name}/count`] = sorted.length;
    result[`${name}/min`] = sorted[0] ?? 0;
    result[`${name}/max`] = sorted.at(-1) ?? 0;
    for (const [label, quantile] of QUANTILES) result[`${name}/${label}`] = at(sorted, quantile);
    return result;
  }

  #forget(nowMs: number): void {
    const tooMany = this.#samples.length - MAX_SAMPLES;
    const firstFresh = this.#samples.findIndex(sample => sample.atMs > nowMs - HOUR_MS);
    const drop = Math.max(tooMany, firstFresh === -1 ? this.#samples.length : firstFresh);
    if (drop > 0) this.#samples = this.#samples.slice(drop);
  }
}

/** Linear interpolation between the two neighbours, as Mesos does. */
function at(sorted: readonly number[], quantile: number): number {
  const position = quantile * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}
