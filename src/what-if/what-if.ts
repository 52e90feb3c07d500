import type {Allocator} from '../allocator/allocator.ts';
import type {Verdict} from '../allocator/explain/verdict.ts';
import {HierarchicalAllocator} from '../allocator/hierarchical-allocator.ts';
import type {AgentId, FrameworkId} from '../allocator/ids.ts';
import type {JournalOptions} from '../allocator/journal/journal.ts';
import type {Allocation} from '../allocator/records.ts';
import type {Quantities} from '../allocator/resources.ts';
import {Resources} from '../allocator/resources.ts';
import type {AllocatorSnapshot} from '../allocator/snapshot.ts';
import {seeded} from '../lib/seeded.ts';
import {type AgentFactsOf, type AppToPlace, Placer, type PlacerReason} from './placer.ts';

/** A live cluster, to be looked at. */
export type LiveCluster = {
  readonly allocator: Pick<Allocator, 'snapshot'>;
  readonly options: JournalOptions;
  /** Of the allocator's chance. */
  readonly randomState: number;
  readonly nowMs: number;
  readonly agent: AgentFactsOf;
};

/** What is undefined stays as it is; null: none any more. */
export type RoleChange = {
  readonly role: string;
  readonly weight: number | undefined;
  readonly guarantees: Quantities | null | undefined;
  readonly limits: Quantities | null | undefined;
};

export type Question = {
  readonly app: AppToPlace | undefined;
  readonly change: RoleChange | undefined;
};

/** Why agents get none (or no more) of the instances. */
export type Blocked = {
  /** The allocator's reason, or Marathon's for an offer that does not fit. */
  readonly reason: Verdict['reason'] | PlacerReason;
  readonly agents: number;
  /** Of one of them. */
  readonly example: {readonly agentId: AgentId; readonly verdict: Verdict | {readonly text: string}};
  /** Instances that would fit into what others are offered first; they may decline it. */
  readonly instances?: number;
};

export type RoleOutcome = {
  readonly role: string;
  readonly weight: number;
  /** Over the weight, before and behind the next run. */
  readonly shareBefore: number;
  readonly shareAfter: number;
  /** Agents offered to it in the next run. */
  readonly offers: number;
};

/** What the next runs would do. */
export type Outcome = {
  /** Undefined without an app. */
  readonly placed: ReadonlyMap<AgentId, number> | undefined;
  readonly blocked: readonly Blocked[];
  /** Roles that hold something or would be offered something. */
  readonly roles: readonly RoleOutcome[];
};

/** More rounds of offers and answers than that do not happen. */
const MOST_ROUNDS = 50;

/**
 * Lets copies of a live allocator decide what would happen now: as it is and, if a role's change is asked about, with
 * it. The live one is only read.
 */
export function whatIf(
  cluster: LiveCluster,
  {app, change}: Question,
): {readonly now: Outcome; readonly changed?: Outcome} {
  const snapshot = cluster.allocator.snapshot();
  const now = tryOut(cluster, snapshot, app, undefined);
  return change === undefined ? {now} : {now, changed: tryOut(cluster, snapshot, app, change)};
}

function tryOut(
  cluster: LiveCluster,
  snapshot: AllocatorSnapshot,
  app: AppToPlace | undefined,
  change: RoleChange | undefined,
): Outcome {
  const copy = new HierarchicalAllocator({...cluster.options, random: seeded(cluster.randomState).next});
  copy.load(snapshot);
  if (change !== undefined) make(copy, snapshot, change);
  if (app !== undefined) demand(copy, snapshot, app, cluster.options);
  const before = new Map(
    copy
      .view()
      .roles()
      .map(one => [one.role, one.share]),
  );
  const allocations = copy.runPeriodic(cluster.nowMs);
  const roles = rolesAfter(copy, before, allocations);
  if (app === undefined) return {placed: undefined, blocked: [], roles};
  return {...answer(copy, app, allocations, cluster), roles};
}

