import type {Result} from '../../lib/result.ts';
import {err, ok} from '../../lib/result.ts';
import {type Item, parseItems, type PortRange} from './agent-resources.ts';
import type {Taken} from './foreign-pods.ts';
import type {Amounts} from './kube-amounts.ts';

/** Mesos's name and unit of each of Kubernetes's. Disk is what the node promises to pods; nobody enforces it for ours. */
const NAMES = [
  {name: 'cpus', kubeName: 'cpu', unit: 1000, digits: 3},
  {name: 'mem', kubeName: 'memory', unit: 2 ** 20, digits: 0},
  {name: 'disk', kubeName: 'ephemeral-storage', unit: 2 ** 20, digits: 0},
  {name: 'gpus', kubeName: 'nvidia.com/gpu', unit: 1, digits: 0},
] as const;

const DEFAULT_PORTS = '[31000-32000]';

/** What to offer: `--resources`, and what is never offered of it (cores, MiB …). */
export type ResourceOptions = {
  readonly given: readonly Item[];
  readonly headroom: ReadonlyMap<string, number>;
};

/** @returns an error that names the item which is wrong */
export function parseNodeResources(given: string, headroom: string): Result<ResourceOptions, string> {
  const items = parseItems(given);
  if (!items.ok) return err(`--resources: ${items.error}`);
  const ports = items.value.find(item => item.name === 'ports' && parsePorts(item.value) === undefined);
  if (ports !== undefined) return err(`--resources: want ranges for ports, got "${ports.value}"`);
  const spare = parseItems(headroom);
  if (!spare.ok) return err(`--headroom: ${spare.error}`);
  const unknown = spare.value.find(({name, role}) => role !== '' || !NAMES.some(known => known.name === name));
  if (unknown !== undefined) return err(`--headroom: want cpus, mem, disk or gpus, got "${unknown.name}"`);
  return ok({given: items.value, headroom: new Map(spare.value.map(({name, value}) => [name, Number(value)]))});
}

/**
 * What the node has left for tasks of ours, those that run included, in Mesos's text form. What is given is offered as
 * far as it is left, reservations first.
 *
 * @param expected kept back as well: room for pods that others may have bound already
 */
export function nodeResources(allocatable: Amounts, taken: Taken, expected: Amounts, options: ResourceOptions): string {
  const {given, headroom} = options;
  const scalars = NAMES.flatMap(({name, kubeName, unit, digits}) => {
    if (!allocatable.has(kubeName) && kubeName === 'nvidia.com/gpu') return [];
    const kept = (taken.requests.get(kubeName) ?? 0) + (expected.get(kubeName) ?? 0);
    const units = ((allocatable.get(kubeName) ?? 0) - kept) / unit;
    const left = Math.max(0, roundDown(units - (headroom.get(name) ?? 0), digits));
    const items = given.filter(item => item.name === name);
    return items.length === 0 ? [`${name}:${left}`] : capped(items, left, digits);
  });
  const ports = given.filter(({name}) => name === 'ports');
  const offeredPorts = (ports.length === 0 ? [{name: 'ports', role: '', value: DEFAULT_PORTS}] : ports).flatMap(
    ({name, role, value}) => {
      const free = without(parsePorts(value) ?? [], taken.ports);
      return free.length === 0 ? [] : [`${name}${role}:[${free.map(({begin, end}) => `${begin}-${end}`).join(',')}]`];
    },
  );
  const known = new Set<string>([...NAMES.map(({name}) => name), 'ports']);
  const others = given.filter(({name}) => !known.has(name)).map(({name, role, value}) => `${name}${role}:${value}`);
  return [...scalars, ...offeredPorts, ...others].join(';');
}

/** Floating point makes 0.3 of 0.1 + 0.2: a thousandth is not lost to that. */
function roundDown(amount: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.floor(Number((amount * factor).toFixed(6))) / factor;
}

/** As much of what is given as is left; what is reserved to a role comes first. */
function capped(items: readonly Item[], left: number, digits: number): string[] {
  let rest = left;
  const reservedFirst = items.toSorted((a, b) => Number(b.role !== '') - Number(a.role !== ''));
  return reservedFirst.map(({name, role, value}) => {
    const amount = Math.min(Number(value), rest);
    rest = roundDown(rest - amount, digits);
    return `${name}${role}:${amount}`;
  });
}

/** @returns undefined when it is no list of ranges */
function parsePorts(text: string): readonly PortRange[] | undefined {
  const inside = /^\[(.*)\]$/.exec(text)?.[1];
  if (inside === undefined) return undefined;
  const ranges = inside.split(',').map(part => /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(part));
  const read = ranges.flatMap(match => (match === null ? [] : [{begin: Number(match[1]), end: Number(match[2])}]));
  return read.length === ranges.length && read.every(({begin, end}) => begin <= end) ? read : undefined;
}

function without(ranges: readonly PortRange[], taken: ReadonlySet<number>): readonly PortRange[] {
  return [...taken].reduce((rest, port) => rest.flatMap(range => split(range, port)), ranges);
}

const split = ({begin, end}: PortRange, port: number): PortRange[] =>
  port < begin || port > end
    ? [{begin, end}]
    : [
        {begin, end: port - 1},
        {begin: port + 1, end},
      ].filter(part => part.begin <= part.end);
