import type {Quantities} from '../../../../../allocator/resources.ts';
import type {MesosRole} from '../../../../../crds/mesos-role.ts';
import type {TaskPolicySpec} from '../../../../../crds/task-policy.ts';
import type {RoleSetting, RoleWish} from '../../../core/roles/role-types.ts';
import {roleQuota} from '../../../core/roles/quota.ts';

type Spec = MesosRole['spec'];
type Status = NonNullable<MesosRole['status']>;

/** A MesosRole object as far as it matters. */
export type RoleObject = {
  readonly name: string;
  readonly role: string;
  readonly spec: Spec;
  /** What is wrong with the form of the spec: then it is empty here, and what is in effect stays. */
  readonly issues?: string;
  readonly status: MesosRole['status'];
  readonly generation: number;
  /** RFC 3339. */
  readonly createdAt: string;
};

export type RolesWanted = {
  /** One for each role. */
  readonly wishes: readonly RoleWish[];
  /** What the statuses say that an earlier leader had accepted. */
  readonly inEffect: readonly RoleSetting[];
  /** Names of objects that count for nothing, and the name of the object that speaks for their role. */
  readonly duplicates: ReadonlyMap<string, string>;
  /** The object that speaks for a role. */
  readonly speakers: ReadonlyMap<string, RoleObject>;
};

/** Of several objects for one role the oldest speaks; of those of one age the first by name. Oldest wishes first. */
export function decideRoles(objects: readonly RoleObject[]): RolesWanted {
  const speakers = new Map<string, RoleObject>();
  const duplicates = new Map<string, string>();
  for (const object of [...objects].sort(byAge)) {
    const speaker = speakers.get(object.role);
    if (speaker === undefined) speakers.set(object.role, object);
    else duplicates.set(object.name, speaker.name);
  }
  const heard = [...speakers.values()];
  return {wishes: heard.map(toWish), inEffect: heard.map(toSetting), duplicates, speakers};
}

const byAge = (a: RoleObject, b: RoleObject): number => compare(a.createdAt, b.createdAt) || compare(a.name, b.name);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toWish(object: RoleObject): RoleWish {
  const {generation} = object;
  return object.issues === undefined ? wishOf(object) : {...toSetting(object), force: true, generation};
}

const wishOf = ({role, generation, spec: {weight, guarantee, limit, force, tasks}}: RoleObject): RoleWish => ({
  role,
  generation,
  ...(tasks !== undefined && {tasks}),
  ...(weight !== undefined && {weight}),
  ...((guarantee ?? limit) !== undefined && {quota: quotaOf(guarantee, limit)}),
  force: force ?? false,
});

/** A status does not say whether a weight of 1 was asked for; it is the same. */
const toSetting = ({role, status: {weight = 1, guarantee, limit, tasks} = {}}: RoleObject): RoleSetting => ({
  role,
  ...(tasks !== undefined && {tasks}),
  ...(weight !== 1 && {weight}),
  ...((guarantee ?? limit) !== undefined && {quota: quotaOf(guarantee, limit)}),
});

const quotaOf = (guarantee: Spec['guarantee'] = {}, limit: Spec['limit'] = {}) =>
  roleQuota(new Map(Object.entries(guarantee)), new Map(Object.entries(limit)));

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
