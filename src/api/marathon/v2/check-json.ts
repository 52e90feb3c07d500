import {RE2JS} from 're2js';
import type {TSchema} from 'typebox';
import {explainTooMuch, limitOf, type LimitName} from '../../../lib/limits.ts';

/** What is wrong at one place: `path` as in `/container/volumes(0)/hostPath`, `errors` as Marathon names them. */
export type Violation = {readonly path: string; readonly errors: readonly string[]};

export type Checked = {
  /** The input without unknown and null fields. */
  readonly value: unknown;
  readonly violations: readonly Violation[];
  /** Paths of fields that nobody knows; Marathon ignores them. */
  readonly unknown: readonly string[];
};

type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  /** Which entry of the table of limits a bound comes from. */
  readonly '~limit'?: LimitName;
};

/**
 * Compares JSON with a schema and answers in Marathon's error codes. `null` reads as absent, as in Marathon.
 *
 * @param at put before every path: where in the body the input is, such as `(1)`
 */
export function checkJson(schema: TSchema, input: unknown, at = ''): Checked {
  const walk: Walk = {violations: [], unknown: []};
  const value = check(schema as Schema, input, at, walk);
  return {value, ...walk};
}

type Walk = {readonly violations: Violation[]; readonly unknown: string[]};

const fail = (walk: Walk, path: string, ...errors: string[]): undefined => {
  // One more than an answer lists, so that it can say that there are more.
  if (walk.violations.length <= limitOf('errorsListed')) walk.violations.push({path: shown(path), errors});
  return undefined;
};

/** What is above a bound; where the bound is one of our limits, the limit is named too. */
function tooMuch(walk: Walk, path: string, code: string, found: number, schema: Schema): undefined {
  const limit = schema['~limit'];
  return fail(walk, path, code, ...(limit === undefined ? [] : [explainTooMuch({kind: 'too-much', limit, found})]));
}

function check(schema: Schema, input: unknown, path: string, walk: Walk): unknown {
  switch (schema.type) {
    case 'object':
      return checkObject(schema, input, path, walk);
    case 'array':
      if (!Array.isArray(input)) return fail(walk, path, 'error.expected.jsarray');
      if (input.length < (schema.minItems ?? 0)) return fail(walk, path, 'error.minLength');
      if (input.length > (schema.maxItems ?? Number.POSITIVE_INFINITY))
        return tooMuch(walk, path, 'error.maxLength', input.length, schema);
      return input.map((item, index) => check(schema.items ?? {}, item, `${path}(${index})`, walk));
    case 'string':
      return checkString(schema, input, path, walk);
    case 'integer':
    case 'number':
      return checkNumber(schema, input, path, walk);
    case 'boolean':
      return typeof input === 'boolean' ? input : fail(walk, path, 'error.expected.jsboolean');
    default:
      return input;
  }
}

function checkObject(schema: Schema, input: unknown, path: string, walk: Walk): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return fail(walk, path, 'error.expected.jsobject');
  if (schema.properties === undefined && schema.additionalProperties === undefined) return input;
  const entries = Object.entries(input);
  if (entries.length > (schema.maxProperties ?? Number.POSITIVE_INFINITY))
    return tooMuch(walk, path, 'error.maxProperties', entries.length, schema);
  const value = new Map<string, unknown>();
  for (const [name, item] of entries) {
    if (item === null || item === undefined) continue;
    const field = fieldOf(schema, name);
    if (field === undefined) noteUnknown(walk, `${path}/${name}`);
    else value.set(name, check(field, item, `${path}/${name}`, walk));
  }
  for (const name of schema.required ?? []) {
    if (!value.has(name) && fieldOf(schema, name)?.default === undefined)
      fail(walk, `${path}/${name}`, 'error.path.missing');
  }
  return Object.fromEntries(value);
}

function noteUnknown({unknown}: Walk, path: string): void {
  if (unknown.length < limitOf('errorsListed')) unknown.push(shown(path));
}

/** Names come from outside, so a path may be as long as the body. */
const shown = (path: string): string => (path === '' ? '/' : path.slice(0, LONGEST_PATH));
const LONGEST_PATH = 1000;

/** Own properties only: a field may be named `constructor`. */
const fieldOf = ({properties = {}, additionalProperties}: Schema, name: string): Schema | undefined =>
  Object.hasOwn(properties, name) ? properties[name] : additionalProperties;

function checkString(schema: Schema, input: unknown, path: string, walk: Walk): unknown {
  if (typeof input !== 'string') return fail(walk, path, 'error.expected.jsstring');
  if (schema.enum !== undefined && !schema.enum.includes(input)) return fail(walk, path, 'error.unknown.enum.literal');
  if (input.length < (schema.minLength ?? 0)) return fail(walk, path, 'error.minLength');
  if (input.length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
    return tooMuch(walk, path, 'error.maxLength', input.length, schema);
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(input)) return fail(walk, path, 'error.pattern');
  return input;
}

const patterns = new Map<string, RE2JS>();

/** RE2's syntax, as in the CRD that is made from the same schema; in time linear in the text. */
function patternOf(source: string): RE2JS {
  const pattern = patterns.get(source) ?? RE2JS.compile(source);
  patterns.set(source, pattern);
  return pattern;
}

function checkNumber(schema: Schema, input: unknown, path: string, walk: Walk): unknown {
  if (typeof input !== 'number') return fail(walk, path, 'error.expected.jsnumber');
  if (schema.type === 'integer' && !Number.isInteger(input)) return fail(walk, path, 'error.expected.int');
  if (input < (schema.minimum ?? Number.NEGATIVE_INFINITY)) return fail(walk, path, 'error.min');
  if (input > (schema.maximum ?? Number.POSITIVE_INFINITY)) return tooMuch(walk, path, 'error.max', input, schema);
  return input;
}
