import type {LastRun} from '../allocation-cycle.ts';
import type {ClientBook} from '../client-book.ts';
import type {HandOut} from '../handed-out.ts';
import type {Client, RoleRecord} from '../records.ts';
import type {ClusterTotal, Vector} from '../sorter/cluster-total.ts';
import {addVector} from '../sorter/cluster-total.ts';
import type {Sorter, Standing} from '../sorter/sorter.ts';
import type {Precedence} from './verdict.ts';

export type PrecedenceBooks = {
  readonly clients: ClientBook;
  readonly total: ClusterTotal;
  /** Which order is drawn, not computed. */
  readonly drawn: Readonly<Record<Precedence['between'], boolean>>;
};
type Side = Precedence['ours'];

/** A step of the last run. */
export type PlacedHandOut = {readonly run: LastRun; readonly index: number; readonly step: HandOut};

/**
 * Why the taker was asked before the client when it took something: what both had when that agent's turn came.
 * Undefined when the taker has gone since.
 */
export function precedenceOf(books: PrecedenceBooks, client: Client, turn: PlacedHandOut): Precedence | undefined {
  const {role: ours} = client.role;
  const {role: theirs, frameworkId} = turn.step;
  if (turn.index < turn.run.guaranteed && ours !== theirs) {
    return compare(books, 'roles', side(books, theirs, turn), side(books, ours, turn), 'guarantee');
  }
  if (ours !== theirs) {
    const [theirPath, ourPath] = whereTheyPart(theirs, ours);
    return compare(books, 'roles', side(books, theirPath, turn), side(books, ourPath, turn));
  }
  const {frameworks} = client.role;
  const taken = (id: string): Taken => takenBefore(books, turn, step => step.role === ours && step.frameworkId === id);
  return compare(
    books,
    'frameworks',
    sideIn(frameworks, frameworkId, taken(frameworkId)),
    sideIn(frameworks, client.framework.frameworkId, taken(client.framework.frameworkId)),
  );
}

/** Siblings: `a/b/c` and `a/d` part at `a/b` and `a/d`; `a` and `a/b` at `a/.` and `a/b`. */
export function whereTheyPart(one: string, other: string): [one: string, other: string] {
  const [left, right] = [one.split('/'), other.split('/')];
  let depth = 0;
  while (depth < left.length && depth < right.length && left[depth] === right[depth]) depth++;
  const upTo = (segments: readonly string[]): string =>
    depth < segments.length ? segments.slice(0, depth + 1).join('/') : `${segments.join('/')}/.`;
  return [upTo(left), upTo(right)];
}

type Taken = {readonly amounts: Vector; readonly handOuts: number};
type Compared = {readonly path: string; readonly standing: Standing; readonly taken: Taken};

function side(books: PrecedenceBooks, path: string, turn: PlacedHandOut): Compared | undefined {
  const own = path.endsWith('/.');
  const role = own ? path.slice(0, -2) : path;
  const within = (other: string): boolean => other === role || (!own && other.startsWith(`${role}/`));
  return sideIn(
    books.clients.roleSorter,
    path,
    takenBefore(books, turn, step => within(step.role)),
  );
}

function sideIn(sorter: Sorter<Client> | Sorter<RoleRecord>, path: string, taken: Taken): Compared | undefined {
  const standing = sorter.standing(path, 'before');
  return standing && {path, standing, taken};
}

function takenBefore({total}: PrecedenceBooks, {run, index}: PlacedHandOut, counts: (step: HandOut) => boolean): Taken {
  const amounts: number[] = [];
  let handOuts = 0;
  for (let i = 0; i < index; i++) {
    const step = run.handedOut.step(i);
    if (step === undefined || !counts(step)) continue;
    addVector(amounts, step.resources.vector(total.names), 1);
    handOuts++;
  }
  return {amounts, handOuts};
}

function compare(
  {total, drawn}: PrecedenceBooks,
  between: Precedence['between'],
  theirs: Compared | undefined,
  ours: Compared | undefined,
  by?: Precedence['by'],
): Precedence | undefined {
  if (theirs === undefined || ours === undefined) return undefined;
  const [left, right] = [toSide(total, theirs), toSide(total, ours)];
  return {by: by ?? (drawn[between] ? 'chance' : reasonOf(left, right)), between, theirs: left, ours: right};
}

function toSide(total: ClusterTotal, {path, standing, taken}: Compared): Side {
  const held = [...standing.allocated];
  addVector(held, taken.amounts, 1);
  return {
    path,
    share: total.shareInLastRun(held) / standing.weight,
    handOuts: standing.allocations + taken.handOuts,
  };
}

function reasonOf(theirs: Side, ours: Side): Precedence['by'] {
  if (theirs.share !== ours.share) return theirs.share < ours.share ? 'share' : 'change';
  if (theirs.handOuts !== ours.handOuts) return theirs.handOuts < ours.handOuts ? 'hand-outs' : 'change';
  return theirs.path < ours.path ? 'name' : 'change';
}
