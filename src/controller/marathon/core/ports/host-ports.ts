import type {Range} from '../../../../api/mesos/v1/resources.ts';
import type {Random} from '../../../../lib/clock.ts';
import type {PortSpec} from './port-specs.ts';

/**
 * Chooses a host port for each declared port: exact ones must be on offer, the others are consecutive free ports from a
 * random start.
 *
 * @param servicePorts assigned service ports in declared order, for ports that are wanted under that number on the host
 * @returns            one entry for each port (undefined: none on the host), or undefined when the offer has too few
 */
export function chooseHostPorts(
  specs: readonly PortSpec[],
  servicePorts: readonly number[],
  offered: readonly Range[],
  random: Random,
): readonly (number | undefined)[] | undefined {
  const fixed = wantedHostPorts(specs, servicePorts);
  const exact = fixed.filter(port => typeof port === 'number');
  const spoken = specs.flatMap(({protocol}, index) =>
    typeof fixed[index] === 'number' ? protocol.split(',').map(word => `${fixed[index]}/${word}`) : [],
  );
  // One number serves two ports of different protocols.
  if (new Set(spoken).size < spoken.length || !exact.every(port => includes(offered, port))) return undefined;
  const free = consecutive(offered, fixed.filter(port => port === 'any').length, new Set(exact), random);
  if (free === undefined) return undefined;
  return fixed.map(port => (port === 'any' ? free.shift() : port === 'none' ? undefined : port));
}

/** Host ports that are asked for by number and are not on offer. */
export const missingHostPorts = (
  specs: readonly PortSpec[],
  servicePorts: readonly number[],
  offered: readonly Range[],
): readonly number[] =>
  wantedHostPorts(specs, servicePorts)
    .filter(port => typeof port === 'number')
    .filter(port => !includes(offered, port));

const wantedHostPorts = (specs: readonly PortSpec[], servicePorts: readonly number[]) =>
  specs.map((spec, index) => (spec.hostPort === 'service' ? servicePorts[index] : spec.hostPort));

const includes = (ranges: readonly Range[], port: number): boolean =>
  ranges.some(({begin, end}) => begin <= port && port <= end);

/** `count` ports in a row over all ranges, beginning anywhere and wrapping around; `taken` ones are passed over. */
function consecutive(
  ranges: readonly Range[],
  count: number,
  taken: ReadonlySet<number>,
  random: Random,
): number[] | undefined {
  const size = ranges.reduce((sum, {begin, end}) => sum + end - begin + 1, 0);
  if (size - taken.size < count) return undefined;
  const start = Math.floor(random() * size);
  const ports: number[] = [];
  for (let step = 0; ports.length < count && step < size; step++) {
    const port = portAt(ranges, (start + step) % size);
    if (!taken.has(port)) ports.push(port);
  }
  return ports;
}

function portAt(ranges: readonly Range[], position: number): number {
  let left = position;
  for (const {begin, end} of ranges) {
    const size = end - begin + 1;
    if (left < size) return begin + left;
    left -= size;
  }
  throw new Error(`no port at position ${position}`);
}
