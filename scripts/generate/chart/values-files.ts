import {stringify} from 'yaml';
import {CHART_VALUES} from './table.ts';
import type {ChartValue, Schema} from './value.ts';

const NOTE = 'Made from scripts/generate/chart and the flag tables by `npm run generate`. Do not edit.';

/** deploy/helm/values.yaml, its schema, docs/reference/chart-values.md, and the README of the chart. */
export const valuesFiles = (): [path: string, content: string][] => [
  ['deploy/helm/values.yaml', valuesYaml()],
  ['deploy/helm/values.schema.json', `${JSON.stringify(valuesSchema(), null, 2)}\n`],
  ['docs/reference/chart-values.md', page()],
  ['deploy/helm/README.md', readme()],
];

/** A level of values: a value itself, or more levels by name. */
type Level = ChartValue | Map<string, Level>;

function tree(): Map<string, Level> {
  const root = new Map<string, Level>();
  for (const value of CHART_VALUES) {
    const names = value.path.split('.');
    const leaf = names.pop() ?? '';
    let level = root;
    for (const name of names) {
      const next = level.get(name) ?? new Map<string, Level>();
      if (!(next instanceof Map)) throw new Error(`${value.path}: ${name} is a value already`);
      level.set(name, next);
      level = next;
    }
    if (level.has(leaf)) throw new Error(`${value.path} is there twice`);
    level.set(leaf, value);
  }
  return root;
}

const FLAGS_NOTE = 'Null leaves the default, which is in parentheses. Each set value becomes a file of a ConfigMap.';

function valuesYaml(): string {
  return (
    [`# ${NOTE}`, '# docs/reference/chart-values.md has the same as a table.', '', ...lines(tree(), '')].join('\n') +
    '\n'
  );
}

function lines(level: ReadonlyMap<string, Level>, indent: string): string[] {
  return [...level].flatMap(([name, below]) => {
    const gap = indent === '' ? [''] : [];
    if (!(below instanceof Map))
      return [...comment(below.help, indent), `${indent}${name}: ${flow(below.fallback)}`, ...gap];
    const note = name === 'flags' ? comment(FLAGS_NOTE, indent) : [];
    return [...note, `${indent}${name}:`, ...lines(below, `${indent}  `), ...gap];
  });
}

const flow = (value: unknown): string => stringify(value, {collectionStyle: 'flow', lineWidth: 0}).trim();

const WIDTH = 110;
function comment(text: string, indent: string): string[] {
  const rows: string[] = [];
  for (const word of text.split(' ')) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(`${indent}# ${word}`);
  }
  return rows;
}

/** Unknown values are refused: a typo would otherwise do nothing, silently. */
function valuesSchema(): Schema {
  const root = objectSchema(tree());
  const properties = {...(root['properties'] as object), global: {type: 'object', description: 'Of Helm itself.'}};
  return {$schema: 'http://json-schema.org/draft-07/schema#', title: 'mesos', ...root, properties};
}

function objectSchema(level: ReadonlyMap<string, Level>): Schema {
  const properties = Object.fromEntries(
    [...level].map(([name, below]) => [
      name,
      below instanceof Map ? objectSchema(below) : {description: below.help, ...below.schema},
    ]),
  );
  return {type: 'object', additionalProperties: false, properties};
}

function page(): string {
  return [
    '# Values of the chart',
    '',
    `<!-- ${NOTE} -->`,
    '',
    'Every value of `deploy/helm`. A value that is not listed is refused. Flags (`….flags.…`) are null where the program’s default holds, which is then in parentheses;',
    'each set one becomes a file in a ConfigMap, mounted as `/etc/mesos-master/<flag>`, `/etc/mesos-agent/<flag>`, `/etc/marathon/<flag>` or `/etc/mesos-controller/<flag>`.',
    '',
    ...valueTable(),
    '',
  ].join('\n');
}

/** What Artifact Hub and `helm show readme` show: the chart has to speak for itself there. */
function readme(): string {
  return [
    '# mesos-operator',
    '',
    `<!-- ${NOTE} -->`,
    '',
    'Apache Mesos and Marathon as a Kubernetes operator: two-level scheduling with Dominant Resource Fairness beside kube-scheduler.',
    '',
    '```',
    'kubectl create namespace mesos',
    'helm install mesos . --namespace mesos --set image.repository=registry.example.com/mesos-operator --wait',
    'helm --namespace mesos test mesos --logs',
    '```',
    '',
    'It wants Kubernetes 1.30 or later. One namespace is one Mesos cluster. The kinds belong to the whole Kubernetes: install further clusters with `crds.install=false`.',
    '',
    '`helm upgrade --reset-then-reuse-values` touches no task. `helm uninstall` leaves tasks running, and a later install adopts them. With `uninstall.tasks=remove` nothing is left.',
    '',
    '## Values',
    '',
    'A value that is not listed, or that does not fit, is refused before anything changes.',
    '',
    ...valueTable(),
    '',
  ].join('\n');
}

const valueTable = (): string[] => [
  '| value | default | meaning |',
  '|---|---|---|',
  ...CHART_VALUES.map(({path, fallback, help}) => `| \`${path}\` | ${defaultCell(fallback)} | ${cell(help)} |`),
];

const defaultCell = (fallback: unknown): string =>
  fallback === null || fallback === '' ? '' : `\`${cell(flow(fallback))}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
