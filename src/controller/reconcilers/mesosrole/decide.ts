import type {MesosRole} from '../../../crds/mesos-role.ts';

type Status = NonNullable<MesosRole['status']>;

/** A MesosRole object as far as it matters. */
export type RoleObject = {
  readonly name: string;
  readonly role: string;
  readonly weight: number;
  /** RFC 3339. */
  readonly createdAt: string;
};

export type RoleWeights = {
  readonly weights: ReadonlyMap<string, number>;
  /** Names of objects that count for nothing, and the name of the object that speaks for their role. */
  readonly duplicates: ReadonlyMap<string, string>;
};

/** Of several objects for one role the oldest speaks; of those of one age the first by name. */
export function decideWeights(objects: readonly RoleObject[]): RoleWeights {
  const speakers = new Map<string, RoleObject>();
  const duplicates = new Map<string, string>();
  for (const object of [...objects].sort(byAge)) {
    const speaker = speakers.get(object.role);
    if (speaker === undefined) speakers.set(object.role, object);
    else duplicates.set(object.name, speaker.name);
  }
  return {weights: new Map([...speakers].map(([role, {weight}]) => [role, weight])), duplicates};
}

const byAge = (a: RoleObject, b: RoleObject): number => compare(a.createdAt, b.createdAt) || compare(a.name, b.name);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A role as the allocator sees it. */
export type RoleFacts = {
  readonly role: string;
  readonly generation: number;
  readonly share: number;
  readonly frameworks: number;
  readonly allocated: ReadonlyMap<string, number>;
  /** The object that speaks for the role, when this one does not. */
  readonly duplicateOf: string | undefined;
};

export type Accepted = {
  readonly type: 'Accepted';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
};

/** What the status should say; conditions are added where they are kept. */
export function decideRole(facts: RoleFacts): {accepted: Accepted; fields: Omit<Status, 'conditions'>} {
  const {role, generation, duplicateOf} = facts;
  const accepted: Accepted =
    duplicateOf === undefined
      ? {type: 'Accepted', status: 'True', reason: 'WeightInEffect', message: 'The weight is in effect'}
      : {
          type: 'Accepted',
          status: 'False',
          reason: 'DuplicateRole',
          message: `MesosRole ${duplicateOf} is older and speaks for role ${role}`,
        };
  return {
    accepted,
    fields: {
      role,
      observedGeneration: generation,
      // Four digits: a share changes with every offer, and a status that changes as often is a burden.
      dominantShare: Math.round(facts.share * 10_000) / 10_000,
      frameworks: facts.frameworks,
      allocated: Object.fromEntries(facts.allocated),
    },
  };
}
