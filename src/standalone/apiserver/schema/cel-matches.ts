import {RE2JS} from 're2js';

/**
 * The engine's own `matches` is a backtracking expression, and its functions can't be replaced. So rules call another
 * one, and people read the name that they wrote.
 */
const THEIRS = 'matches';
export const OURS = 'matchesRe2';

/** A rule whose calls of `matches` are calls of ours; texts, comments and fields of that name stay as they are. */
export function withOurMatches(rule: string): string {
  let changed = '';
  for (let at = 0, end = 0; at < rule.length; at = end) {
    end = endOfToken(rule, at);
    const token = rule.slice(at, end);
    changed += token === THEIRS && isCall(rule, end) ? OURS : token;
  }
  return changed;
}

export const withTheirMatches = (message: string): string => message.replaceAll(OURS, THEIRS);

/** Of a text, a comment, a name or number; of anything else the next character. */
function endOfToken(rule: string, start: number): number {
  const quote = rule[start] ?? '';
  if (quote === '"' || quote === "'") return endOfText(rule, start, quote);
  if (rule.startsWith('//', start)) {
    const end = rule.indexOf('\n', start);
    return end < 0 ? rule.length : end;
  }
  let end = start;
  while (end < rule.length && /\w/.test(rule[end] ?? '')) end++;
  return Math.max(end, start + 1);
}

function endOfText(rule: string, start: number, quote: string): number {
  const delimiter = rule.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let at = start + delimiter.length;
  while (at < rule.length && !rule.startsWith(delimiter, at)) at += rule[at] === '\\' ? 2 : 1;
  return at + delimiter.length;
}

function isCall(rule: string, end: number): boolean {
  let at = end;
  while (/\s/.test(rule[at] ?? '')) at++;
  return rule[at] === '(';
}

const patterns = new Map<string, RE2JS>();
/** Rules have few expressions; what is made of an object's fields is not kept for ever. */
const MOST_PATTERNS = 1000;

/** In time linear in the text, as in Kubernetes. */
export function matches(text: string, pattern: string): boolean {
  const known = patterns.get(pattern);
  if (known !== undefined) return known.test(text);
  const compiled = RE2JS.compile(pattern);
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(pattern, compiled);
  return compiled.test(text);
}
