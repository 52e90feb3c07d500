import {err, ok, type Result} from './result.ts';
import {DURATION_PATTERN, formatDuration, parseDuration} from './units.ts';

/** How the text of a flag becomes a value, and back. `want` completes "want …, got …". */
export type FlagType<T> = {
  readonly want: string;
  readonly parse: (text: string) => Result<T, string>;
  /** A method, so that a table may hold flags of several types. */
  format(value: T): string;
  readonly boolean?: boolean;
  /** The value is a path: `file://` before it is left out, and nothing is read. */
  readonly path?: boolean;
  /** What a file of values may say, for the chart; text when absent. */
  readonly schema?: FlagSchema;
};

/** The part of JSON Schema that flags need. */
export type FlagSchema = {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  /** What the pattern alone can't rule out. */
  readonly not?: {readonly type: 'string'; readonly pattern: string};
  /** Of a list: what each word looks like. */
  readonly item?: string;
};

/** One option. `fallback` undefined means: not set unless given. */
export type Flag<T = unknown> = {
  readonly type: FlagType<T>;
  readonly fallback: T | undefined;
  readonly help: string;
  readonly required?: boolean;
  /** A word on the command line that belongs to no flag is its value. */
  readonly operand?: boolean;
};

/** Options by name in lower case with underscores; the one place from which parsing, help, docs and chart values come. */
export type FlagTable = Readonly<Record<string, Flag>>;

export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends {readonly type: FlagType<infer T>; readonly fallback: infer F}
    ? undefined extends F
      ? Table[Name] extends {readonly required: true}
        ? T
        : T | undefined
      : T
    : never;
};

const matching = (want: string, pattern: RegExp): FlagType<string> => ({
  want,
  parse: text => (pattern.test(text) ? ok(text) : err(`want ${want}, got "${text}"`)),
  format: value => value,
});
const whole = (want: string, min: number, max: number): FlagType<number> => ({
  want,
  parse: text => {
    const value = Number(text);
    return /^-?\d+$/.test(text) && value >= min && value <= max ? ok(value) : err(`want ${want}, got "${text}"`);
  },
  format: String,
  schema: {type: 'integer', minimum: min, ...(max === Number.MAX_SAFE_INTEGER ? {} : {maximum: max})},
});

/** Text of one look. `pattern` is a whole regular expression. */
function textLike(want: string, pattern: string): FlagType<string> {
  return {...matching(want, new RegExp(pattern)), schema: {type: 'string', pattern}};
}

const duration: FlagType<number> = {
  want: 'a duration such as 15secs',
  parse: parseDuration,
  format: formatDuration,
  schema: {type: 'string', pattern: DURATION_PATTERN},
};

function durationWithin(leastMs: number, mostMs = Number.MAX_SAFE_INTEGER): FlagType<number> {
  const most = mostMs === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${formatDuration(mostMs)}`;
  const want = `a duration ${most === 'or more' ? 'of' : 'from'} ${formatDuration(leastMs)} ${most}`;
  return {
    ...duration,
    want,
    parse: text => {
      const parsed = duration.parse(text);
      if (!parsed.ok) return parsed;
      return parsed.value >= leastMs && parsed.value <= mostMs ? parsed : err(`want ${want}, got "${text}"`);
    },
  };
}

/** Words separated by commas, each of one look. `word` is a part of a regular expression. */
const words = (want: string, word: string): FlagType<readonly string[]> => ({
  want,
  parse: text => {
    const list = text === '' ? [] : text.split(',').map(item => item.trim());
    const odd = list.find(item => !new RegExp(`^(?:${word})$`).test(item));
    return odd === undefined ? ok(list) : err(`want ${want}, got "${text}"`);
  },
  format: list => list.join(','),
  schema: {type: 'array', item: word},
});

export const flagTypes = {
  text: matching('text', /^/),
  textLike,
  boolean: {
    want: 'true or false',
    parse: (text: string) =>
      text === 'true' || text === 'false' ? ok(text === 'true') : err(`want true or false, got "${text}"`),
    format: String,
    boolean: true,
    schema: {type: 'boolean'},
  } satisfies FlagType<boolean>,
  /** A host name or an address. */
  host: textLike(
    'a host name or an address',
    '^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$|^[0-9A-Fa-f.:%]*:[0-9A-Za-z.:%]*$',
  ),
  /** Of a file or a directory that is read by whoever needs it; `file://` may stand before it. */
  path: {...textLike('a path', '^(file://)?[^\\s].*$'), path: true} satisfies FlagType<string>,
  url: textLike('a URL with http:// or https://', '^https?://[^\\s/?#]+[^\\s]*$'),
  /** Port number; 0 = any free one. */
  port: whole('a port from 0 to 65535', 0, 65_535),
  count: (min: number, max = Number.MAX_SAFE_INTEGER) =>
    whole(
      max === Number.MAX_SAFE_INTEGER ? `a whole number of ${min} or more` : `a whole number from ${min} to ${max}`,
      min,
      max,
    ),
  number: {
    want: 'a number',
    parse: (text: string) =>
      text.trim() !== '' && Number.isFinite(Number(text)) ? ok(Number(text)) : err(`want a number, got "${text}"`),
    format: String,
    schema: {type: 'number'},
  } satisfies FlagType<number>,
  /** Mesos's durations, in milliseconds: `15secs`. */
  duration,
  /** The same with bounds, in milliseconds. */
  durationWithin,
  oneOf: <const T extends string>(...words: readonly T[]): FlagType<T> => ({
    want: `one of ${words.join(', ')}`,
    parse: text => {
      const word = words.find(candidate => candidate === text);
      return word === undefined ? err(`want one of ${words.join(', ')}, got "${text}"`) : ok(word);
    },
    format: value => value,
    schema: {type: 'string', enum: words},
  }),
  list: words('words separated by commas', '[^,\\s]+'),
  words,
};

