import {err, ok, type Result} from '../../../lib/result.ts';

type Labels = Readonly<Record<string, string>>;
type Test = (labels: Labels) => boolean;

/**
 * `key`, `key==v`, `key!=v`, `key in (a,b)`, `key notin (a,b)`, joined by commas that mean "and"; other characters are
 * escaped by a backslash. A negated term wants the label to exist, as in Marathon.
 */
export function parseLabelSelector(text: string): Result<Test, string> {
  const scanner = new Scanner(text);
  const tests: Test[] = [];
  do {
    const test = selector(scanner);
    if (test === undefined) return err(`Parse error in label selector "${text}" at position ${scanner.position}`);
    tests.push(test);
  } while (scanner.take(/,/y) !== undefined);
  if (!scanner.atEnd) return err(`Parse error in label selector "${text}" at position ${scanner.position}`);
  return ok(labels => tests.every(test => test(labels)));
}

const TERM = /(?:[-A-Za-z0-9_.]|\\.)+/y;

function selector(scanner: Scanner): Test | undefined {
  const key = term(scanner);
  if (key === undefined) return undefined;
  const has: Test = labels => Object.hasOwn(labels, key);
  const operator = scanner.take(/==|!=|(?:in|notin)(?=\s*\()/y);
  if (operator === undefined) return has;
  const values = operator.endsWith('=') ? one(scanner) : set(scanner);
  const wanted = operator === '==' || operator === 'in';
  return values && (labels => has(labels) && values.has(labels[key] ?? '') === wanted);
}

function one(scanner: Scanner): ReadonlySet<string> | undefined {
  const value = term(scanner);
  return value === undefined ? undefined : new Set([value]);
}

function set(scanner: Scanner): ReadonlySet<string> | undefined {
  const values = new Set<string>();
  scanner.take(/[(]/y);
  if (scanner.take(/[)]/y) !== undefined) return values;
  do {
    const value = term(scanner);
    if (value === undefined) return undefined;
    values.add(value);
  } while (scanner.take(/,/y) !== undefined);
  return scanner.take(/[)]/y) === undefined ? undefined : values;
}

const term = (scanner: Scanner): string | undefined => scanner.take(TERM)?.replaceAll(/\\(.)/g, '$1');

/** Reads tokens; blanks before them do not count. */
class Scanner {
  position = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param pattern sticky */
  take(pattern: RegExp): string | undefined {
    this.#skipBlanks();
    pattern.lastIndex = this.position;
    const token = pattern.exec(this.#text)?.[0];
    this.position += token?.length ?? 0;
    return token;
  }

  get atEnd(): boolean {
    this.#skipBlanks();
    return this.position === this.#text.length;
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.position] ?? '')) this.position += 1;
  }
}
