import {type Static, Type} from 'typebox';
import type {Resource} from '../resource.ts';
import {Resources} from '../resources.ts';
import {fromMilli, ranges, scalar, set} from '../value.ts';

const oneOf = <const T extends string>(...words: readonly T[]) => Type.Unsafe<T>({type: 'string', enum: words});

const reservation = Type.Object({
  type: oneOf('STATIC', 'DYNAMIC'),
  role: Type.String(),
  principal: Type.Optional(Type.String()),
  labels: Type.Optional(Type.Array(Type.Object({key: Type.String(), value: Type.Optional(Type.String())}))),
});

const mode = oneOf('RW', 'RO');
const source = oneOf('PATH', 'MOUNT', 'BLOCK', 'RAW');
const optionalText = Type.Optional(Type.String());

const identity = Type.Object({
  reservations: Type.Optional(Type.Array(reservation)),
  disk: Type.Optional(
    Type.Object({
      persistence: Type.Optional(Type.Object({id: Type.String(), principal: optionalText})),
      volume: Type.Optional(Type.Object({containerPath: Type.String(), mode})),
      source: Type.Optional(
        Type.Object({type: source, root: optionalText, id: optionalText, vendor: optionalText, profile: optionalText}),
      ),
    }),
  ),
  revocable: Type.Optional(Type.Boolean()),
  shared: Type.Optional(Type.Boolean()),
  providerId: optionalText,
});

/** `["cpus", 4]`, `["ports", [[31000, 32000]]]`, `["zones", ["a"]]`, and what makes it different from its like. */
const resource = Type.Union([
  Type.Tuple([Type.String(), valueSchema()]),
  Type.Tuple([Type.String(), valueSchema(), identity]),
]);
export const resourcesSchema = Type.Array(resource);
type ResourceJson = Static<typeof resource>;
export type ResourcesJson = readonly ResourceJson[];

function valueSchema() {
  const range = Type.Tuple([Type.Number(), Type.Number()]);
  return Type.Union([
    Type.Number({minimum: 0}),
    Type.Object({ranges: Type.Array(range)}),
    Type.Object({items: Type.Array(Type.String())}),
  ]);
}

export const resourcesToJson = (resources: Resources): ResourcesJson => resources.list().map(toJson);

function toJson({name, value, reservations = [], ...rest}: Resource): ResourceJson {
  const amount = valueToJson(value);
  const more = {...rest, ...(reservations.length > 0 && {reservations})};
  // As JSON: what is undefined is not there, and lists may be changed by nobody.
  return Object.values(more).some(part => part !== undefined)
    ? [name, amount, JSON.parse(JSON.stringify(more))]
    : [name, amount];
}

function valueToJson(value: Resource['value']): ResourceJson[1] {
  switch (value.kind) {
    case 'scalar':
      return fromMilli(value.milli);
    case 'ranges':
      return {ranges: value.ranges.map(({begin, end}) => [begin, end])};
    case 'set':
      return {items: [...value.items]};
    default:
      return value satisfies never;
  }
}

export const resourcesFromJson = (list: ResourcesJson): Resources => Resources.of(list.map(fromJson));

const fromJson = ([name, amount, rest = {}]: ResourceJson): Resource => ({name, value: valueFromJson(amount), ...rest});

function valueFromJson(amount: ResourceJson[1]): Resource['value'] {
  if (typeof amount === 'number') return scalar(amount);
  if ('ranges' in amount) return ranges(amount.ranges.map(([begin, end]) => ({begin, end})));
  return set(amount.items);
}

/** Texts of resources: few different ones are handed out and back again and again. */
export class ResourceTexts {
  readonly #texts = new WeakMap<Resources, string>();
  readonly #parsed = new Map<string, Resources>();

  /** In JSON. */
  textOf(resources: Resources): string {
    const known = this.#texts.get(resources);
    if (known !== undefined) return known;
    const text = JSON.stringify(resourcesToJson(resources));
    this.#texts.set(resources, text);
    return text;
  }

  /** Equal texts become one object, so that comparing costs nothing. */
  parsed(list: ResourcesJson): Resources {
    const text = JSON.stringify(list);
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    // Ports that were handed out come in countless combinations.
    if (this.#parsed.size >= MOST_PARSED) this.#parsed.clear();
    const resources = resourcesFromJson(list);
    this.#parsed.set(text, resources);
    return resources;
  }
}

const MOST_PARSED = 10_000;
