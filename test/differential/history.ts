import type {Random} from '../../src/lib/clock.ts';

/** Roles of every history; agents have reservations for the first. */
export const ROLES = ['a', 'a/x', 'a/y', 'b', 'c'] as const;
const TOP_LEVEL = ['a', 'b', 'c'] as const;

type Amounts = Readonly<Record<string, number>>;
export type Quota = {readonly role: string; readonly guarantees: Amounts; readonly limits: Amounts};

/** Everything two masters are told alike. */
export type History = {
  readonly weights: readonly {readonly role: string; readonly weight: number}[];
  readonly quotas: readonly Quota[];
  /** Roles of each framework. */
  readonly frameworks: readonly (readonly string[])[];
  /** Before each round: who wants no offers. */
  readonly suppressed: readonly (readonly boolean[])[];
  /** Before each round: who, by number, sends REVIVE; one at most, for each starts a run. */
  readonly revived: readonly (number | undefined)[];
  /** What everybody does with the offers of a round. */
  readonly answers: readonly (readonly Answer[])[];
};

/** Given back, refused for an hour, or left unanswered. */
export type Answer = 'decline' | 'refuse' | 'keep';

export const ROUNDS = 4;
export const REFUSE_SECONDS = 3600;

const rounds = <T>(of: (round: number) => T): T[] => Array.from({length: ROUNDS}, (_, round) => of(round));

/** Agents are alike, so that what a run hands out does not depend on their order, which Mesos draws by lot. */
export function drawHistory(random: Random): History {
  const below = (bound: number): number => Math.floor(random() * bound);
  const some = <T>(list: readonly T[], chance: number): T[] => list.filter(() => random() < chance);
  const amounts = (cpus: number): Amounts => (random() < 0.7 ? {cpus, mem: cpus * 1024} : {cpus});
  const frameworks = Array.from({length: 2 + below(4)}, () => {
    const roles = some(ROLES, 0.3);
    return roles.length > 0 ? roles : [ROLES[below(ROLES.length)] ?? 'c'];
  });
  const revived = rounds(round => (round > 0 && random() < 0.4 ? below(frameworks.length) : undefined));
  return {
    weights: ROLES.map(role => ({role, weight: [1, 1, 2, 3, 0.5][below(5)] ?? 1})),
    // What roles below take counts for a quota at once here, in Mesos from the next run on (docs/decisions).
    quotas: some(TOP_LEVEL, 0.6)
      .filter(role => !frameworks.flat().some(used => used.startsWith(`${role}/`)))
      .map((role): Quota => {
        const guarantee = below(16) / 2;
        return {
          role,
          guarantees: random() < 0.7 ? amounts(guarantee) : {},
          limits: random() < 0.5 ? {cpus: guarantee + below(12), mem: (guarantee + below(12)) * 1024} : {},
        };
      }),
    frameworks,
    suppressed: revived.map((number, round) => frameworks.map((_, f) => round > 0 && f !== number && random() < 0.25)),
    revived,
    answers: rounds(() => frameworks.map(() => (['decline', 'refuse', 'keep'] as const)[below(3)] ?? 'decline')),
  };
}
