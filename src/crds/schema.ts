import {type TSchema, Type, type TUnsafe} from 'typebox';

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

/** One of a few words. */
export const word = <const T extends string>(values: readonly T[], options: Options = {}): TUnsafe<T> =>
  Type.Unsafe<T>({type: 'string', enum: values, ...options});

/** A map with free keys; Kubernetes wants `additionalProperties`, not `patternProperties`. */
export const mapOf = <T>(value: TUnsafe<T>, options: Options = {}): TUnsafe<Record<string, T>> =>
  Type.Unsafe<Record<string, T>>({type: 'object', additionalProperties: value, ...options});

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
