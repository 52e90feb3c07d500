/** The part of JSON Schema that the chart's values need. */
export type Schema = Readonly<Record<string, unknown>>;

/** One value of the chart. values.yaml, its schema and its reference page are made from a table of these. */
export type ChartValue = {
  /** With dots between the levels: `controller.replicas`. */
  readonly path: string;
  readonly fallback: unknown;
  readonly help: string;
  readonly schema: Schema;
};

const value =
  (schema: Schema) =>
  (path: string, fallback: unknown, help: string): ChartValue => ({path, fallback, help, schema});

const mapOf = (of: Schema): Schema => ({type: 'object', additionalProperties: of});
const OBJECT: Schema = {type: 'object'};

/** Ways to write a row of the table, by what the value may be. */
export const values = {
  text: value({type: 'string'}),
  boolean: value({type: 'boolean'}),
  count: value({type: 'integer', minimum: 0}),
  port: value({type: 'integer', minimum: 1, maximum: 65_535}),
  nodePort: value({type: ['integer', 'null'], minimum: 1, maximum: 65_535}),
  /** Labels and annotations. */
  texts: value(mapOf({type: 'string'})),
  /** A part of a Kubernetes object, checked by Kubernetes. */
  object: value(OBJECT),
  objects: value({type: 'array', items: OBJECT}),
  env: value({
    type: 'array',
    items: {type: 'object', required: ['name'], properties: {name: {type: 'string', minLength: 1}}},
  }),
  countOrPercent: value({
    anyOf: [
      {type: 'integer', minimum: 0},
      {type: 'string', pattern: '^\\d+%$'},
    ],
  }),
  oneOf: (path: string, fallback: string, words: readonly string[], help: string): ChartValue => ({
    path,
    fallback,
    help: `${help} One of ${words.join(', ')}.`,
    schema: {type: 'string', enum: words},
  }),
};
