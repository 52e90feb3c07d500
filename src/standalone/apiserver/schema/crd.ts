import {RE2JS} from 're2js';
import {forbidden, invalid, required} from './cause.ts';
import {compileRules} from './cel.ts';
import {isObject, type JsonObject, type JsonValue, memberOf} from './json.ts';
import {schemaOf} from './of-kind.ts';
import type {Schema, StatusCause} from './schema.ts';
import {valueCauses} from './validate.ts';

/**
 * Checks the schemas of a CustomResourceDefinition: structural, patterns and defaults sound, CEL rules compile.
 * Whatever is returned refuses the definition.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function crdSchemaCauses(crd: JsonObject): readonly StatusCause[] {
  const versions = memberOf(crd['spec'], 'versions');
  if (!Array.isArray(versions)) return [];
  return versions.flatMap((version, index) => {
    const schema = memberOf(memberOf(version, 'schema'), 'openAPIV3Schema');
    if (!isObject(schema)) return [];
    return rootCauses(schema, `spec.versions[${index}].schema.openAPIV3Schema`);
  });
}

function rootCauses(schema: JsonObject, path: string): StatusCause[] {
  if (schema['type'] !== 'object') {
    return [
      schema['type'] === undefined || schema['type'] === ''
        ? required(`${path}.type`, 'must not be empty at the root')
        : invalid(`${path}.type`, schema['type'], 'must be object at the root'),
    ];
  }
  const structure = [...metadataCauses(schema, path), ...nodeCauses(schema, path, 'root')];
  // Rules and defaults are read with the eyes of a structural schema, so they come second.
  return structure.length > 0 ? structure : [...defaultCauses(schema, path), ...ruleCausesOf(schema, path, true)];
}

/** At the root, metadata may only say more about the name. */
function metadataCauses(schema: JsonObject, path: string): StatusCause[] {
  const metadata = memberOf(schema['properties'], 'metadata');
  if (!isObject(metadata)) return [];
  const extra = Object.keys(metadata).filter(key => !['type', 'properties', 'description'].includes(key));
  const fields = Object.keys(isObject(metadata['properties']) ? metadata['properties'] : {});
  const restricted = fields.every(name => name === 'name' || name === 'generateName') && extra.length === 0;
  return restricted
    ? []
    : [
        forbidden(
          `${path}.properties[metadata]`,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      ];
}

const UNSUPPORTED = ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id'];
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const LOGIC = ['allOf', 'anyOf', 'oneOf'] as const;

function nodeCauses(node: JsonObject, path: string, where: 'root' | 'fields' | 'items'): StatusCause[] {
  const causes: StatusCause[] = UNSUPPORTED.filter(key => node[key] !== undefined).map(key =>
    forbidden(`${path}.${key}`, `${key} is not supported`),
  );
  if (node['uniqueItems'] === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    causes.push(forbidden(`${path}.uniqueItems`, why));
  }
  return [
    ...causes,
    ...typeCauses(node, path, where),
    ...patternCauses(node, path),
    ...containerCauses(node, path),
    ...logicCauses(node, path),
    ...childNodes(node, path).flatMap(([child, at, place]) => nodeCauses(child, at, place)),
  ];
}

function typeCauses(node: JsonObject, path: string, where: 'root' | 'fields' | 'items'): StatusCause[] {
  const {type = ''} = node;
  const free = node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === '') {
    const thing = where === 'items' ? 'array items' : 'object fields';
    return free ? [] : [required(`${path}.type`, `must not be empty for specified ${thing}`)];
  }
  if (node['x-kubernetes-int-or-string'] === true) {
    return [invalid(`${path}.type`, type, 'must be empty if x-kubernetes-int-or-string is true')];
  }
  return typeof type === 'string' && TYPES.includes(type)
    ? []
    : [invalid(`${path}.type`, type, `supported values: ${TYPES.map(name => JSON.stringify(name)).join(', ')}`)];
}

function patternCauses(node: JsonObject, path: string): StatusCause[] {
  const {pattern} = node;
  if (typeof pattern !== 'string') return [];
  try {
    RE2JS.compile(pattern);
    return [];
  } catch (error) {
    return [
      invalid(
        `${path}.pattern`,
        pattern,
        `must be a valid regular expression, but isn't: ${error instanceof Error ? error.message : String(error)}`,
      ),
    ];
  }
}

function containerCauses(node: JsonObject, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (node['type'] === 'array' && !isObject(node['items'])) causes.push(required(`${path}.items`, 'must be specified'));
  if (isObject(node['properties']) && node['additionalProperties'] !== undefined) {
    causes.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  }
  return [...causes, ...listTypeCauses(node, path)];
}

