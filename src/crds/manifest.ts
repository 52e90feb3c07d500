import type {TSchema} from 'typebox';
import {FIELD_DESCRIPTIONS} from './field-descriptions.ts';
import type {Kind} from './kind.ts';

/** The CustomResourceDefinition of a kind, ready to be written as YAML. */
export function crdManifest(kind: Kind): Record<string, unknown> {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {name: `${kind.plural}.${kind.group}`, labels: {'app.kubernetes.io/part-of': 'mesos'}},
    spec: {
      group: kind.group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [...kind.shortNames],
        categories: [...kind.categories],
      },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          schema: {openAPIV3Schema: rootSchema(kind)},
          subresources: {status: {}, ...(kind.scale === undefined ? {} : {scale: {...kind.scale}})},
          additionalPrinterColumns: kind.columns.map(column => ({...column})),
        },
      ],
    },
  };
}

function rootSchema(kind: Kind): Record<string, unknown> {
  return {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: {type: 'string'},
      kind: {type: 'string'},
      metadata: {type: 'object'},
      ...describe({properties: {spec: plain(kind.spec), status: plain(kind.status)}}, kind).properties,
    },
  };
}

type Described = {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described;
  readonly additionalProperties?: Described;
};

/** The schema with a sentence for each field that has none of its own. */
function describe(schema: Described, kind: Kind, path = ''): Described {
  const {properties, items, additionalProperties} = schema;
  const sentence = schema.description ?? FIELD_DESCRIPTIONS[kind.kind]?.[path];
  return {
    ...schema,
    ...(sentence !== undefined && {description: sentence}),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, field]) => [name, describe(field, kind, `${path}.${name}`)]),
      ),
    }),
    ...(items !== undefined && {items: describe(items, kind, `${path}[]`)}),
    ...(additionalProperties !== undefined && {
      additionalProperties: describe(additionalProperties, kind, `${path}.*`),
    }),
  };
}

/** The schema as plain JSON: TypeBox keeps its own notes under `~` keys, and what has a default need not be given. */
const plain = (schema: TSchema): Described =>
  JSON.parse(
    JSON.stringify(schema, (key: string, value: unknown) =>
      key.startsWith('~') ? undefined : optionalDefaults(value),
    ),
  );

function optionalDefaults(value: unknown): unknown {
  if (!isSchema(value)) return value;
  const {required, ...rest} = value;
  const needed = required.filter(name => value.properties[name]?.default === undefined);
  return needed.length > 0 ? {...rest, required: needed} : rest;
}

type ObjectSchema = {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, {readonly default?: unknown}>>;
};

const isSchema = (value: unknown): value is ObjectSchema =>
  typeof value === 'object' &&
  value !== null &&
  'required' in value &&
  Array.isArray(value.required) &&
  'properties' in value;
