import {err, ok, type Result} from '../../lib/result.ts';

/** What a machine has; MiB. */
export type Machine = {readonly cpus: number; readonly memMb: number; readonly diskFreeMb: number};

export type PortRange = {readonly begin: number; readonly end: number};

/** An agent's resources: the text that goes into MesosAgent, and the scalars that the node has to know. */
export type AgentResources = {
  readonly text: string;
  readonly cpus: number;
  readonly memMb: number;
  readonly diskMb: number;
};

const GB = 1024;
const DEFAULT_PORTS: PortRange = {begin: 31000, end: 32000};

/**
 * The resources to offer, in Mesos's text form. Resources that `given` lacks follow Mesos. All cores, the
 * memory less 1 GB (half of it below 2 GB), and the free disk less 5 GB (half of it below 10 GB).
 *
 * @param given `cpus:4;mem:8192`, or a JSON list of resources of the v1 API, or empty
 * @param ports used when `given` has none; Mesos's 31000-32000 when absent
 * @returns an error that names the item which is not `<name>:<value>`, or the scalar that is no number
 */
export function agentResources(given: string, machine: Machine, ports = DEFAULT_PORTS): Result<AgentResources, string> {
  const isJson = given.trimStart().startsWith('[');
  const items = isJson ? readJson(given) : parseItems(given);
  if (!items.ok) return items;
  const defaults = new Map([
    ['cpus', String(machine.cpus)],
    ['mem', String(allBut(machine.memMb, GB))],
    ['disk', String(allBut(machine.diskFreeMb, 5 * GB))],
    ['ports', `[${ports.begin}-${ports.end}]`],
  ]);
  const named = new Set(items.value.map(({name}) => name));
  const missing = [...defaults].filter(([name]) => !named.has(name)).map(([name, value]) => ({name, role: '', value}));
  const all = [...items.value, ...missing];
  const sum = (wanted: string): number =>
    all.filter(({name}) => name === wanted).reduce((total, {value}) => total + Number(value), 0);
  const text = isJson ? withMissing(given, missing) : textOf(all);
  return ok({text, cpus: sum('cpus'), memMb: sum('mem'), diskMb: sum('disk')});
}

const textOf = (items: readonly Item[]): string =>
  items.map(({name, role, value}) => `${name}${role}:${value}`).join(';');

/** What Mesos's JSON form names; the master decodes it in full. What is revocable comes on top and names nothing. */
function readJson(text: string): Result<Item[], string> {
  const list = parseList(text);
  if (!list.ok) return list;
  const items: Item[] = [];
  for (const resource of list.value) {
    const name = fieldOf(resource, 'name');
    if (typeof name !== 'string') return err(`want a list of resources with names, got ${JSON.stringify(resource)}`);
    if (fieldOf(resource, 'revocable') !== undefined) continue;
    const value = fieldOf(fieldOf(resource, 'scalar'), 'value');
    if (SCALARS.has(name) && typeof value !== 'number') return err(`want a number for ${name}`);
    items.push({name, role: '', value: String(value)});
  }
  return ok(items);
}

function parseList(text: string): Result<readonly unknown[], string> {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? ok(json) : err('want a JSON list of resources');
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;

/** The list with what it does not name. */
function withMissing(json: string, missing: readonly Item[]): string {
  const list = parseList(json);
  const added = missing.map(({name, value}) => {
    const [, begin, end] = /^\[(\d+)-(\d+)\]$/.exec(value) ?? [];
    return begin === undefined
      ? {name, type: 'SCALAR', scalar: {value: Number(value)}}
      : {name, type: 'RANGES', ranges: {range: [{begin: Number(begin), end: Number(end)}]}};
  });
  return JSON.stringify([...(list.ok ? list.value : []), ...added]);
}

/** Part `index` of `count` disjoint parts of a port range, for agents that share a machine. */
export function sharePorts({begin, end}: PortRange, index: number, count: number): PortRange {
  const size = Math.floor((end - begin + 1) / count);
  return {begin: begin + index * size, end: begin + (index + 1) * size - 1};
}

/** One resource of a text form; `role` is empty or `(role)`. */
export type Item = {readonly name: string; readonly role: string; readonly value: string};

const SCALARS = new Set(['cpus', 'mem', 'disk', 'gpus']);

export function parseItems(text: string): Result<Item[], string> {
  const items: Item[] = [];
  for (const part of text.split(';').map(word => word.trim())) {
    if (part === '') continue;
    const match = /^([^:()\s]+)\s*(?:(\([^()]+\))\s*)?:\s*(\S.*)$/.exec(part);
    if (match === null) return err(`want <name>:<value>, got "${part}"`);
    const [, name = '', role = '', value = ''] = match;
    if (SCALARS.has(name) && !/^\d+(\.\d+)?$/.test(value)) return err(`want a number for ${name}, got "${value}"`);
    items.push({name, role, value});
  }
  return ok(items);
}

/** All but `reserve`, or half when that would leave less than half. */
const allBut = (total: number, reserve: number): number =>
  Math.floor(total < 2 * reserve ? total / 2 : total - reserve);
