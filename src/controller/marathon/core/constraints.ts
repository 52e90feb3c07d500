import {err, ok, type Result} from '../../../lib/result.ts';
import {groupByAccepts} from './group-by.ts';
import {fieldOf, thousandths, type AgentFacts} from './agent-facts.ts';

const OPERATORS = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS'] as const;
export type Operator = (typeof OPERATORS)[number];

/** `pattern` is compiled for LIKE and UNLIKE, `number` parsed for MAX_PER and GROUP_BY. */
export type Constraint = {
  readonly field: string;
  readonly operator: Operator;
  readonly value?: string;
  readonly pattern?: RegExp;
  readonly number?: number;
};

/** What a constraint is judged against besides the offer. */
export type Placement = {
  /** Agents of the app's placed instances, one entry for each instance. */
  readonly placed: readonly AgentFacts[];
  /** Agents that ever made an offer and are not known to be lost. */
  readonly known: Iterable<AgentFacts>;
  /** Instances that the app wants. */
  readonly instances: number;
};

const isOperator = (text: string | undefined): text is Operator => OPERATORS.some(operator => operator === text);

export function parseConstraint(parts: readonly string[]): Result<Constraint, string> {
  const [field, operator, value] = parts;
  if (field === undefined || parts.length < 2 || parts.length > 3) {
    return err('Each constraint must have either 2 or 3 fields');
  }
  if (!isOperator(operator)) return err(`Operator must be one of the following: ${OPERATORS.join(', ')}`);
  const at = `constraint ${parts.join(' ')}`;
  switch (operator) {
    case 'UNIQUE':
      return value === undefined ? ok({field, operator}) : err(`${at}: UNIQUE takes no value`);
    case 'CLUSTER':
      return ok({field, operator, value: value === '' ? undefined : value});
    case 'GROUP_BY':
      return value === undefined || value === '' ? ok({field, operator}) : withNumber(field, operator, value, at);
    case 'MAX_PER':
      return withNumber(field, operator, value, at);
    case 'LIKE':
    case 'UNLIKE':
      return withPattern(field, operator, value, at);
    case 'IS':
      return value !== undefined && /^[a-zA-Z0-9_/.-]*$/.test(value)
        ? ok({field, operator, value})
        : err(`${at}: IS needs a value of letters, digits and _ / . -`);
    default:
      return operator satisfies never;
  }
}

function withNumber(
  field: string,
  operator: Operator,
  value: string | undefined,
  at: string,
): Result<Constraint, string> {
  if (value === undefined || !/^[0-9]{1,9}$/.test(value) || (operator === 'GROUP_BY' && Number(value) === 0)) {
    return err(`${at}: ${operator} needs a whole number`);
  }
  return ok({field, operator, value, number: Number(value)});
}

function withPattern(
  field: string,
  operator: Operator,
  value: string | undefined,
  at: string,
): Result<Constraint, string> {
  if (value === undefined) return err(`${at}: ${operator} needs a regular expression`);
  try {
    return ok({field, operator, value, pattern: new RegExp(`^(?:${value})$`)});
  } catch {
    return err(`${at}: ${value} is not a regular expression`);
  }
}

/** True when all constraints allow one more instance on this agent. */
export const satisfies = (constraints: readonly Constraint[], agent: AgentFacts, placement: Placement): boolean =>
  constraints.every(constraint => satisfiesOne(constraint, agent, placement));

function satisfiesOne(constraint: Constraint, agent: AgentFacts, placement: Placement): boolean {
  const {operator, field} = constraint;
  const value = fieldOf(agent, field);
  // An agent without the field is refused, except by UNLIKE.
  if (value === undefined) return operator === 'UNLIKE';
  const placed = placement.placed.flatMap(other => fieldOf(other, field) ?? []);
  switch (operator) {
    case 'UNIQUE':
      return !placed.includes(value);
    case 'CLUSTER':
      return value === (constraint.value ?? placed[0] ?? value);
    case 'GROUP_BY': {
      const known = constraint.number === undefined ? knownValues(placement.known, field) : new Set<string>();
      return groupByAccepts({value, placed, groups: constraint.number, instances: placement.instances, known});
    }
    case 'LIKE':
      return constraint.pattern?.test(value) === true;
    case 'UNLIKE':
      return constraint.pattern?.test(value) === false;
    case 'MAX_PER':
      return placed.filter(other => other === value).length < (constraint.number ?? 0);
    case 'IS':
      return isEqual(value, constraint.value ?? '', agent.scalars.has(field));
    default:
      return operator satisfies never;
  }
}

const knownValues = (agents: Iterable<AgentFacts>, field: string): ReadonlySet<string> =>
  new Set([...agents].flatMap(agent => fieldOf(agent, field) ?? []));

/** Scalars are equal when they are to three decimals, rounded half to even. */
function isEqual(offered: string, wanted: string, scalar: boolean): boolean {
  const number = Number(wanted);
  if (!scalar || wanted === '' || Number.isNaN(number)) return offered === wanted;
  return thousandths(Number(offered)) === thousandths(number);
}
