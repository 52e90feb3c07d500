import type {Quantities} from '../../../../../allocator/resources.ts';
import type {MesosRole} from '../../../../../crds/mesos-role.ts';
import type {TaskPolicySpec} from '../../../../../crds/task-policy.ts';
import type {DeepReadonly} from '../../../../../lib/deep-readonly.ts';

type Status = DeepReadonly<NonNullable<MesosRole['status']>>;

/** A role as the master sees it. */
export type RoleFacts = {
  readonly role: string;
  /** The generation that the master has judged. */
  readonly generation: number;
  readonly weight: number;
  readonly guarantee: Quantities;
  readonly limit: Quantities;
  readonly consumption: Quantities;
  /** What counts for the allocator: offers included. */
  readonly counted: Quantities;
  readonly share: number;
  readonly frameworks: number;
  readonly allocated: Quantities;
  /** What the object says of the role's tasks. */
  readonly tasks: TaskPolicySpec | undefined;
  /** Why the object is not in effect. */
  readonly problem: {readonly reason: string; readonly message: string} | undefined;
};

export type Ready = {
  readonly type: 'Ready';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
};

/** What the status should say; conditions are added where they are kept. */
export function decideRole(facts: RoleFacts): {ready: Ready; fields: Omit<Status, 'conditions'>} {
  const {role, generation, weight, guarantee, limit, problem} = facts;
  const ready: Ready =
    problem === undefined
      ? {type: 'Ready', status: 'True', reason: 'InEffect', message: 'Weight and quota are in effect'}
      : {type: 'Ready', status: 'False', ...problem};
  return {
    ready,
    fields: {
      role,
      observedGeneration: generation,
      weight,
      ...(guarantee.size > 0 && {guarantee: Object.fromEntries(guarantee)}),
      ...(limit.size > 0 && {limit: Object.fromEntries(limit)}),
      ...(facts.consumption.size > 0 && {consumption: Object.fromEntries(facts.consumption)}),
      ...(guarantee.size > 0 && {headroom: Object.fromEntries(lackOf(facts))}),
      // Four digits: a share changes with every offer, and a status that changes as often is a burden.
      dominantShare: Math.round(facts.share * 10_000) / 10_000,
      frameworks: facts.frameworks,
      allocated: Object.fromEntries(facts.allocated),
      ...(facts.tasks !== undefined && {tasks: facts.tasks}),
    },
  };
}

const lackOf = ({guarantee, counted}: RoleFacts): Quantities =>
  new Map(
    Array.from(guarantee, ([name, amount]): [string, number] => [
      name,
      Math.max(0, Math.round((amount - (counted.get(name) ?? 0)) * 1000) / 1000),
    ]),
  );