function listTypeCauses(node: JsonObject, path: string): StatusCause[] {
  const listType = node['x-kubernetes-list-type'];
  const keys = node['x-kubernetes-list-map-keys'];
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (listType === undefined || listType === null) return [];
  if (node['type'] !== 'array')
    return [invalid(`${path}.type`, node['type'] ?? '', 'must be array if x-kubernetes-list-type is specified')];
  if (listType !== 'map') return [];
  if (!Array.isArray(keys) || keys.length === 0)
    return [required(at, 'must not be empty if x-kubernetes-list-type is map')];
  const items = node['items'];
  return keys.flatMap((key, index) => {
    const property = typeof key === 'string' ? memberOf(memberOf(items, 'properties'), key) : undefined;
    if (!isObject(property)) return [invalid(`${at}[${index}]`, key, 'entries must all be names of item properties')];
    const wanted = memberOf(items, 'required');
    const certain = (Array.isArray(wanted) && wanted.includes(key)) || property['default'] !== undefined;
    return certain
      ? []
      : [
          required(
            `${path}.items.properties[${String(key)}].default`,
            'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
          ),
        ];
  });
}

/** Inside allOf, anyOf, oneOf and not there are only restrictions of values: the structure is said outside. */
const STRUCTURAL = ['type', 'description', 'title', 'default', 'additionalProperties', 'nullable'];

function logicCauses(node: JsonObject, path: string): StatusCause[] {
  const free = node['x-kubernetes-int-or-string'] === true;
  const nested: [JsonObject, string][] = LOGIC.flatMap(word => {
    const list = node[word];
    return Array.isArray(list)
      ? list.flatMap((item, at): [JsonObject, string][] => (isObject(item) ? [[item, `${path}.${word}[${at}]`]] : []))
      : [];
  });
  if (isObject(node['not'])) nested.push([node['not'], `${path}.not`]);
  return nested.flatMap(([item, at]) => restrictionCauses(item, at, free));
}

function restrictionCauses(node: JsonObject, path: string, intOrString: boolean): StatusCause[] {
  const own = STRUCTURAL.filter(key => node[key] !== undefined && !(intOrString && key === 'type')).map(key =>
    forbidden(`${path}.${key}`, 'must be empty to be structural'),
  );
  const below = childNodes(node, path).flatMap(([child, at]) => restrictionCauses(child, at, false));
  return [...own, ...below, ...logicCauses(node, path)];
}

type Child = readonly [node: JsonObject, path: string, where: 'fields' | 'items'];

function childNodes(node: JsonObject, path: string): Child[] {
  const children: Child[] = [];
  const add = (child: JsonValue | undefined, at: string, where: 'fields' | 'items'): void => {
    if (isObject(child)) children.push([child, at, where]);
  };
  for (const [key, property] of Object.entries(isObject(node['properties']) ? node['properties'] : {})) {
    add(property, `${path}.properties[${key}]`, 'fields');
  }
  add(node['additionalProperties'], `${path}.additionalProperties`, 'fields');
  add(node['items'], `${path}.items`, 'items');
  return children;
}

/** Called on what the structural check has let through. */
const asSchema = (node: JsonObject): Schema => node as Schema;

function defaultCauses(node: JsonObject, path: string): StatusCause[] {
  const value = node['default'];
  const own =
    value === undefined
      ? []
      : valueCauses(asSchema(node), value, 'default').map(cause =>
          invalid(`${path}.${cause.field}`, value, cause.message.replace(/^.*? in body /, 'default ')),
        );
  return [...own, ...childNodes(node, path).flatMap(([child, at]) => defaultCauses(child, at))];
}

function ruleCausesOf(node: JsonObject, path: string, isRoot: boolean): StatusCause[] {
  const rules = node['x-kubernetes-validations'];
  // At the root, rules see metadata.name too.
  const schema = isRoot ? schemaOf({group: '', version: '', kind: ''}, asSchema(node)) : asSchema(node);
  const own =
    !Array.isArray(rules) || schema === undefined
      ? []
      : compileRules(schema).flatMap((compiled, index) => {
          if (compiled.ok) return [];
          const {part, message} = compiled.error;
          return [invalid(`${path}.x-kubernetes-validations[${index}].${part}`, rules[index] ?? '', message)];
        });
  return [...own, ...childNodes(node, path).flatMap(([child, at]) => ruleCausesOf(child, at, false))];
}
