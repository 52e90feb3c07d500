import {err, ok, type Result} from '../../../../lib/result.ts';

/** Both ends belong to it. */
export type PortRange = {readonly min: number; readonly max: number};

/**
 * Gives every wanted port that is 0 a number: first those that were assigned to this app before, in their order, then
 * the lowest free ones.
 *
 * @param wanted declared service ports, 0 = any
 * @param former what this app was assigned by its previous definition, in order
 * @param isTaken whether another app has a port; what users chose by number may collide, what we choose may not
 * @returns      one number for each wanted port, or why there is none
 */
export function assignServicePorts(
  wanted: readonly number[],
  former: readonly number[],
  isTaken: (port: number) => boolean,
  range: PortRange,
): Result<readonly number[], string> {
  const used = new Set(wanted);
  const again = former.filter(port => port >= range.min && port <= range.max && !wanted.includes(port));
  const assigned: number[] = [];
  for (const port of wanted) {
    const number = port === 0 ? (again.shift() ?? lowestFree(port => used.has(port) || isTaken(port), range)) : port;
    if (number === undefined) return err(`All ports in the range [${range.min}-${range.max}) are already in use`);
    used.add(number);
    assigned.push(number);
  }
  return ok(assigned);
}

function lowestFree(isUsed: (port: number) => boolean, {min, max}: PortRange): number | undefined {
  for (let port = min; port <= max; port++) if (!isUsed(port)) return port;
  return undefined;
}
