import {err, ok, type Result} from '../../../lib/result.ts';

type Labels = Readonly<Record<string, string>>;

const TERM = String.raw`((?:[-A-Za-z0-9_.]|\\.)+)`;
const SET = new RegExp(`^${TERM}\\s+(in|notin)\\s*\\(([^)]*)\\)$`);
const EQUALITY = new RegExp(`^${TERM}\\s*(==|!=)\\s*${TERM}$`);
const EXISTS = new RegExp(`^${TERM}$`);

/**
 * `key`, `key==v`, `key!=v`, `key in (a,b)`, `key notin (a,b)`, joined by commas that mean "and"; other characters are
 * escaped by a backslash. A negated term wants the label to exist, as in Marathon.
 */
export function parseLabelSelector(text: string): Result<(labels: Labels) => boolean, string> {
  const tests: ((labels: Labels) => boolean)[] = [];
  for (const part of text.split(/,(?![^(]*\))/)) {
    const test = parseTerm(part.trim());
    if (test === undefined) return err(`Parse error in label selector at "${part.trim()}" of "${text}"`);
    tests.push(test);
  }
  return ok(labels => tests.every(test => test(labels)));
}

function parseTerm(term: string): ((labels: Labels) => boolean) | undefined {
  const inSet = SET.exec(term);
  if (inSet !== null) {
    const key = unescape(inSet[1] ?? '');
    const values = new Set((inSet[3] ?? '').split(',').map(value => unescape(value.trim())));
    return labels => key in labels && values.has(labels[key] ?? '') === (inSet[2] === 'in');
  }
  const equality = EQUALITY.exec(term);
  if (equality !== null) {
    const [key, value] = [unescape(equality[1] ?? ''), unescape(equality[3] ?? '')];
    return labels => key in labels && (labels[key] === value) === (equality[2] === '==');
  }
  const exists = EXISTS.exec(term);
  return exists === null ? undefined : labels => unescape(exists[1] ?? '') in labels;
}

const unescape = (text: string): string => text.replaceAll(/\\(.)/g, '$1');