/** A flag with its default. */
export const flag = <T>(
  type: FlagType<T>,
  fallback: T,
  help: string,
): {type: FlagType<T>; fallback: T; help: string} => ({type, fallback, help});
/** A flag that is not set unless given. */
export const unset = <T>(type: FlagType<T>, help: string): {type: FlagType<T>; fallback: undefined; help: string} => ({
  type,
  fallback: undefined,
  help,
});
/** A flag without which the program does not start. */
export const required = <T>(
  type: FlagType<T>,
  help: string,
): {type: FlagType<T>; fallback: undefined; help: string; required: true} => ({
  type,
  fallback: undefined,
  help,
  required: true,
});

/** The same flag, whose name may be left out. */
export const operand = <F extends Flag>(definition: F): F & {readonly operand: true} => ({
  ...definition,
  operand: true,
});

/**
 * Where flags are given. Later entries win: directory (file name = flag, content = value, `?name` / `?no-name` for
 * booleans), environment (`<prefix><NAME>`), command line (`--name=value`, `--name value`, `--name`, `--no-name`).
 */
export type FlagSources = {
  readonly directory?: ReadonlyMap<string, string>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly environmentPrefixes?: readonly string[];
  readonly argv: readonly string[];
  /** Flags of a program that this one stands for, by name: why they are not there. Given by any source, they are refused. */
  readonly unsupported?: Readonly<Record<string, {readonly reason: string}>>;
  /** Of the environment, the only prefix that they are looked for under. */
  readonly unsupportedPrefix?: string;
  /** Reads the file behind a value of the form file:///path. */
  readonly readFile?: (path: string) => Result<string, string>;
};

/**
 * Reads all flags of a table, once.
 *
 * @returns the values, frozen, or every mistake as one sentence that names flag, value and what was wanted
 */
export function parseFlags<const Table extends FlagTable>(
  table: Table,
  sources: FlagSources,
): Result<FlagValues<Table>, readonly string[]> {
  const errors: string[] = [];
  const texts = new Map<string, string>();
  fromDirectory(table, sources, texts, errors);
  fromEnvironment(table, sources, texts, errors);
  fromArguments(table, sources, texts, errors);
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(table))
    values[name] = valueOf(name, definition, texts.get(name), sources, errors);
  return errors.length > 0 ? err(errors) : ok(Object.freeze(values) as FlagValues<Table>);
}

const nameOf = (spelled: string): string => spelled.toLowerCase().replaceAll('-', '_');

function fromDirectory(table: FlagTable, sources: FlagSources, texts: Map<string, string>, errors: string[]): void {
  for (const [file, content] of sources.directory ?? []) {
    const boolean = /^\?(no-)?(.+)$/.exec(file);
    const name = nameOf(boolean?.[2] ?? file);
    if (table[name] === undefined)
      errors.push(`file ${file}: ${notSupported(sources, name) ?? `there is no flag ${name}`}`);
    else texts.set(name, boolean === null ? content.trim() : String(boolean[1] === undefined));
  }
}

