import {compileJavaPattern} from '../lib/java-pattern.ts';

const OPERATORS = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'MAX_PER', 'UNLIKE', 'IS'] as const;
export type ConstraintOperator = (typeof OPERATORS)[number];

export const isConstraintOperator = (text: string): text is ConstraintOperator =>
  OPERATORS.some(operator => operator === text);

/**
 * What is wrong with `[field, operator]` or `[field, operator, value]`.
 *
 * @returns a message for the user; undefined for a constraint that can be judged
 */
export function constraintProblem(parts: readonly string[]): string | undefined {
  const [, operator = '', value] = parts;
  if (parts.length < 2 || parts.length > 3) return 'Each constraint must have either 2 or 3 fields';
  if (!isConstraintOperator(operator)) return `Operator must be one of the following: ${OPERATORS.join(', ')}`;
  switch (operator) {
    case 'UNIQUE':
      return value === undefined ? undefined : 'UNIQUE takes no value';
    case 'CLUSTER':
      return undefined;
    case 'GROUP_BY':
      return isAbsent(value) || (isWhole(value) && Number(value) > 0) ? undefined : 'GROUP_BY needs a whole number';
    case 'MAX_PER':
      return isWhole(value) ? undefined : 'MAX_PER needs a whole number';
    case 'LIKE':
    case 'UNLIKE':
      return regexProblem(operator, value);
    case 'IS':
      return /^[a-zA-Z0-9_/.-]*$/.test(value ?? '!') ? undefined : 'IS needs a value of letters, digits and _ / . -';
    default:
      return operator satisfies never;
  }
}

const isAbsent = (value: string | undefined): boolean => value === undefined || value === '';
const isWhole = (value: string | undefined): boolean => /^[0-9]{1,9}$/.test(value ?? '');

function regexProblem(operator: string, value: string | undefined): string | undefined {
  if (value === undefined) return `${operator} needs a regular expression`;
  const compiled = compileJavaPattern(value);
  return compiled.ok ? undefined : `'${value.slice(0, 100)}' is not a valid regular expression: ${compiled.error}`;
}
