import type {Attribute, Range} from '../../../api/mesos/v1/resources.ts';
import {err, ok, type Result} from '../../../lib/result.ts';

/**
 * Mesos's text form of attributes: `rack:r1;level:10;ports:[1-2];tags:{a,b}`. The type follows from the look of the
 * value: a number, ranges, a set, else text.
 */
export function parseAttributes(text: string): Result<readonly Attribute[], string> {
  const attributes: Attribute[] = [];
  for (const item of text.split(';').map(part => part.trim())) {
    if (item === '') continue;
    const colon = item.indexOf(':');
    if (colon < 1 || colon === item.length - 1) return err(`want NAME:VALUE, got "${item}"`);
    const attribute = toAttribute(item.slice(0, colon).trim(), item.slice(colon + 1).trim());
    if (!attribute.ok) return err(`${attribute.error}, got "${item}"`);
    attributes.push(attribute.value);
  }
  return ok(attributes);
}

function toAttribute(name: string, value: string): Result<Attribute, string> {
  if (value.startsWith('[')) {
    const range = parseRanges(value);
    return range.ok ? ok({name, type: 'RANGES', ranges: {range: range.value}}) : range;
  }
  if (value.startsWith('{')) {
    if (!value.endsWith('}')) return err('want a set like {a,b}');
    const item = value.slice(1, -1).split(',');
    return ok({name, type: 'SET', set: {item: item.map(each => each.trim()).filter(each => each !== '')}});
  }
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value)) return ok({name, type: 'SCALAR', scalar: {value: Number(value)}});
  return ok({name, type: 'TEXT', text: {value}});
}

function parseRanges(text: string): Result<Range[], string> {
  if (!text.endsWith(']')) return err('want ranges like [1-2,5-9]');
  const ranges: Range[] = [];
  for (const part of text.slice(1, -1).split(',')) {
    const bounds = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(part);
    const [begin, end] = [Number(bounds?.[1]), Number(bounds?.[2])];
    if (bounds === null || begin > end) return err('want ranges like [1-2,5-9]');
    ranges.push({begin, end});
  }
  return ok(ranges);
}
