import type {Result} from './result.ts';
import {err, ok} from './result.ts';
import {parseDuration} from './units.ts';

/** What is wrong: where, what was wanted and what was there. */
export type Issue = {readonly path: string; readonly want: string; readonly got: string};

/** Reads one value of YAML or JSON; what is wrong goes to `issues`, and the answer is then undefined. */
export type Decoder<T> = (value: unknown, path: string, issues: Issue[]) => T | undefined;

/** @returns the value, or all that is wrong, as sentences */
export function decodeWith<T>(decoder: Decoder<T>, value: unknown): Result<T, readonly string[]> {
  const issues: Issue[] = [];
  const decoded = decoder(value, '', issues);
  if (issues.length === 0 && decoded !== undefined) return ok(decoded);
  return err(issues.map(({path, want, got}) => `${path === '' ? 'the file' : path}: want ${want}, got ${got}`));
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function wrong(want: string, value: unknown, path: string, issues: Issue[]): undefined {
  issues.push({path, want, got: shown(value)});
  return undefined;
}

export const text: Decoder<string> = (value, path, issues) =>
  typeof value === 'string' && value !== '' ? value : wrong('a text', value, path, issues);

export const number =
  (want: string, accepts: (n: number) => boolean): Decoder<number> =>
  (value, path, issues) =>
    typeof value === 'number' && Number.isFinite(value) && accepts(value) ? value : wrong(want, value, path, issues);

export const atLeast0 = number('a number of 0 or more', n => n >= 0);
export const above0 = number('a number above 0', n => n > 0);
export const count = number('a whole number of 0 or more', n => n >= 0 && Number.isInteger(n));
export const count1 = number('a whole number above 0', n => n > 0 && Number.isInteger(n));

/** In milliseconds. */
export const duration: Decoder<number> = (value, path, issues) => {
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
  return parsed?.ok === true ? parsed.value : wrong('a duration such as 90secs or 2hrs', value, path, issues);
};

export const oneOf =
  <const T extends string>(...words: readonly T[]): Decoder<T> =>
  (value, path, issues) =>
    words.find(word => word === value) ?? wrong(`one of ${words.join(', ')}`, value, path, issues);

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const list =
  <T>(item: Decoder<T>): Decoder<readonly T[]> =>
  (value, path, issues) => {
    if (!Array.isArray(value)) return wrong('a list', value, path, issues);
    const items: readonly unknown[] = value;
    return items.flatMap((one, i) => item(one, `${path}[${i}]`, issues) ?? []);
  };

/** Free keys. */
export const mapOf =
  <T>(item: Decoder<T>): Decoder<ReadonlyMap<string, T>> =>
  (value, path, issues) => {
    if (!isObject(value)) return wrong('a map', value, path, issues);
    const entries = Object.entries(value).map(([key, one]) => [key, item(one, join(path, key), issues)] as const);
    return new Map(entries.flatMap(([key, one]) => (one === undefined ? [] : [[key, one]])));
  };

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** Anything at all. */
export const anything: Decoder<unknown> = value => value ?? {};

type Field<T> = {readonly decoder: Decoder<T>; readonly fallback: (() => T) | undefined};
export type Fields = Readonly<Record<string, Field<unknown>>>;
type ObjectOf<F extends Fields> = {readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never};

/** A field that must be there. */
export const needed = <T>(decoder: Decoder<T>): Field<T> => ({decoder, fallback: undefined});
/** A field with a default. */
export const optional = <T>(decoder: Decoder<T>, fallback: T): Field<T> => ({decoder, fallback: () => fallback});
/** A field that may be missing. */
export const maybe = <T>(decoder: Decoder<T>): Field<T | undefined> => ({decoder, fallback: () => undefined});

/** An object with these fields and no others: a word that nobody reads is most often a misspelt one. */
export const object =
  <const F extends Fields>(fields: F): Decoder<ObjectOf<F>> =>
  (value, path, issues) => {
    if (!isObject(value)) return wrong(`an object with ${Object.keys(fields).join(', ')}`, value, path, issues);
    for (const key of Object.keys(value)) {
      if (fields[key] === undefined) {
        issues.push({path: join(path, key), want: `one of ${Object.keys(fields).join(', ')} there`, got: key});
      }
    }
    const read = Object.entries(fields).map(([name, {decoder, fallback}]) => {
      const given = value[name];
      const missing = given === undefined || given === null;
      return [
        name,
        missing && fallback !== undefined ? fallback() : decoder(given ?? undefined, join(path, name), issues),
      ];
    });
    return Object.fromEntries(read) as ObjectOf<F>;
  };
