import {RE2JS} from 're2js';
import {err, ok} from '../../lib/result.ts';
import type {Result} from '../../lib/result.ts';

/** How large an expression may be; what Mesos takes by default is a program of 100 and a pattern of 4096. */
export type PatternLimits = {
  /** Instructions of the compiled expression. */
  readonly programSize: number;
  /** UTF-16 units of the expression as it was written. */
  readonly length: number;
};

/** RE2 begins and ends each program with two instructions more than its port does. */
const FRAME = 2;

/** A repetition with a count: it multiplies the program. */
const COUNTED = /\{(\d{1,9})(?:,(\d{1,9})?)?\}/g;

/**
 * Compiles an expression in RE2's syntax. To match takes time linear in the text, whatever the expression.
 *
 * @returns whether a text matches from end to end, or why the expression is refused
 */
export function compilePattern(pattern: string, limits: PatternLimits): Result<(text: string) => boolean, string> {
  // Before the expression is compiled: that would be too much work already.
  if (pattern.length > limits.length || countedRepetitions(pattern) > 10 * limits.programSize) {
    return err(`The expression '${pattern.slice(0, 40)}' is too large`);
  }
  try {
    const compiled = RE2JS.compile(pattern);
    const size = compiled.programSize() + FRAME;
    if (size > limits.programSize) {
      return err(
        `The expression '${pattern.slice(0, 40)}' is too complex: ${size} steps, ${limits.programSize} allowed`,
      );
    }
    return ok(text => compiled.testExact(text));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function countedRepetitions(pattern: string): number {
  let sum = 0;
  for (const [, least, most] of pattern.matchAll(COUNTED)) sum += Number(most ?? least);
  return sum;
}
