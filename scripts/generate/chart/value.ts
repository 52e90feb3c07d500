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

const like = (pattern: string): Schema => ({type: 'string', pattern});
/** Text of this look, or none. */
const likeOrEmpty = (body: string): Schema => like(`^(${body})?$`);
const listOf = (items: Schema): Schema => ({type: 'array', items});
const exactly = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && {required}),
  properties,
});
const mapOf = (of: Schema, key?: string): Schema => ({
  type: 'object',
  additionalProperties: of,
  ...(key !== undefined && {propertyNames: {pattern: `^${key}$`, maxLength: 317}}),
});

const LABEL = '[a-z0-9A-Z]([a-z0-9A-Z_.-]{0,61}[a-z0-9A-Z])?';
const SUBDOMAIN = '[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?';
const KEY = `(${SUBDOMAIN}/)?${LABEL}`;
const DIGEST = 'sha256:[0-9a-f]{64}';
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
/** `registry.example.com:5000/team`, without a slash at the end. */
const REGISTRY = '[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*';
const REPOSITORY =
  '([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*';
const DNS_LABEL = '[a-z0-9]([a-z0-9-]*[a-z0-9])?';
const HOST = `([*][.])?${DNS_LABEL}([.]${DNS_LABEL})*`;
/** As Prometheus writes them: `30s`, `1m30s`. */
const PROMETHEUS_DURATION = '([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?';
const QUANTITY = '[0-9]+([.][0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei|e[0-9]+)?';

const labelValues: Schema = mapOf({...likeOrEmpty(LABEL), maxLength: 63}, KEY);
const annotationValues: Schema = mapOf({type: 'string'}, KEY);
const quantities: Schema = mapOf({anyOf: [like(`^${QUANTITY}$`), {type: 'number', minimum: 0}]}, KEY);
const OBJECT: Schema = {type: 'object'};
const probe: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    ['initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold'].map(name => [
      name,
      {type: 'integer', minimum: name === 'initialDelaySeconds' ? 0 : 1},
    ]),
  ),
};
const countOrPercent: Schema = {anyOf: [{type: 'integer', minimum: 0}, like('^([0-9]|[1-9][0-9]|100)%$')]};

/** A variable's name, and for those that set flags the name of one. */
const envName = (flags: readonly string[]): Schema => ({
  type: 'string',
  pattern: '^[A-Za-z_.-][A-Za-z0-9_.-]*$',
  anyOf: [
    {not: {pattern: '^(MESOS|MARATHON)_'}},
    {pattern: `^(MESOS|MARATHON)_(${flags.map(name => name.toUpperCase()).join('|')})$`},
  ],
});

/** Ways to write a row of the table, by what the value may be. */
export const values = {
  boolean: value({type: 'boolean'}),
  count: value({type: 'integer', minimum: 0}),
  countFrom1: value({type: 'integer', minimum: 1}),
  port: value({type: 'integer', minimum: 1, maximum: 65_535}),
  nodePort: value({type: ['integer', 'null'], minimum: 1, maximum: 65_535}),
  countOrPercent: value(countOrPercent),
  registry: value(likeOrEmpty(REGISTRY)),
  repository: value(like(`^${REPOSITORY}$`)),
  tag: value(likeOrEmpty(TAG)),
  digest: value(likeOrEmpty(DIGEST)),
  /** With a tag or a digest, or without. */
  image: value(like(`^${REPOSITORY}(:${TAG})?(@${DIGEST})?$`)),
  /** Of a Kubernetes object. */
  name: value({...like(`^${SUBDOMAIN}$`), maxLength: 253}),
  nameOrEmpty: value({...likeOrEmpty(SUBDOMAIN), maxLength: 253}),
  hostOrEmpty: value(likeOrEmpty(HOST)),
  urlOrNull: value({...likeOrEmpty('https?://[^\\s]+'), type: ['string', 'null']}),
  prometheusDuration: value({...like(`^${PROMETHEUS_DURATION}$`), minLength: 2}),
  labels: value(labelValues),
  annotations: value(annotationValues),
  resources: value(
    exactly({
      requests: quantities,
      limits: quantities,
      claims: listOf(exactly({name: {type: 'string'}, request: {type: 'string'}}, ['name'])),
    }),
  ),
  tolerations: value(
    listOf(
      exactly({
        key: likeOrEmpty(KEY),
        operator: {type: 'string', enum: ['Exists', 'Equal', 'Lt', 'Gt']},
        value: {type: 'string'},
        effect: {type: 'string', enum: ['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute']},
        tolerationSeconds: {type: ['integer', 'null']},
      }),
    ),
  ),
  affinity: value(exactly({nodeAffinity: OBJECT, podAffinity: OBJECT, podAntiAffinity: OBJECT})),
  spread: value({
    type: ['array', 'null'],
    items: {
      type: 'object',
      required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
      properties: {
        maxSkew: {type: 'integer', minimum: 1},
        topologyKey: like(`^${KEY}$`),
        whenUnsatisfiable: {type: 'string', enum: ['DoNotSchedule', 'ScheduleAnyway']},
      },
    },
  }),
  secretNames: value(listOf(exactly({name: {...like(`^${SUBDOMAIN}$`), maxLength: 253}}, ['name']))),
  ingressTls: value(
    listOf(exactly({hosts: listOf(like(`^${HOST}$`)), secretName: {...likeOrEmpty(SUBDOMAIN), maxLength: 253}})),
  ),
  peers: value(
    listOf({
      ...exactly({podSelector: OBJECT, namespaceSelector: OBJECT, ipBlock: OBJECT}),
      minProperties: 1,
    }),
  ),
  /** Rules of a NetworkPolicy's egress. */
  egress: value({
    type: ['array', 'null'],
    items: exactly({to: listOf(OBJECT), ports: listOf(OBJECT)}),
  }),
  probe: value(probe),
  securityContext: value(OBJECT),
  relabelings: value(listOf(OBJECT)),
  ipFamilies: value({...listOf({type: 'string', enum: ['IPv4', 'IPv6']}), maxItems: 2, uniqueItems: true}),
  volumes: value(listOf({type: 'object', required: ['name'], properties: {name: like(`^${DNS_LABEL}$`)}})),
  volumeMounts: value(
    listOf({
      type: 'object',
      required: ['name', 'mountPath'],
      properties: {name: like(`^${DNS_LABEL}$`), mountPath: like('^/')},
    }),
  ),
  containers: value(
    listOf({
      type: 'object',
      required: ['name', 'image'],
      properties: {name: like(`^${DNS_LABEL}$`), image: {type: 'string', minLength: 1}},
    }),
  ),
  manifests: value(
    listOf({
      anyOf: [
        {type: 'string', minLength: 1},
        {
          type: 'object',
          required: ['apiVersion', 'kind', 'metadata'],
          properties: {apiVersion: {type: 'string'}, kind: {type: 'string'}, metadata: OBJECT},
        },
      ],
    }),
  ),
  arguments: value(listOf(like('^--'))),
  env: (path: string, flags: readonly string[], help: string): ChartValue => ({
    path,
    fallback: [],
    help,
    schema: listOf(exactly({name: envName(flags), value: {type: 'string'}, valueFrom: OBJECT}, ['name'])),
  }),
  oneOf: (path: string, fallback: string, words: readonly string[], help: string): ChartValue => ({
    path,
    fallback,
    help: `${help} One of ${words.filter(word => word !== '').join(', ')}.`,
    schema: {type: 'string', enum: words},
  }),
};
