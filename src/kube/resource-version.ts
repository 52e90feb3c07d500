const DECIMAL = /^[0-9]+$/;

/**
 * Below, at or above zero as `a` is older than, the same as or newer than `b`. Within one kind resource versions are
 * whole numbers that grow (guaranteed since Kubernetes 1.35, true of etcd before); undefined for anything else.
 */
export function compareVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 0;
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  // Numbers of any length without BigInt: the longer one is larger, equally long ones compare as text.
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

export const isEarlier = (a: string | undefined, b: string | undefined): boolean => (compareVersions(a, b) ?? 0) < 0;

export const isAtLeast = (a: string | undefined, b: string | undefined): boolean => (compareVersions(a, b) ?? -1) >= 0;
