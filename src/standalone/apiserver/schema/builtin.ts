import * as models from '@kubernetes/client-node/dist/gen/models/all.js';
import {
  ATOMIC_MAPS,
  ATOMIC_TYPES,
  CLASSES,
  DEFAULTS,
  DESCRIPTIONS,
  LISTS,
  META_PACKAGE,
  META_TYPES,
  packageOf,
  QUANTITY_MAPS,
  REQUIRED,
} from './builtin-facts.ts';
import type {Gvk, Schema} from './schema.ts';

type Attribute = {readonly baseName: string; readonly type: string; readonly format: string};
type Mutable<T> = {-readonly [K in keyof T]: T[K]};

/**
 * The schema of a built-in kind, or undefined when the client knows none. Made once per kind; nested types are shared
 * between kinds and may refer to themselves.
 */
export function builtinSchema(group: string, version: string, kind: string): Schema | undefined {
  const className = CLASSES[`${group}/${kind}`] ?? `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
  if (!attributes.has(className)) return undefined;
  return typeSchema(className, group, {group, version, kind});
}

/** The component name of a built-in schema: `io.k8s.api.core.v1.Pod`; undefined for anything anonymous. */
export const componentName = (schema: Schema): string | undefined => names.get(schema);

/** The shared schema that a property's own one decorates with a description or default; else the schema itself. */
export const undecorated = (schema: Schema): Schema => bases.get(schema) ?? schema;

/** `metadata` of every object. */
export function objectMetaSchema(): Schema {
  const base = typeSchema('V1ObjectMeta', '');
  return named({...base, ...described(DESCRIPTIONS['metadata'])}, base);
}

const attributes: ReadonlyMap<string, readonly Attribute[]> = new Map(
  Object.entries(models).flatMap(([name, model]) =>
    'getAttributeTypeMap' in model ? [[name, model.getAttributeTypeMap()] as const] : [],
  ),
);
const types = new Map<string, Schema>();
const names = new WeakMap<Schema, string>();
const bases = new WeakMap<Schema, Schema>();

function typeSchema(className: string, group: string, kind?: Gvk): Schema {
  const known = types.get(className);
  if (known !== undefined) return known;
  const properties: Record<string, Schema> = {};
  const schema: Schema = {
    type: 'object',
    properties,
    // Go decoders read null as absent.
    nullable: true,
    'x-null-is-absent': true,
    ...described(DESCRIPTIONS[className]),
    ...(REQUIRED[className] === undefined ? {} : {required: REQUIRED[className]}),
    ...(kind === undefined || META_TYPES.has(className) ? {} : {'x-kubernetes-group-version-kind': [kind]}),
    ...(ATOMIC_TYPES.has(className) ? {'x-kubernetes-map-type': 'atomic'} : {}),
  };
  types.set(className, schema);
  names.set(schema, nameOf(className, group));
  for (const attribute of attributes.get(className) ?? []) {
    properties[attribute.baseName] = propertySchema(className, attribute, group);
  }
  return schema;
}

/** `V1PodSpec` → `io.k8s.api.core.v1.PodSpec`; the group is that of the first kind that needed the type. */
function nameOf(className: string, group: string): string {
  const [, version = 'v1', name = className] =
    /^(?:[A-Z][a-z]+)*?(V\d+(?:alpha\d+|beta\d+)?)(\D.*)$/.exec(className) ?? [];
  return `${META_TYPES.has(className) ? META_PACKAGE : packageOf(group)}.${version.toLowerCase()}.${name}`;
}

const described = (description: string | undefined): Pick<Schema, 'description'> =>
  description === undefined ? {} : {description};

function propertySchema(className: string, attribute: Attribute, group: string): Schema {
  const path = `${className}.${attribute.baseName}`;
  const base = valueSchema(attribute.type, attribute.format, group, path);
  const extra: Mutable<Schema> = {...described(DESCRIPTIONS[path] ?? DESCRIPTIONS[attribute.baseName])};
  const constant = DEFAULTS[className]?.[attribute.baseName];
  if (constant !== undefined) extra.default = constant;
  if (ATOMIC_MAPS.has(path)) extra['x-kubernetes-map-type'] = 'atomic';
  if (base.type === 'array') Object.assign(extra, listFacts(path));
  // Named types are shared, so only a property that adds something gets a schema of its own.
  return Object.keys(extra).length === 0 ? base : named({...base, ...extra}, base);
}

/** A decorated reference still goes by the name of the type it decorates. */
function named(schema: Schema, base: Schema): Schema {
  const name = names.get(base);
  if (name === undefined) return schema;
  names.set(schema, name);
  bases.set(schema, undecorated(base));
  return schema;
}

function listFacts(path: string): Schema {
  const fact = LISTS[path];
  if (fact === undefined) return {'x-kubernetes-list-type': 'atomic'};
  return {
    'x-kubernetes-list-type': fact.type,
    ...(fact.keys === undefined ? {} : {'x-kubernetes-list-map-keys': fact.keys}),
    ...(fact.patch === undefined ? {} : {'x-kubernetes-patch-strategy': fact.patch}),
    ...(fact.patchKey === undefined ? {} : {'x-kubernetes-patch-merge-key': fact.patchKey}),
  };
}

const alternatives = (name: string, ...kinds: readonly string[]): Schema => {
  const schema: Schema = {oneOf: kinds.map(type => ({type})), nullable: true, 'x-null-is-absent': true};
  names.set(schema, `io.k8s.apimachinery.pkg.${name}`);
  return schema;
};
const INT_OR_STRING = alternatives('util.intstr.IntOrString', 'integer', 'string');
/** Numbers are as good as text: `cpu: 0.5`. */
const QUANTITY = alternatives('api.resource.Quantity', 'string', 'number');

const SCALARS: Readonly<Record<string, Schema>> = {
  string: {type: 'string'},
  boolean: {type: 'boolean'},
  Date: {type: 'string', format: 'date-time'},
  V1MicroTime: {type: 'string', format: 'date-time'},
  any: {'x-kubernetes-preserve-unknown-fields': true},
};

function valueSchema(type: string, format: string, group: string, path: string): Schema {
  const absent = {nullable: true, 'x-null-is-absent': true} as const;
  const element = /^Array<(.+)>$/.exec(type)?.[1];
  if (element !== undefined) return {type: 'array', items: valueSchema(element, format, group, path), ...absent};
  const member = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (member !== undefined) {
    const members = QUANTITY_MAPS.has(path) ? QUANTITY : valueSchema(member, format, group, path);
    return {type: 'object', additionalProperties: members, ...absent};
  }
  if (type === 'IntOrString') return INT_OR_STRING;
  if (type === 'number') return {...numberSchema(format), ...absent};
  const scalar = SCALARS[type];
  if (scalar === undefined) return typeSchema(type, group);
  return type === 'any' ? scalar : {...scalar, ...(format === 'byte' ? {format} : {}), ...absent};
}

const numberSchema = (format: string): Schema =>
  format === 'int32' || format === 'int64' ? {type: 'integer', format} : {type: 'number', format: 'double'};
