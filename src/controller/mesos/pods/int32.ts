/** The most that Kubernetes takes for seconds, counts and ids in a pod. In seconds it is 68 years. */
const MOST = 2 ** 31 - 1;

/** The number of a user or group. @returns undefined for a name, and for a number that Kubernetes does not take */
export const idOf = (text: string): number | undefined =>
  /^\d+$/.test(text) && Number(text) <= MOST ? Number(text) : undefined;

/** A number as a field of a pod takes it: whole, and in range. Mesos's numbers may be larger and have fractions. */
export const inInt32 = (value: number, least: 0 | 1): number => Math.min(MOST, Math.max(least, Math.ceil(value)));
