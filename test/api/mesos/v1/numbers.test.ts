import {readFileSync} from 'node:fs';
import test from 'ava';
import type {TSchema} from 'typebox';
import {agentCallSchema, agentResponseSchema} from '../../../../src/api/mesos/v1/agent.ts';
import {executorCallSchema, executorEventSchema} from '../../../../src/api/mesos/v1/executor.ts';
import {operatorCallSchema, operatorResponseSchema} from '../../../../src/api/mesos/v1/operator.ts';
import {operatorEventSchema} from '../../../../src/api/mesos/v1/operator-events.ts';
import {schedulerCallSchema, schedulerEventSchema} from '../../../../src/api/mesos/v1/scheduler.ts';

/**
 * Read from the descriptors inside the original's library: `number rule type = default` of each field by message, and
 * the numbers of each enum.
 */
const golden: Readonly<Record<string, Readonly<Record<string, string | number>>>> = JSON.parse(
  readFileSync(new URL('golden/numbers.json', import.meta.url), 'utf8'),
);

const ROOTS: Readonly<Record<string, TSchema>> = {
  'scheduler.Call': schedulerCallSchema,
  'scheduler.Event': schedulerEventSchema,
  'master.Call': operatorCallSchema,
  'master.Response': operatorResponseSchema,
  'master.Event': operatorEventSchema,
  'executor.Call': executorCallSchema,
  'executor.Event': executorEventSchema,
  'agent.Call': agentCallSchema,
  'agent.Response': agentResponseSchema,
};

/** What is not in the table, on purpose; reading passes over it. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  // Images of another kind than Docker's, and storage that is no volume of Kubernetes.
  'Image.appc',
  'Volume.Source.csi_volume',
  'master.Response.GetAgents.Agent.resource_providers',
  // Always empty, for very old clients.
  'master.Response.GetExecutors.orphan_executors',
  // Three levels of containers are as many as the table nests; volumes of persistent disks have no source.
  'ContainerID.parent',
  'Volume.image',
  'Volume.source',
]);

/** Newer than the version that the numbers are of. */
const NEWER: ReadonlySet<string> = new Set(['MasterInfo.Capability.Type.QUOTA_V2']);

/** Defaults that are not written when a field is unset, as the original does not write them either. */
const UNWRITTEN: ReadonlySet<string> = new Set(['FrameworkInfo.role', 'Resource.role', 'MasterInfo.port']);

type Described = {
  readonly wire?: string;
  readonly number?: number;
  readonly rule?: string;
  readonly of?: Described;
  readonly fallback?: unknown;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly properties?: Readonly<Record<string, Described>>;
};

const walked = new Map<Described, string>();
const fields: {readonly name: string; readonly ours: string; readonly theirs: string | number | undefined}[] = [];
/** Of an agent's API only what reads is in the table. */
const lacking = new Set<string>();

function walk(message: string, schema: Described): void {
  if (walked.get(schema) === message) return;
  walked.set(schema, message);
  const theirs = golden[message] ?? {};
  const ours = schema.properties ?? schema.numbers ?? {};
  const isPart = /^(agent|ResourceStatistics)\b/.test(message);
  for (const name of Object.keys(theirs)) if (!(name in ours) && !isPart) lacking.add(`${message}.${name}`);
  for (const [name, value] of Object.entries(schema.numbers ?? {}))
    fields.push({name: `${message}.${name}`, ours: String(value), theirs: theirs[name]});
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = `${message}.${name}`;
    const said = String(theirs[name]);
    const type = said.split(' ').at(said.includes(' enum ') ? 3 : 2) ?? '';
    fields.push({
      name: at,
      ours: textOf(field, type, UNWRITTEN.has(at) ? said.split(' = ')[1] : undefined),
      theirs: said,
    });
    if (field.of?.properties !== undefined || field.of?.numbers !== undefined) walk(type, field.of);
  }
}

function textOf({number, rule, of, fallback}: Described, type: string, unwritten: string | undefined): string {
  const kind = of?.wire === 'enum' ? `enum ${type}` : of?.wire === 'message' ? type : of?.wire;
  const preset = unwritten ?? (rule === 'list' ? undefined : fallback);
  return `${number} ${rule} ${kind}${preset === undefined ? '' : ` = ${String(preset)}`}`;
}

for (const [message, schema] of Object.entries(ROOTS)) walk(message, schema as Described);

test('numbers, rules, types and defaults of all fields and enums are the original ones', t => {
  const wrong = fields.filter(({name, ours, theirs}) => ours !== String(theirs) && !NEWER.has(name));
  t.deepEqual(wrong, []);
  t.true(fields.length > 900, `${fields.length} fields`);
});

test('nothing of the original is left out but what is named', t => {
  t.deepEqual([...lacking].sort(), [...LEFT_OUT].sort());
});
