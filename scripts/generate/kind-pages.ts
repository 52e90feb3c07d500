import {KINDS} from '../../src/crds/kinds.ts';
import type {Kind} from '../../src/crds/kind.ts';
import {crdManifest} from '../../src/crds/manifest.ts';

type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly 'x-kubernetes-validations'?: readonly {readonly rule: string; readonly message: string}[];
};

/** docs/reference/kinds: one page a kind, every field with type, default and limits. */
export const kindPages = (): [path: string, content: string][] =>
  KINDS.map(kind => [`docs/reference/kinds/${kind.singular}.md`, page(kind)]);

function page(kind: Kind): string {
  const {spec = {}, status = {}} = schemaOf(kind).properties ?? {};
  return [
    `# ${kind.kind}`,
    '',
    '<!-- Made from src/crds by `npm run generate`. Do not edit. -->',
    '',
    kind.description,
    '',
    `\`${kind.group}/${kind.version}\`, namespaced. Plural \`${kind.plural}\`, short ${kind.shortNames.map(name => `\`${name}\``).join(', ')}, in category ${kind.categories.map(name => `\`${name}\``).join(', ')}.`,
    '',
    '## spec',
    '',
    ...fieldTable(spec),
    '',
    '## status',
    '',
    ...fieldTable(status),
    '',
    '## Columns of `kubectl get`',
    '',
    '| column | from | |',
    '|---|---|---|',
    ...kind.columns.map(
      column =>
        `| ${column.name} | \`${column.jsonPath}\` | ${cell(column.description ?? '')}${column.priority ? ' (`-o wide`)' : ''} |`,
    ),
    '',
  ].join('\n');
}

/** As the API server gets it: with a description of every field. */
function schemaOf(kind: Kind): Schema {
  const {versions} = crdManifest(kind)['spec'] as {versions: {schema: {openAPIV3Schema: Schema}}[]};
  return versions[0]?.schema.openAPIV3Schema ?? {};
}

function fieldTable(schema: Schema): string[] {
  const ruleLines = allRules(schema).map(rule => `- \`${rule.rule}\`: ${rule.message}`);
  return [
    '| field | type | default | meaning and limits |',
    '|---|---|---|---|',
    ...rows(schema, ''),
    ...(ruleLines.length > 0 ? ['', 'Rules:', '', ...ruleLines] : []),
  ];
}

function rows(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const required = schema.required?.includes(name) === true && field.default === undefined ? ' **required**' : '';
    const row = `| \`${path}\` | ${typeName(field)}${required} | ${field.default === undefined ? '' : `\`${cell(JSON.stringify(field.default))}\``} | ${cell(meaning(field))} |`;
    return [
      row,
      ...rows(field, `${path}.`),
      ...rows(field.items ?? {}, `${path}[].`),
      ...rows(field.additionalProperties ?? {}, `${path}.*.`),
    ];
  });
}

function typeName(schema: Schema): string {
  if (schema.type === 'array') return `list of ${typeName(schema.items ?? {})}`;
  if (schema.additionalProperties !== undefined) return `map of ${typeName(schema.additionalProperties)}`;
  return schema.type ?? 'any';
}

function meaning(schema: Schema): string {
  return [
    schema.description,
    schema.enum === undefined ? undefined : `One of ${schema.enum.map(value => `\`${String(value)}\``).join(', ')}.`,
    schema.minimum === undefined ? undefined : `At least ${schema.minimum}.`,
    schema.maximum === undefined ? undefined : `At most ${schema.maximum}.`,
    schema.pattern === undefined ? undefined : `Pattern \`${schema.pattern}\`.`,
  ]
    .filter(part => part !== undefined)
    .join(' ');
}

function allRules(schema: Schema): {readonly rule: string; readonly message: string}[] {
  const children = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  return [
    ...(schema['x-kubernetes-validations'] ?? []),
    ...children.flatMap(child => (child === undefined ? [] : allRules(child))),
  ];
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
