import {RE2JS} from 're2js';
import {charactersOf, complement, foldAscii, intersection, union, type CodePoints} from './code-points.ts';
import {CONTROL, LINE_ENDS, POSIX, PREDEFINED} from './java-classes.ts';
import {checkLimit, explainTooMuch} from './limits.ts';
import {err, ok, type Result} from './result.ts';

/**
 * Compiles a regular expression in Java's syntax, as `String.matches` reads it. To match takes time linear in the text,
 * whatever the expression. What cannot be had so is refused by name: back-references, lookaround, atomic groups and
 * possessive quantifiers. All else means what it means in Java, on texts without line ends.
 *
 * @returns whether a text matches from end to end, or why the expression is refused
 */
export function compileJavaPattern(pattern: string): Result<(text: string) => boolean, string> {
  const tooLong = checkLimit('expressionLength', pattern.length);
  if (tooLong !== undefined) return err(explainTooMuch(tooLong));
  const translated = new Translation(pattern).run();
  if (!translated.ok) return translated;
  try {
    const compiled = RE2JS.compile(translated.value);
    const tooComplex = checkLimit('expressionSteps', compiled.programSize());
    return tooComplex === undefined ? ok(text => compiled.testExact(text)) : err(explainTooMuch(tooComplex));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** What `(?…)` turns on; the other flags of Java are refused. */
type Flags = {readonly i: boolean; readonly s: boolean; readonly d: boolean};

/** An open group: its flags, the steps of what it holds so far, and of its last element. */
type Frame = {flags: Flags; steps: number; last: number | undefined};

/** A class between brackets; `properties` are Unicode's, which no algebra is done on. */
type CharacterClass = {readonly set: CodePoints; readonly properties: readonly string[]};

/** Thrown and caught inside of this file: an expression is refused at any depth of the walk. */
class Refused extends Error {}

const refuse = (why: string): never => {
  throw new Refused(why);
};
const unsupported = (what: string): never => refuse(`${what} not supported`);

/** Groups that look around or never give back what they took. */
const GROUPS: readonly (readonly [string, string])[] = [
  ['?=', 'lookahead (?=…) is'],
  ['?!', 'lookahead (?!…) is'],
  ['?<=', 'lookbehind (?<=…) is'],
  ['?<!', 'lookbehind (?<!…) is'],
  ['?>', 'the atomic group (?>…) is'],
];

class Translation {
  readonly #chars: readonly string[];
  readonly #out: string[] = [];
  readonly #frames: Frame[] = [{flags: {i: false, s: false, d: false}, steps: 0, last: undefined}];
  #at = 0;

  constructor(pattern: string) {
    this.#chars = withoutQuoting(Array.from(pattern));
  }

  /** The expression in RE2's syntax, each of its groups without a number. */
  run(): Result<string, string> {
    try {
      while (this.#at < this.#chars.length) this.#element();
      if (this.#frames.length > 1) refuse('a group is not closed');
      return ok(this.#out.join(''));
    } catch (error) {
      if (error instanceof Refused) return err(error.message);
      throw error;
    }
  }

  get #frame(): Frame {
    return this.#frames.at(-1) ?? refuse('a group is closed that was not opened');
  }

  #peek(text: string): boolean {
    return [...text].every((char, index) => this.#chars[this.#at + index] === char);
  }

  #take(): string {
    return this.#chars[this.#at++] ?? refuse('the expression ends too early');
  }

  #element(): void {
    const char = this.#take();
    switch (char) {
      case '(':
        return this.#open();
      case ')':
        return this.#close();
      case '|':
        this.#frame.last = undefined;
        return void this.#out.push('|');
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#repeat(char);
      case '.':
        return this.#emitClass({set: this.#anyCharacter(), properties: []});
      case '^':
      case '$':
        return this.#emit(char === '^' ? '\\A' : '\\z', 1);
      case '[':
        return this.#emitClass(this.#class());
      case '\\':
        return this.#escape();
      default:
        return this.#emitClass(this.#literal(codeOf(char)));
    }
  }

  #emit(text: string, steps: number): void {
    this.#out.push(text);
    this.#add(steps);
  }

  #add(steps: number): void {
    const frame = this.#frame;
    frame.steps += steps;
    frame.last = steps;
    const tooComplex = checkLimit('expressionSteps', frame.steps);
    if (tooComplex !== undefined) refuse(explainTooMuch({...tooComplex, atLeast: true}));
  }

  #anyCharacter(): CodePoints {
    const {s, d} = this.#frame.flags;
    if (s) return complement([]);
    return complement(d ? charactersOf('\n') : LINE_ENDS);
  }

  /** Letters of both cases under (?i): RE2 would fold more than Java does, such as `k` and the Kelvin sign. */
  #literal(first: number, last = first): CharacterClass {
    const set: CodePoints = [[first, last]];
    return {set: this.#frame.flags.i ? foldAscii(set) : set, properties: []};
  }

  #emitClass({set, properties}: CharacterClass): void {
    const ranges = set.map(([first, last]) => (first === last ? hex(first) : `${hex(first)}-${hex(last)}`));
    // Nothing matches an empty class.
    if (ranges.length + properties.length === 0) return this.#emit('[^\\x{0}-\\x{10ffff}]', 1);
    const single = ranges.length === 1 && properties.length === 0 && !ranges[0]?.includes('-');
    this.#emit(single ? (ranges[0] ?? '') : `[${ranges.join('')}${properties.join('')}]`, 1);
  }

  #open(): void {
    for (const [opening, name] of GROUPS) if (this.#peek(opening)) unsupported(name);
    let {flags} = this.#frame;
    if (this.#peek('?<')) this.#groupName();
    else if (this.#peek('?')) {
      this.#at++;
      const {flags: changed, ends} = this.#flags(flags);
      if (ends === ')') return this.#switch(changed);
      flags = changed;
    }
    this.#out.push('(?:');
    this.#frames.push({flags, steps: 0, last: undefined});
  }

  /** Up to the end of the group. */
  #switch(flags: Flags): void {
    this.#frame.flags = flags;
    this.#frame.last = undefined;
  }

  #groupName(): void {
    const end = this.#chars.indexOf('>', this.#at);
    const name = this.#chars.slice(this.#at + 2, end).join('');
    if (end < 0 || !/^[a-zA-Z][a-zA-Z0-9]*$/.test(name)) refuse('a group’s name is not a word');
    this.#at = end + 1;
  }

  #flags(before: Flags): {flags: Flags; ends: string} {
    let flags = before;
    let value = true;
    for (;;) {
      const char = this.#take();
      if (char === ':' || char === ')') return {flags, ends: char};
      if (char === '-' && value) value = false;
      else if (char === 'i' || char === 's' || char === 'd') flags = {...flags, [char]: value};
      else if ('muxU'.includes(char)) unsupported(`the flag (?${char}) is`);
      else refuse(`(?${char} is no group and no flag`);
    }
  }

  #close(): void {
    if (this.#frames.length === 1) refuse('a group is closed that was not opened');
    const closed = this.#frames.pop();
    this.#emit(')', (closed?.steps ?? 0) + 1);
  }

  #repeat(char: string): void {
    const frame = this.#frame;
    const {last} = frame;
    if (last === undefined) return refuse(`the quantifier ${char} follows nothing`);
    const [text, times] = char === '{' ? this.#counted() : [char, 1];
    if (this.#peek('+')) unsupported(`the possessive quantifier ${text}+ is`);
    // Whether few or many are tried first makes no difference to whether the whole text matches.
    if (this.#peek('?')) this.#at++;
    this.#out.push(text);
    this.#add(last * Math.max(0, times - 1) + 1);
    // A repetition of a repetition is an error in Java.
    frame.last = undefined;
  }

  #counted(): readonly [text: string, times: number] {
    const end = this.#chars.indexOf('}', this.#at);
    const body = end < 0 ? '' : this.#chars.slice(this.#at, end).join('');
    const [, least, comma, most] = /^(\d{1,9})(,?)(\d{0,9})$/.exec(body) ?? [];
    if (least === undefined || (comma === '' && most !== '')) return refuse('a repetition is not {n}, {n,} or {n,m}');
    const times = Math.max(Number(least), Number(most));
    if (most !== '' && Number(most) < Number(least)) refuse(`the repetition {${body}} ends before it begins`);
    if (times > MOST_REPETITIONS) unsupported(`a repetition of more than ${MOST_REPETITIONS} is`);
    this.#at = end + 1;
    return [`{${Number(least)}${comma}${most === '' ? '' : Number(most)}}`, times];
  }

  #escape(): void {
    const char = this.#chars[this.#at] ?? refuse('the expression ends with a \\');
    if ('bBAzZ'.includes(char)) {
      this.#at++;
      if (char === 'b' && this.#peek('{')) unsupported('\\b{…} is');
      return this.#emit(char === 'Z' ? '\\z' : `\\${char}`, 1);
    }
    if (char === 'R') {
      this.#at++;
      return this.#emit('(?:\\r\\n|[\\n\\x{b}\\f\\r\\x{85}\\x{2028}\\x{2029}])', 4);
    }
    if (/[1-9]/.test(char)) unsupported(`the back-reference \\${char} is`);
    if (char === 'k') unsupported('the back-reference \\k<…> is');
    const escaped = this.#escaped();
    this.#emitClass(typeof escaped === 'number' ? this.#literal(escaped) : escaped);
  }

  /** After a backslash, in a class or not: one character, or a class. */
  #escaped(): number | CharacterClass {
    const char = this.#take();
    const predefined = Object.hasOwn(PREDEFINED, char.toLowerCase()) ? PREDEFINED[char.toLowerCase()] : undefined;
    if (predefined !== undefined) {
      return {set: char === char.toLowerCase() ? predefined : complement(predefined), properties: []};
    }
    if (char === 'p' || char === 'P') return this.#property(char === 'P');
    return this.#escapedOne(char);
  }

  #escapedOne(char: string): number {
    if (Object.hasOwn(CONTROL, char)) return CONTROL[char] ?? 0;
    if (char === '0') return this.#octal();
    if (char === 'x') return this.#peek('{') ? this.#braced() : this.#hexadecimal(2);
    if (char === 'u') return this.#utf16();
    if (char === 'c') return codeOf(this.#take()) ^ 64;
    if (/[a-zA-Z1-9]/.test(char)) unsupported(`\\${char} is`);
    return codeOf(char);
  }

  #octal(): number {
    const [digits = ''] =
      /^(?:[0-3][0-7]{2}|[0-7]{1,2})/.exec(this.#chars.slice(this.#at, this.#at + 3).join('')) ?? [];
    if (digits === '') refuse('\\0 is not followed by an octal number');
    this.#at += digits.length;
    return Number.parseInt(digits, 8);
  }

  #hexadecimal(length: number): number {
    const digits = this.#chars.slice(this.#at, this.#at + length).join('');
    if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) refuse(`want ${length} hexadecimal digits`);
    this.#at += length;
    return Number.parseInt(digits, 16);
  }

  #braced(): number {
    const end = this.#chars.indexOf('}', this.#at);
    const digits = this.#chars.slice(this.#at + 1, Math.max(end, this.#at + 1)).join('');
    const code = /^[0-9a-fA-F]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    if (!(code <= 0x10ffff)) refuse('\\x{…} is not a character');
    this.#at = end + 1;
    return code;
  }

  /** One UTF-16 unit, or the two of a character beyond the first 65,536. */
  #utf16(): number {
    const high = this.#hexadecimal(4);
    if (high < 0xd800 || high > 0xdbff || !this.#peek('\\u')) return high;
    this.#at += 2;
    const low = this.#hexadecimal(4);
    return low >= 0xdc00 && low <= 0xdfff
      ? 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00)
      : refuse('half a character');
  }

  #property(negated: boolean): CharacterClass {
    const name = this.#propertyName();
    // Which of them fold has changed from one Java to the next.
    if (this.#frame.flags.i) unsupported('\\p{…} under (?i) is');
    const posix = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
    if (posix !== undefined) return {set: negated ? complement(posix) : posix, properties: []};
    const [, category] = /^(?:Is|gc=|general_category=)?([CLMNPSZ][a-z]?)$/.exec(name) ?? [];
    const [, script] = /^(?:Is|sc=|script=)([A-Z][A-Za-z_]+)$/.exec(name) ?? [];
    const known = category ?? script ?? unsupported(`\\p{${name.slice(0, 40)}} is`);
    return {set: [], properties: [`\\${negated ? 'P' : 'p'}{${known}}`]};
  }

  #propertyName(): string {
    if (!this.#peek('{')) return this.#take();
    const end = this.#chars.indexOf('}', this.#at);
    if (end < 0) refuse('\\p{ is not closed');
    const name = this.#chars.slice(this.#at + 1, end).join('');
    this.#at = end + 1;
    return name;
  }

  /** Behind the opening bracket, through the closing one. Classes may hold classes; the stack of them is `open`. */
  #class(): CharacterClass {
    const open: OpenClass[] = [this.#openClass()];
    for (;;) {
      const current = open.at(-1) ?? refuse('a class is not closed');
      if (this.#peek('[')) {
        this.#at++;
        if (current.negated) unsupported('a class inside a negated class is');
        open.push(this.#openClass());
      } else if (this.#peek('&&')) {
        this.#at += 2;
        if (current.negated) unsupported('&& inside a negated class is');
        current.operands.push({set: [], properties: []});
        current.isEmpty = true;
      } else if (this.#peek(']') && !(current.isEmpty && current.operands.length === 1)) {
        this.#at++;
        if (current.isEmpty) refuse('&& is followed by nothing');
        const closed = closeClass(open.pop() ?? current);
        const outer = open.at(-1);
        if (outer === undefined) return closed;
        addTo(outer, closed);
      } else addTo(current, this.#classItem());
    }
  }

  #openClass(): OpenClass {
    const negated = this.#peek('^');
    if (negated) this.#at++;
    return {negated, operands: [{set: [], properties: []}], isEmpty: true};
  }

  #classItem(): CharacterClass {
    const from = this.#classMember();
    if (typeof from !== 'number') return from;
    const isRange = this.#peek('-') && ![']', '[', undefined].includes(this.#chars[this.#at + 1]);
    if (!isRange) return this.#literal(from);
    this.#at++;
    const to = this.#classMember();
    if (typeof to !== 'number') return refuse('a range ends with a class');
    if (to < from) refuse('a range of a class ends before it begins');
    return this.#literal(from, to);
  }

  #classMember(): number | CharacterClass {
    const char = this.#take();
    return char === '\\' ? this.#escaped() : codeOf(char);
  }
}

