import {charactersOf, codePoints, union, type CodePoints} from './code-points.ts';

// The character classes that Java's regular expressions name.

const ASCII: CodePoints = [[0, 0x7f]];
const DIGIT = codePoints([[0x30, 0x39]]);
const UPPER = codePoints([[0x41, 0x5a]]);
const LOWER = codePoints([[0x61, 0x7a]]);
const ALPHA = union(UPPER, LOWER);
const ALNUM = union(ALPHA, DIGIT);
const SPACE = charactersOf(' \t\n\v\f\r');
const VERTICAL = charactersOf('\n\v\f\r\u0085\u2028\u2029');
const HORIZONTAL = union(charactersOf(' \t\u00a0\u1680\u180e\u202f\u205f\u3000'), [[0x2000, 0x200a]]);
const PUNCTUATION = charactersOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
/** What `.` does not match. */
export const LINE_ENDS = charactersOf('\n\r\u0085\u2028\u2029');

/** Classes by the letter behind the backslash; the upper case is the rest. */
export const PREDEFINED: Readonly<Record<string, CodePoints>> = {
  d: DIGIT,
  s: SPACE,
  w: union(ALNUM, charactersOf('_')),
  h: HORIZONTAL,
  v: VERTICAL,
};

/** Of `\\p{…}`, ASCII only as in Java. */
export const POSIX: Readonly<Record<string, CodePoints>> = {
  Lower: LOWER,
  Upper: UPPER,
  ASCII,
  Alpha: ALPHA,
  Digit: DIGIT,
  Alnum: ALNUM,
  Punct: PUNCTUATION,
  Graph: union(ALNUM, PUNCTUATION),
  Print: union(ALNUM, PUNCTUATION, charactersOf(' ')),
  Blank: charactersOf(' \t'),
  Cntrl: codePoints([
    [0, 0x1f],
    [0x7f, 0x7f],
  ]),
  XDigit: union(DIGIT, charactersOf('abcdefABCDEF')),
  Space: SPACE,
};

/** Control characters by the letter behind the backslash. */
export const CONTROL: Readonly<Record<string, number>> = {t: 9, n: 10, r: 13, f: 12, a: 7, e: 27};
