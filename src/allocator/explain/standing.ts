import type {ClientBook} from '../client-book.ts';
import type {FrameworkId} from '../ids.ts';
import type {Client} from '../records.ts';
import type {ClusterTotal} from '../sorter/cluster-total.ts';
import type {Sorter} from '../sorter/sorter.ts';
import type {Precedence} from './verdict.ts';
import {whereTheyPart} from './precedence.ts';

/** Weighted dominant shares at the beginning and the end of the last run that handed out anything, and now. */
export type Shares = {readonly beforeRun: number; readonly afterRun: number; readonly now: number};

/** A client that comes first, and the shares where their paths part. */
export type Ahead = {readonly frameworkId: FrameworkId; readonly role: string} & Pick<
  Precedence,
  'between' | 'theirs' | 'ours'
>;

export type ClientStanding = {
  readonly frameworkId: FrameworkId;
  readonly role: string;
  readonly weight: number;
  /** Of the role and all below it. */
  readonly roleShares: Shares;
  readonly frameworkShares: Shares;
  /** How many clients are asked before it, as things are now; undefined: not asked at all, or the order is drawn. */
  readonly position: number | undefined;
  /** The first of them. */
  readonly ahead: readonly Ahead[];
};

type Books = {
  readonly clients: ClientBook;
  readonly total: ClusterTotal;
  readonly drawn: Readonly<Record<Precedence['between'], boolean>>;
};

const MOST_AHEAD = 5;

export function standingOf(books: Books, client: Client): ClientStanding {
  const {framework, role} = client;
  const {clients, total} = books;
  const before = clientsBefore(books, client);
  return {
    frameworkId: framework.frameworkId,
    role: role.role,
    weight: clients.roleSorter.standing(role.role, 'now')?.weight ?? 1,
    roleShares: sharesOf(clients.roleSorter, role.role, total),
    frameworkShares: sharesOf(role.frameworks, framework.frameworkId, total),
    position: before?.length,
    ahead: (before ?? []).slice(0, MOST_AHEAD).map(other => aheadOf(books, client, other)),
  };
}

function sharesOf<T>(sorter: Sorter<T>, path: string, total: ClusterTotal): Shares {
  const [before, after] = [sorter.standing(path, 'before'), sorter.standing(path, 'after')];
  return {
    beforeRun: total.shareInLastRun(before?.allocated ?? []) / (before?.weight ?? 1),
    afterRun: total.shareInLastRun(after?.allocated ?? []) / (after?.weight ?? 1),
    now: sorter.share(path),
  };
}

/** An order that is drawn is not looked at: looking would draw. */
function clientsBefore({clients, drawn}: Books, client: Client): Client[] | undefined {
  if (drawn.roles || drawn.frameworks) return undefined;
  const before: Client[] = [];
  const found = clients.roleSorter.visit(({frameworks}) =>
    frameworks.visit(other => {
      if (other !== client) before.push(other);
      return other === client;
    }),
  );
  return found ? before : undefined;
}

function aheadOf({clients: {roleSorter}}: Books, client: Client, other: Client): Ahead {
  const {frameworkId} = other.framework;
  const role = other.role.role;
  if (other.role === client.role) {
    const {frameworks} = client.role;
    const ours = sideOf(frameworks, client.framework.frameworkId);
    return {frameworkId, role, between: 'frameworks', theirs: sideOf(frameworks, frameworkId), ours};
  }
  const [theirs, ours] = whereTheyPart(role, client.role.role);
  return {frameworkId, role, between: 'roles', theirs: sideOf(roleSorter, theirs), ours: sideOf(roleSorter, ours)};
}

const sideOf = <T>(sorter: Sorter<T>, path: string): Precedence['ours'] => ({
  path,
  share: sorter.share(path),
  handOuts: sorter.standing(path, 'now')?.allocations ?? 0,
});
