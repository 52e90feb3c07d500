import {builtinSchema, objectMetaSchema} from './builtin.ts';
import {DESCRIPTIONS} from './builtin-facts.ts';
import type {Gvk, Schema} from './schema.ts';

/**
 * The schema that defaults, prunes, validates, patches and documents the objects of a kind. A custom kind has the CRD's
 * schema, completed by apiVersion, kind and metadata. A built-in kind has the API's. Undefined when there is none.
 *
 * @param custom the CRD version's `openAPIV3Schema`. One completion is kept for each value, so hand in the same one. A
 *               completed schema is returned as it is
 */
export function schemaOf(kind: Gvk, custom: Schema | undefined): Schema | undefined {
  if (custom === undefined) return builtinSchema(kind.group, kind.version, kind.kind);
  const known = completed.get(custom);
  if (known !== undefined) return known;
  const schema = complete(kind, custom);
  completed.set(custom, schema);
  completed.set(schema, schema);
  return schema;
}

const completed = new WeakMap<Schema, Schema>();

function complete({group, version, kind}: Gvk, custom: Schema): Schema {
  const text = (name: string): Schema => ({type: 'string', description: DESCRIPTIONS[name] ?? ''});
  return {
    ...custom,
    type: 'object',
    properties: {
      ...custom.properties,
      apiVersion: text('apiVersion'),
      kind: text('kind'),
      metadata: objectMetaSchema(),
    },
    'x-kubernetes-group-version-kind': [{group, version, kind}],
  };
}
