import test from 'ava';
import {FIELD_DESCRIPTIONS} from '../../src/crds/field-descriptions.ts';
import {KINDS} from '../../src/crds/kinds.ts';
import {crdManifest} from '../../src/crds/manifest.ts';

type Schema = {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
};

/** Every field of a schema with its path; `[]` for each of a list, `*` for each of a map. */
function fields(schema: Schema, path = ''): [path: string, field: Schema][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string, Schema][] => [
    [`${path}.${name}`, field],
    ...fields(field, `${path}.${name}`),
  ]);
  const inside = schema.items === undefined ? [] : fields(schema.items, `${path}[]`);
  const values = schema.additionalProperties === undefined ? [] : fields(schema.additionalProperties, `${path}.*`);
  return [...own, ...inside, ...values];
}

for (const kind of KINDS) {
  const {versions} = crdManifest(kind)['spec'] as {versions: {schema: {openAPIV3Schema: Schema}}[]};
  const all = fields(versions[0]?.schema.openAPIV3Schema ?? {});

  // The API server itself describes the fields of every object.
  const own = all.filter(([path]) => !['.apiVersion', '.kind', '.metadata'].includes(path));

  test(`kubectl explain has a sentence for every field of ${kind.kind}`, t => {
    t.true(all.length > 10);
    t.deepEqual(
      own.filter(([, {description = ''}]) => !/^[A-Z“"`].*[.)]$/s.test(description)).map(([path]) => path),
      [],
    );
  });

  test(`no description is kept for a field that ${kind.kind} does not have, or that has one of its own`, t => {
    const there = new Map(all);
    for (const [path, sentence] of Object.entries(FIELD_DESCRIPTIONS[kind.kind] ?? {}))
      t.is(there.get(path)?.description, sentence, path);
  });
}

test('columns of kubectl get that are no word of a field say what they are', t => {
  for (const kind of KINDS) {
    for (const {name, description} of kind.columns)
      if (description !== undefined) t.regex(description, /^[A-Z].*[.]$/, `${kind.kind} ${name}`);
  }
});
