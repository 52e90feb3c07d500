/** What a restart starts from. All counts are of instances of one app, whatever their version. */
export type RestartInput = {
  /** Instances that the new definition wants. */
  readonly wanted: number;
  /** Instances with a task now. */
  readonly total: number;
  /** Those of them that are meant to run and are healthy; without health checks, those that run. */
  readonly healthy: number;
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
  /** The app has persistent volumes: there can't be a replacement beside the old instance. */
  readonly resident: boolean;
};

export type RestartBudget = {
  /** Old instances to kill before anything new is healthy. */
  readonly killNow: number;
  /** Never more instances than this at a time, old and new together. */
  readonly max: number;
};

/** The whole number at or above the part of `wanted` that must stay healthy. */
export const minimumHealthy = (wanted: number, minimumHealthCapacity: number): number =>
  Math.ceil(exact(wanted * minimumHealthCapacity));

/** The arithmetic at the start of a rolling replacement. */
export function restartBudget(input: RestartInput): RestartBudget {
  const {wanted, total, healthy, resident} = input;
  const min = minimumHealthy(wanted, input.minimumHealthCapacity);
  let max = Math.floor(exact(wanted * (1 + input.maximumOverCapacity)));
  let killNow = Math.max(0, healthy - min);
  // No room to move: take one away (resident), or allow one more, or the replacement could never begin.
  if (min === max && max <= healthy) {
    if (resident) killNow = healthy - min + 1;
    else max += 1;
  }
  return {killNow: Math.max(total - wanted, killNow), max};
}

/** How many new instances may be queued now. `oldThere` counts old ones until they are terminal. */
export const restartLaunches = (wanted: number, max: number, oldThere: number, started: number): number =>
  Math.max(0, Math.min(wanted - started, max - oldThere - started));

/** 3 × 1.1 is 3.3000000000000003: products of a count and a decimal fraction are rounded before ceil and floor. */
const exact = (value: number): number => Math.round(value * 1e9) / 1e9;
