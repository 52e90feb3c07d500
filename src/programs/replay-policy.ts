import {Type} from 'typebox';
import {Value} from 'typebox/value';
import {parse} from 'yaml';
import type {Policy} from '../allocator/journal/replay.ts';
import type {Result} from '../lib/result.ts';
import {err, ok} from '../lib/result.ts';

const sorter = Type.Optional(Type.Unsafe<'drf' | 'random'>({type: 'string', enum: ['drf', 'random']}));
const amounts = Type.Optional(Type.Record(Type.String(), Type.Number({minimum: 0})));
const quota = Type.Object({guarantees: amounts, limits: amounts}, {additionalProperties: false});

const schema = Type.Object(
  {
    roleSorter: sorter,
    frameworkSorter: sorter,
    weights: Type.Optional(Type.Record(Type.String(), Type.Number({exclusiveMinimum: 0}))),
    /** Null: none. */
    quotas: Type.Optional(Type.Record(Type.String(), Type.Union([quota, Type.Null()]))),
  },
  {additionalProperties: false},
);

/** Reads a policy from YAML. @returns a sentence that names what is wrong */
export function parsePolicy(text: string): Result<Policy, string> {
  const json = parseYaml(text);
  if (!json.ok) return json;
  const value = json.value ?? {};
  if (!Value.Check(schema, value)) {
    const [first] = Value.Errors(schema, value);
    return err(`${first?.instancePath.slice(1).replaceAll('/', '.') || 'the policy'} ${first?.message ?? 'is wrong'}`);
  }
  const {weights, quotas, ...sorters} = value;
  const nested = Object.keys(quotas ?? {}).find(role => role.includes('/'));
  if (nested !== undefined) return err(`quotas.${nested}: only top-level roles have quota`);
  return ok({
    ...sorters,
    ...(weights !== undefined && {weights: mapOf(weights)}),
    ...(quotas !== undefined && {quotas: new Map(Object.entries(quotas).map(([role, one]) => [role, toQuota(one)]))}),
  });
}

function parseYaml(text: string): Result<unknown, string> {
  try {
    return ok(parse(text));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

const mapOf = (amountsByName: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(amountsByName));

function toQuota(one: Type.Static<typeof quota> | null) {
  if (one === null) return undefined;
  const {guarantees, limits} = one;
  return {
    ...(guarantees !== undefined && {guarantees: mapOf(guarantees)}),
    ...(limits !== undefined && {limits: mapOf(limits)}),
  };
}