const MOST_REPETITIONS = 1000;

type OpenClass = {readonly negated: boolean; readonly operands: CharacterClass[]; isEmpty: boolean};

/** Into the operand that is being read: what stands side by side is a union. */
function addTo(open: OpenClass, item: CharacterClass): void {
  const before = open.operands.pop() ?? {set: [], properties: []};
  open.operands.push({set: union(before.set, item.set), properties: [...before.properties, ...item.properties]});
  open.isEmpty = false;
}

function closeClass({negated, operands}: OpenClass): CharacterClass {
  const [first = {set: [], properties: []}] = operands;
  if (!negated && operands.length === 1) return first;
  if (operands.some(({properties}) => properties.length > 0)) unsupported('\\p{…} in a negated class or beside && is');
  const common = operands.reduce((set, operand) => intersection(set, operand.set), complement([]));
  return {set: negated ? complement(common) : common, properties: []};
}

const codeOf = (char: string): number => char.codePointAt(0) ?? 0;

const hex = (code: number): string => `\\x{${code.toString(16)}}`;

/** `\Q…\E` as single characters, each escaped where it could mean something. */
function withoutQuoting(chars: readonly string[]): string[] {
  const plain: string[] = [];
  let quoted = false;
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    const next = chars[at + 1];
    if (char === '\\' && next === (quoted ? 'E' : 'Q')) {
      quoted = !quoted;
      at++;
    } else if (quoted) plain.push(...(/[a-zA-Z0-9]/.test(char) ? [char] : ['\\', char]));
    else if (char === '\\' && next !== undefined) plain.push(char, chars[++at] ?? '');
    else plain.push(char);
  }
  return plain;
}