/** Unknown variables are left alone: an environment is shared with others. Those that are known not to work are not. */
function fromEnvironment(table: FlagTable, sources: FlagSources, texts: Map<string, string>, errors: string[]): void {
  for (const prefix of sources.environmentPrefixes ?? []) {
    for (const name of Object.keys(table)) {
      const text = sources.environment?.[prefix + name.toUpperCase()];
      if (text !== undefined) texts.set(name, text);
    }
  }
  const {unsupported = {}, unsupportedPrefix} = sources;
  if (unsupportedPrefix === undefined) return;
  for (const name of Object.keys(unsupported)) {
    const variable = unsupportedPrefix + name.toUpperCase();
    if (table[name] !== undefined || sources.environment?.[variable] === undefined) continue;
    errors.push(`${variable}: ${notSupported(sources, name)}`);
  }
}

function notSupported({unsupported = {}}: FlagSources, name: string): string | undefined {
  const found = unsupported[name] ?? unsupported[name.replace(/^(no|disable)_/, '')];
  return found === undefined ? undefined : `not supported: ${found.reason}`;
}

function fromArguments(table: FlagTable, sources: FlagSources, texts: Map<string, string>, errors: string[]): void {
  const {argv} = sources;
  const operands = Object.keys(table).filter(name => table[name]?.operand === true);
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(argument);
    if (match === null) {
      const operand = operands.shift();
      if (operand !== undefined) texts.set(operand, argument);
      else errors.push(`"${argument}" is not a flag: flags begin with -- (see --help)`);
      continue;
    }
    const given = readArgument(table, nameOf(match[1] ?? ''), match[2], argv[i + 1]);
    if (given === undefined) {
      const spelled = nameOf(match[1] ?? '');
      const why = notSupported(sources, spelled) ?? `there is no such flag${suggestion(table, spelled)} (see --help)`;
      errors.push(`--${match[1]}: ${why}`);
      // What follows may be its value.
      if (match[2] === undefined && argv[i + 1]?.startsWith('--') === false) i++;
    } else if (given.text === undefined)
      errors.push(`--${match[1]}: want ${table[given.name]?.type.want}, got nothing`);
    else {
      texts.set(given.name, given.text);
      if (given.tookNext) i++;
    }
  }
}

type Given = {readonly name: string; readonly text: string | undefined; readonly tookNext: boolean};

function readArgument(
  table: FlagTable,
  name: string,
  text: string | undefined,
  next: string | undefined,
): Given | undefined {
  const negated = name.startsWith('no_') ? table[name.slice(3)] : undefined;
  if (table[name] === undefined)
    return negated?.type.boolean ? {name: name.slice(3), text: 'false', tookNext: false} : undefined;
  if (text !== undefined) return {name, text, tookNext: false};
  if (table[name].type.boolean) return {name, text: 'true', tookNext: false};
  const usable = next !== undefined && !next.startsWith('--');
  return {name, text: usable ? next : undefined, tookNext: usable};
}

function suggestion(table: FlagTable, name: string): string {
  const near = Object.keys(table).find(
    known => known.includes(name) || name.includes(known) || distance(known, name) <= 2,
  );
  return near === undefined ? '' : `, did you mean --${near}?`;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function valueOf(
  name: string,
  definition: Flag,
  text: string | undefined,
  sources: FlagSources,
  errors: string[],
): unknown {
  if (text === undefined) {
    if (definition.required) errors.push(`--${name} is required: ${definition.help}`);
    return definition.fallback;
  }
  const resolved = resolve(text, definition.type, sources);
  const value = resolved.ok ? definition.type.parse(resolved.ok ? resolved.value.trim() : '') : resolved;
  if (!value.ok) {
    errors.push(`--${name}: ${value.error}`);
    return undefined;
  }
  return value.value;
}

/** `file://` stands before what is read from a file. */
function resolve(text: string, type: FlagType<unknown>, {readFile}: FlagSources): Result<string, string> {
  if (!text.startsWith('file://')) return ok(text);
  const path = text.slice('file://'.length);
  if (type.path === true) return ok(path);
  return readFile === undefined ? ok(text) : readFile(path);
}

/** The flags as `/flags` shows them: all as text, unset ones left out. */
export function formatFlags(table: FlagTable, values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(table)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, definition]) => [name, definition.type.format(values[name])]),
  );
}

/** The text of `--help`. */
export function helpText(usage: string, table: FlagTable): string {
  const lines = Object.entries(table).map(([name, definition]) => {
    const fallback =
      definition.fallback === undefined
        ? definition.required
          ? ' (required)'
          : ''
        : ` [${definition.type.format(definition.fallback)}]`;
    const spelled =
      definition.operand === true ? `[--${name}=]VALUE` : `--${name}${definition.type.boolean ? '' : `=VALUE`}`;
    return `  ${spelled}\n        ${definition.help}${fallback}`;
  });
  return `${usage}\n\n${lines.join('\n')}\n`;
}
