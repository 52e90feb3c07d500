import {isConstraintOperator, type ConstraintOperator} from '../../../../crds/constraint-rule.ts';
import {compileJavaPattern} from '../../../../lib/java-pattern.ts';
import {groupByAccepts} from './group-by.ts';
import {fieldOf, thousandths, type AgentFacts} from './agent-facts.ts';

/** `matches` is there for LIKE and UNLIKE and takes time linear in the text; `number` is parsed for MAX_PER and GROUP_BY. */
export type Constraint = {
  readonly field: string;
  readonly operator: ConstraintOperator;
  readonly value?: string;
  readonly matches?: (text: string) => boolean;
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

/** @param parts without problems, see `constraintProblem` */
export function toConstraint([field = '', operator = '', value = '']: readonly string[]): Constraint {
  if (!isConstraintOperator(operator)) throw new Error(`constraint with unchecked operator ${operator}`);
  const plain = {field, operator, ...(value === '' ? {} : {value})};
  if (operator === 'LIKE' || operator === 'UNLIKE') return {...plain, matches: matcherOf(value)};
  return value !== '' && (operator === 'GROUP_BY' || operator === 'MAX_PER')
    ? {...plain, number: Number(value)}
    : plain;
}

function matcherOf(pattern: string): (text: string) => boolean {
  const compiled = compileJavaPattern(pattern);
  if (!compiled.ok) throw new Error(`constraint with unchecked expression: ${compiled.error}`);
  return compiled.value;
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
      return constraint.matches?.(value) === true;
    case 'UNLIKE':
      return constraint.matches?.(value) === false;
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
