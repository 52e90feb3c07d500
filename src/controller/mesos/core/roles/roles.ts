import {blame} from '../../../../lib/blame.ts';
import type {Command} from '../commands.ts';
import type {RoleWish, RoleProblem, RoleQuota, RoleSetting} from './role-types.ts';
import {ClusterChecks, isQuota, nameProblem, NO_QUOTA, quotaProblem, sameQuota} from './quota.ts';
import {rescindForQuota} from './rescind-for-quota.ts';
import type {Master, ReadonlyMaster} from '../state.ts';
import type {Turn} from '../turn.ts';
import {addWeights, setWeights} from './weights.ts';

// Weights and quota: what people wish for in MesosRoles, and what of it is in effect.

/** What an earlier leader left in effect stays so; what was wished for since is judged anew. */
export function restoreRoles(
  turn: Turn,
  {wishes, inEffect}: NonNullable<(Command & {kind: 'restore'})['roles']>,
): void {
  const {master} = turn;
  for (const setting of inEffect) blame(setting.about, () => restoreQuota(master, setting));
  addWeights(turn, new Map(inEffect.flatMap(({role, weight}) => (weight === undefined ? [] : [[role, weight]]))));
  setWishes(turn, wishes);
}

function restoreQuota(master: Master, {role, quota = NO_QUOTA}: RoleSetting): void {
  if (isQuota(quota)) putQuota(master, role, quota);
}

/** All wishes there are: a role that nobody wishes anything for has weight 1 and no quota. */
export function setWishes(turn: Turn, wishes: readonly RoleWish[]): void {
  const {master} = turn;
  master.roleWishes = wishes;
  // Also where the quota is refused: a fence must not fall because of a number.
  master.taskWishes = new Map(wishes.flatMap(({role, tasks}) => (tasks === undefined ? [] : [[role, tasks]])));
  const wished = new Set(wishes.map(({role}) => role));
  for (const role of [...master.quotas.keys()]) if (!wished.has(role)) changeQuota(turn, role, NO_QUOTA);
  fulfil(turn);
}

/** Wishes refused before may be possible now: agents have come, tasks have ended. */
export function retryWishes(turn: Turn): void {
  if (turn.master.roleProblems.size > 0) fulfil(turn);
}

/** One wish may make room for another, so all that are refused are tried again after each that is not. */
function fulfil(turn: Turn): void {
  const {master} = turn;
  const checks = new ClusterChecks(master);
  const before = master.roleProblems;
  let open = master.roleWishes;
  for (let progress = true; progress;) {
    const problems = new Map<string, RoleProblem>();
    for (const wish of open) {
      const problem = blame(wish.about, () => fulfilOne(turn, checks, wish));
      if (problem !== undefined) problems.set(wish.role, problem);
    }
    const refused = open.filter(({role}) => problems.has(role));
    progress = refused.length > 0 && refused.length < open.length;
    open = refused;
    master.roleProblems = problems;
  }
  for (const [role, {reason, message}] of master.roleProblems) {
    if (before.get(role)?.message !== message) turn.note('warn', 'role refused', {role, reason, why: message});
  }
  setWeights(turn, wantedWeights(master));
}

/** @returns why it is not done */
function fulfilOne(turn: Turn, checks: ClusterChecks, wish: RoleWish): RoleProblem | undefined {
  const problem = wishProblem(turn.master, checks, wish);
  if (problem === undefined) changeQuota(turn, wish.role, wish.quota ?? NO_QUOTA);
  return problem;
}

function wishProblem(
  master: Master,
  checks: ClusterChecks,
  {role, quota = NO_QUOTA, force}: RoleWish,
): RoleProblem | undefined {
  const byItself = nameProblem(master, role) ?? (isQuota(quota) ? quotaProblem(role, quota) : undefined);
  if (byItself !== undefined || force || sameQuota(quota, quotaOf(master, role)) || !isQuota(quota)) return byItself;
  return checks.consumptionProblem(role, quota) ?? checks.overcommitProblem(new Map([[role, quota]]));
}

/** A role whose wish is refused keeps the weight it has. */
function wantedWeights({roleWishes, roleProblems, weights}: Master): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>();
  for (const {role, weight} of roleWishes) {
    const next = roleProblems.has(role) ? weights.get(role) : weight;
    if (next !== undefined) wanted.set(role, next);
  }
  return wanted;
}

export const quotaOf = ({quotas}: ReadonlyMaster, role: string): RoleQuota => quotas.get(role) ?? NO_QUOTA;

function changeQuota(turn: Turn, role: string, quota: RoleQuota): void {
  if (sameQuota(quotaOf(turn.master, role), quota)) return;
  putQuota(turn.master, role, quota);
  turn.note('info', 'quota changed', {role, guarantees: text(quota.guarantees), limits: text(quota.limits)});
  rescindForQuota(turn, role, quota);
}

function putQuota({quotas, allocator}: Master, role: string, quota: RoleQuota): void {
  if (isQuota(quota)) quotas.set(role, quota);
  else quotas.delete(role);
  allocator.setQuota(role, isQuota(quota) ? quota : undefined);
}

const text = (amounts: ReadonlyMap<string, number>): string =>
  Array.from(amounts, ([name, amount]) => `${name}:${amount}`).join(';');
