import {err, ok, type Result} from '../../../lib/result.ts';
import {equalJson, isObject, type JsonValue, memberOf} from '../schema/json.ts';

export type JsonPath = (value: JsonValue) => readonly JsonValue[];
type Step = (value: JsonValue) => readonly JsonValue[];

/**
 * The part of kubectl's JSONPath that printer columns and selectable fields use: `.a.b`, `['a.b']`, `[0]`, `[-1]`,
 * `[*]` and `[?(@.type=="Ready")]`. Missing keys give no result.
 */
export function compileJsonPath(source: string): Result<JsonPath, string> {
  const text = source
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '');
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length) {
    const token = STEP.exec(text.slice(at));
    if (token === null) return err(`unrecognized JSONPath at ${JSON.stringify(text.slice(at))}`);
    steps.push(stepOf(token));
    at += token[0].length;
  }
  return ok(value => steps.reduce<readonly JsonValue[]>((values, step) => values.flatMap(step), [value]));
}

const STEP =
  /^(?:\.(?<field>(?:\\.|[^.[\]\\])+)|\['(?<quoted>[^']*)'\]|\["(?<double>[^"]*)"\]|\[(?<index>-?\d+)\]|(?<all>\[\*\]|\.\*)|\[\?\(\s*@(?<left>(?:\.[\w-]+|\['[^']*'\])+)\s*(?<operator>==|!=|<=|>=|<|>)\s*(?<right>"[^"]*"|'[^']*'|[^)\s]+)\s*\)\]|\.(?=\[|$))/;

function stepOf({groups = {}}: RegExpExecArray): Step {
  const name = groups['field']?.replace(/\\(.)/g, '$1') ?? groups['quoted'] ?? groups['double'];
  if (groups['all'] !== undefined || name === '*') return value => childrenOf(value);
  if (name !== undefined) return value => present(memberOf(value, name));
  if (groups['index'] !== undefined) {
    const index = Number(groups['index']);
    return value => (Array.isArray(value) ? present(value.at(index)) : []);
  }
  return groups['left'] === undefined ? value => [value] : filterStep(groups);
}

const present = (value: JsonValue | undefined): readonly JsonValue[] => (value === undefined ? [] : [value]);
const childrenOf = (value: JsonValue): readonly JsonValue[] =>
  Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];

function filterStep(groups: Readonly<Record<string, string | undefined>>): Step {
  const left = compileJsonPath(groups['left'] ?? '');
  const right = literal(groups['right'] ?? '');
  const operator = groups['operator'] ?? '==';
  if (!left.ok) return () => [];
  return value => childrenOf(value).filter(item => left.value(item).some(found => compares(found, operator, right)));
}

function literal(text: string): JsonValue {
  if (/^["'].*["']$/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function compares(found: JsonValue, operator: string, wanted: JsonValue): boolean {
  if (operator === '==') return equalJson(found, wanted);
  if (operator === '!=') return !equalJson(found, wanted);
  const comparable =
    (typeof found === 'number' && typeof wanted === 'number') ||
    (typeof found === 'string' && typeof wanted === 'string');
  if (!comparable) return false;
  if (operator === '<') return found < wanted;
  if (operator === '>') return found > wanted;
  return operator === '<=' ? found <= wanted : found >= wanted;
}
