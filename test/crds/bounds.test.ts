import test from 'ava';
import {crdManifest} from '../../src/crds/manifest.ts';
import {decodeObject} from '../../src/crds/kind.ts';
import {KINDS} from '../../src/crds/kinds.ts';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {appViolations} from '../../src/crds/marathon-app-rules.ts';
import {LIMITS} from '../../src/lib/limits.ts';

type Schema = {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-validations'?: readonly unknown[];
};

/** Paths of everything that may be as large as the sender likes. */
function unbounded(schema: Schema, path: string): string[] {
  const isBounded = {
    string: schema.enum !== undefined || schema.format === 'date-time' || schema.maxLength !== undefined,
    array: schema.maxItems !== undefined,
    object: schema.additionalProperties === undefined || schema.maxProperties !== undefined,
    number: schema.maximum !== undefined,
    integer: schema.maximum !== undefined,
  }[schema.type ?? ''];
  return [
    ...(isBounded === false ? [path] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => unbounded(child, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : unbounded(schema.items, `${path}[]`)),
    ...(schema.additionalProperties === undefined ? [] : unbounded(schema.additionalProperties, `${path}{}`)),
  ];
}

/** Whether CEL has a type for it: it has none for values of more than one type, nor for lists and maps of them. */
function isTyped({type, items, additionalProperties}: Schema): boolean {
  if (type === undefined) return false;
  return [items, additionalProperties].every(child => child === undefined || isTyped(child));
}

/** Paths of rules for which a kube-apiserver refuses the whole definition. */
function untypedRules(schema: Schema, path: string): string[] {
  const {properties = {}, items, additionalProperties} = schema;
  return [
    ...(schema['x-kubernetes-validations'] !== undefined && !isTyped(schema) ? [path] : []),
    ...Object.entries(properties).flatMap(([name, child]) => untypedRules(child, `${path}.${name}`)),
    ...[items, additionalProperties].flatMap(child => (child === undefined ? [] : untypedRules(child, `${path}[]`))),
  ];
}

type Version = {readonly schema: {readonly openAPIV3Schema: Schema}};

for (const kind of KINDS) {
  test(`each list, map, text and number of a ${kind.kind}’s spec is bounded`, t => {
    const {versions} = crdManifest(kind)['spec'] as {readonly versions: readonly Version[]};
    t.deepEqual(unbounded(versions[0]?.schema.openAPIV3Schema.properties?.['spec'] ?? {}, 'spec'), []);
  });
}

for (const kind of KINDS) {
  test(`each rule of a ${kind.kind} stands beside values that CEL has a type for`, t => {
    const {versions} = crdManifest(kind)['spec'] as {readonly versions: readonly Version[]};
    t.deepEqual(untypedRules(versions[0]?.schema.openAPIV3Schema ?? {}, ''), []);
  });
}

const cmd = 'sleep 1000';
const many = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({length: count}, (_, index) => item(index));
const over: Readonly<Record<string, {spec: Record<string, unknown>; at: string}>> = {
  instances: {spec: {cmd, instances: LIMITS.instances.value + 1}, at: 'spec.instances'},
  labels: {
    spec: {cmd, labels: Object.fromEntries(many(LIMITS.labels.value + 1, index => [`l${index}`, '']))},
    at: 'spec.labels',
  },
  'environment variables': {
    spec: {cmd, env: Object.fromEntries(many(LIMITS.variables.value + 1, index => [`V${index}`, '']))},
    at: 'spec.env',
  },
  constraints: {
    spec: {cmd, constraints: many(LIMITS.constraints.value + 1, () => ['hostname', 'UNIQUE'])},
    at: 'spec.constraints',
  },
  'the length of a command': {spec: {cmd: 'x'.repeat(LIMITS.commandLength.value + 1)}, at: 'spec.cmd'},
  arguments: {spec: {args: many(LIMITS.arguments.value + 1, () => 'x')}, at: 'spec.args'},
};
for (const [title, {spec, at}] of Object.entries(over)) {
  test(`a stored app over the limit of ${title} is an error that names the field, and nothing is thrown`, t => {
    const decoded = decodeObject(MARATHON_APPS, {apiVersion: '', kind: '', metadata: {name: 'x'}, spec});
    t.deepEqual(decoded.ok ? [] : decoded.error.map(({path}) => path), [at]);
  });
}

test('a definition that is too large as a whole is refused with its size', t => {
  const env = Object.fromEntries(many(64, index => [`V${index}`, 'x'.repeat(6000)]));
  const decoded = decodeObject(MARATHON_APPS, {apiVersion: '', kind: '', metadata: {name: 'x'}, spec: {cmd, env}});
  const [first] = decoded.ok ? appViolations(decoded.value.spec, '*') : [];
  t.is(first?.path, '/');
  t.regex(first?.errors[0] ?? '', /98304 bytes at most [(]limit definitionBytes[)], found 38\d{4}/);
});
