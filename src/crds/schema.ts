import {type TSchema, Type, type TUnsafe} from 'typebox';
import {limitOf, type LimitName} from '../lib/limits.ts';

/** A CEL rule of a CRD: `rule` must be true of `self`, else the API server refuses the object with `message`. */
export type Rule = {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly reason?: string;
};

/** Schema options that Kubernetes adds to JSON Schema. */
export const rules = (...list: Rule[]): {'x-kubernetes-validations': Rule[]} => ({'x-kubernetes-validations': list});

type Options = Readonly<Record<string, unknown>>;

/** The keyword of a schema that bounds a value. */
type Bound = 'maxLength' | 'maxItems' | 'maxProperties' | 'maximum';

/** Bounds a value by the table of limits; `~limit` is a note for whoever refuses one, not part of the CRD. */
export const within = <const B extends Bound>(bound: B, name: LimitName): {readonly [Key in B]: number} =>
  ({[bound]: limitOf(name), '~limit': name}) as unknown as {readonly [Key in B]: number};

/** One of a few words. */
export const word = <const T extends string>(values: readonly T[], options: Options = {}): TUnsafe<T> =>
  Type.Unsafe<T>({type: 'string', enum: values, ...options});

/** A map with free keys; Kubernetes wants `additionalProperties`, not `patternProperties`. */
export const mapOf = <T>(value: TUnsafe<T>, options: Options = {}): TUnsafe<Record<string, T>> =>
  Type.Unsafe<Record<string, T>>({type: 'object', additionalProperties: value, ...options});

/** A text that is bounded by the table of limits. */
export const boundedText = (name: LimitName = 'textLength', options: Options = {}): TUnsafe<string> =>
  text({...within('maxLength', name), ...options});

/** A list that is bounded by the table of limits. */
export const boundedList = <T extends TSchema>(item: T, name: LimitName = 'listItems', options: Options = {}) =>
  Type.Array(item, {...within('maxItems', name), ...options});

/** A map with free keys that is bounded by the table of limits. */
export const boundedMap = <T>(value: TUnsafe<T>, name: LimitName, options: Options = {}) =>
  mapOf(value, {...within('maxProperties', name), ...options});

export const text = (options: Options = {}): TUnsafe<string> => Type.Unsafe<string>({type: 'string', ...options});

/** A value of more than one JSON type, which a structural schema can't describe; the controller checks it. */
export const free = <T>(options: Options = {}): TUnsafe<T> =>
  Type.Unsafe<T>({'x-kubernetes-preserve-unknown-fields': true, ...options});

/** A list whose items are told apart by `keys`, so that server-side apply merges item by item. */
export const listMap = <T extends TSchema>(item: T, keys: readonly string[], options: Options = {}) =>
  Type.Array(item, {'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [...keys], ...options});

/** RFC 3339 time. */
export const time = (options: Options = {}): TUnsafe<string> => text({format: 'date-time', ...options});

export const Condition = Type.Object(
  {
    type: text({description: 'What the condition speaks of.', maxLength: 316}),
    status: word(['True', 'False', 'Unknown']),
    observedGeneration: Type.Optional(
      Type.Integer({minimum: 0, description: 'The metadata.generation that was looked at.'}),
    ),
    lastTransitionTime: time({description: 'When status last changed.'}),
    reason: text({description: 'One CamelCase word.', maxLength: 1024}),
    message: text({description: 'A sentence for a person.', maxLength: 32768}),
  },
  {description: 'One aspect of the state, as in every Kubernetes kind.'},
);
export type Condition = Type.Static<typeof Condition>;

export const Conditions = listMap(Condition, ['type'], {description: 'The latest observations, one for each type.'});
