import type {Result} from '../lib/result.ts';
import {err, ok} from '../lib/result.ts';
import type {Range} from './ranges.ts';
import type {Reservation, Resource} from './resource.ts';
import {reservedTo} from './resource.ts';
import {Resources} from './resources.ts';
import type {Value} from './value.ts';
import {fromMilli, ranges, scalar, set} from './value.ts';

const SCALARS = new Set(['cpus', 'mem', 'disk', 'gpus']);
/** The order in which people write them; others follow by name. */
const CUSTOM = ['cpus', 'gpus', 'mem', 'disk', 'ports'];
/** Thousandths of it are still exact integers. */
const MOST = Number.MAX_SAFE_INTEGER / 1000;

/**
 * Mesos's text form: `cpus:4;mem:8192;ports:[31000-31332];cpus(role):2;zones:{a,b}`. A role in parentheses is a static
 * reservation, `*` none. Equal names add up; an amount of zero vanishes.
 *
 * @returns the resources, or one sentence that names the wrong item and what was wanted
 */
export function parseResources(text: string): Result<Resources, string> {
  const list: Resource[] = [];
  for (const item of text.split(';').map(part => part.trim())) {
    if (item === '') continue;
    const parsed = parseItem(item);
    if (!parsed.ok) return err(`resources: ${parsed.error}, got "${item}"`);
    list.push(parsed.value);
  }
  return ok(Resources.of(list));
}

function parseItem(item: string): Result<Resource, string> {
  const colon = item.indexOf(':');
  if (colon < 0) return err('want NAME:VALUE');
  const head = /^([^()\s]+)\s*(?:\(([^()]*)\))?$/.exec(item.slice(0, colon).trim());
  const name = head?.[1];
  if (name === undefined) return err('want NAME:VALUE or NAME(ROLE):VALUE');
  const reservations = parseRole(head?.[2]?.trim());
  if (!reservations.ok) return reservations;
  const value = parseValue(name, item.slice(colon + 1).trim());
  if (!value.ok) return value;
  return ok({name, value: value.value, reservations: reservations.value});
}

function parseRole(role: string | undefined): Result<readonly Reservation[], string> {
  if (role === undefined || role === '*') return ok([]);
  const bad = role.split('/').some(part => part === '' || part === '.' || part === '..' || part === '*');
  if (bad || role.startsWith('-') || /\s/.test(role)) return err(`want a role name instead of "${role}"`);
  return ok([{type: 'STATIC', role}]);
}

function parseValue(name: string, text: string): Result<Value, string> {
  const value = text.startsWith('[') ? parseRanges(text) : text.startsWith('{') ? parseSet(text) : parseScalar(text);
  if (!value.ok) return value;
  const {kind} = value.value;
  if (SCALARS.has(name) && kind !== 'scalar') return err(`want a number for ${name}`);
  if (name === 'ports' && kind !== 'ranges') return err('want ranges like [31000-32000] for ports');
  if (name === 'gpus' && value.value.kind === 'scalar' && value.value.milli % 1000 !== 0) {
    return err('want a whole number for gpus');
  }
  return value;
}

function parseScalar(text: string): Result<Value, string> {
  const amount = Number(text);
  const plain = /^[+]?(\d+([.]\d*)?|[.]\d+)(e[+-]?\d+)?$/i.test(text);
  if (!plain || amount > MOST) return err('want a number, 0 or more');
  return ok(scalar(amount));
}

function parseRanges(text: string): Result<Value, string> {
  if (!text.endsWith(']')) return err('want ranges like [31000-31099,31200-31299]');
  const list: Range[] = [];
  for (const part of text.slice(1, -1).split(',')) {
    if (part.trim() === '') continue;
    const bounds = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(part);
    const [begin, end] = [Number(bounds?.[1]), Number(bounds?.[2])];
    if (bounds === null || begin > end || end > Number.MAX_SAFE_INTEGER) {
      return err(`want BEGIN-END with BEGIN not above END instead of "${part.trim()}"`);
    }
    list.push({begin, end});
  }
  return ok(ranges(list));
}

function parseSet(text: string): Result<Value, string> {
  if (!text.endsWith('}')) return err('want a set like {a,b}');
  const items = text.slice(1, -1).split(',');
  return ok(set(items.map(item => item.trim()).filter(item => item !== '')));
}

/** The text form, for people and for `parseResources`; of reservations it shows the last role, of disks the size. */
export function formatResources(resources: Resources): string {
  return resources
    .list()
    .sort((a, b) => custom(a.name) - custom(b.name))
    .map(resource => {
      const role = reservedTo(resource);
      return `${resource.name}${role === undefined ? '' : `(${role})`}:${formatValue(resource.value)}`;
    })
    .join(';');
}

const custom = (name: string): number => {
  const at = CUSTOM.indexOf(name);
  return at < 0 ? CUSTOM.length : at;
};

function formatValue(value: Value): string {
  switch (value.kind) {
    case 'scalar':
      return String(fromMilli(value.milli));
    case 'ranges':
      return `[${value.ranges.map(({begin, end}) => `${begin}-${end}`).join(',')}]`;
    case 'set':
      return `{${value.items.join(',')}}`;
    default:
      return value satisfies never;
  }
}