function make(copy: Allocator, {quotas}: AllocatorSnapshot, change: RoleChange): void {
  const {role, weight} = change;
  if (weight !== undefined) copy.updateWeights(new Map([[role, weight]]));
  if (change.guarantees === undefined && change.limits === undefined) return;
  const before = quotas.get(role);
  const guarantees = change.guarantees === undefined ? before?.guarantees : change.guarantees;
  const limits = change.limits === undefined ? before?.limits : change.limits;
  const quota = {...(guarantees && {guarantees}), ...(limits && {limits})};
  copy.setQuota(role, guarantees || limits ? quota : undefined);
}

/** As when the app is created: its framework asks again for offers under the role. */
function demand(copy: Allocator, snapshot: AllocatorSnapshot, app: AppToPlace, options: JournalOptions): void {
  const {frameworkId, role, capabilities} = app;
  const known = snapshot.frameworks.find(one => one.frameworkId === frameworkId);
  const clients = known?.clients.filter(({subscribed}) => subscribed) ?? [];
  const roles = new Set([...clients.map(client => client.role), role]);
  const spec = {
    frameworkId,
    roles,
    suppressedRoles: clients.filter(client => client.suppressed && client.role !== role).map(client => client.role),
    capabilities: known?.capabilities ?? capabilities,
    minAllocatable: new Map([[role, options.minAllocatable]]),
  };
  if (known === undefined) return copy.addFramework(spec, true);
  copy.updateFramework(spec);
  if (!known.active) copy.activateFramework(frameworkId);
  copy.revive(frameworkId, [role]);
}

function rolesAfter(
  copy: Allocator,
  before: ReadonlyMap<string, number>,
  allocations: readonly Allocation[],
): RoleOutcome[] {
  const offers = Map.groupBy(allocations, one => one.role);
  return copy
    .view()
    .roles()
    .map(({role, weight, share}) => ({
      role,
      weight,
      shareBefore: before.get(role) ?? 0,
      shareAfter: share,
      offers: offers.get(role)?.length ?? 0,
    }))
    .filter(({shareAfter, offers: made}) => shareAfter > 0 || made > 0);
}

/** Marathon takes what fits and gives the rest back, until nothing more comes. */
function answer(
  copy: Allocator,
  app: AppToPlace,
  first: readonly Allocation[],
  {nowMs, agent}: LiveCluster,
): Pick<Outcome, 'placed' | 'blocked'> {
  const placer = new Placer(app, agent, nowMs);
  // Before anything is answered: afterwards our own refusals would be in the way.
  const explained = copy.explain({frameworkId: app.frameworkId, role: app.role}, nowMs);
  const taken: Allocation[] = [];
  let round = first;
  for (let i = 0; i < MOST_ROUNDS && placer.missing > 0; i++) {
    const mine = round.filter(one => isFor(app, one));
    if (i === 0) taken.push(...round.filter(one => !isFor(app, one)));
    if (mine.length === 0) break;
    for (const offer of mine) {
      const free = copy.view().agent(offer.agentId)?.free ?? Resources.EMPTY;
      const rest = placer.answer(offer, free);
      if (!rest.isEmpty) copy.recoverResources(offer.agentId, app.frameworkId, app.role, rest, {seconds: 3600}, nowMs);
    }
    round = copy.runPeriodic(nowMs);
  }
  if (placer.missing === 0) return {placed: placer.placed, blocked: []};
  const reasons = explained.ok ? explained.value.reasons : [];
  const blocked = reasons
    .filter(({reason}) => reason !== 'offered')
    .map(({reason, pairs, examples}) => {
      const [example] = examples;
      if (example === undefined) return [];
      const {agentId, verdict} = example;
      const would = reason === 'behind' ? {instances: placer.wouldFit(taken)} : {};
      return [{reason, agents: pairs, example: {agentId, verdict}, ...would}];
    });
  return {placed: placer.placed, blocked: [...placer.rejected(), ...blocked.flat()]};
}

const isFor = ({frameworkId, role}: {frameworkId: FrameworkId; role: string}, one: Allocation): boolean =>
  one.frameworkId === frameworkId && one.role === role;
