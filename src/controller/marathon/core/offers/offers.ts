import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';
import type {Offer, TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {AgentFacts} from './agent-facts.ts';
import type {AppDefinition} from '../apps/app.ts';
import {newInstanceId, taskIdOf, type InstanceId} from '../ids.ts';
import {isResident} from '../../../../crds/upgrade-strategy.ts';
import {reserveFor, volumesOf} from '../residents/reservation.ts';
import {giveBackUnwanted, isWhole, newcomers, reservationsIn} from '../residents/residents.ts';
import {isLaunched, type Instance} from '../instances/instance.ts';
import {matchOffer, type Match, type MatchContext, type Rejection} from './match.ts';
import {offerPool, type OfferPool} from './offer-pool.ts';
import {newOfferStats, noteRejected, noteUnused, noteUsed} from './offer-stats.ts';
import {recount} from './demand.ts';
import {selectorName} from '../apps/selector.ts';
import {isOld, type App, type Turn} from '../state.ts';
import {subjectOfApp} from '../subjects.ts';
import {blame} from '../../../../lib/blame.ts';
import {tellInstance} from '../tell.ts';
import {buildTaskInfo} from '../launch/task-info.ts';

/** Apps that are tried on one offer: with thousands that wait and do not fit, an offer shall not hold up everything. */
const MOST_TRIED = 500;
const UNTRIED_SECONDS = 5;

/** Answers every offer at once: launches what fits and gives the rest back. */
export function onOffers(turn: Turn, offers: readonly Offer[]): void {
  const declined: {readonly offerId: string; readonly refuseSeconds: number}[] = [];
  for (const offer of offers) {
    const pool = offerPool(offer);
    turn.state.agents.set(pool.agent.agentId, pool.agent);
    const operations = turn.state.ready ? [...giveBackUnwanted(turn.state, pool)] : [];
    const launches = turn.state.ready ? launchOn(turn, pool, operations) : [];
    const isUsed = launches.length + operations.length > 0;
    const refuseSeconds = refusal(turn, pool.role, isUsed);
    if (isUsed) turn.effects.push({kind: 'accept', offerId: offer.id.value, operations, launches, refuseSeconds});
    else declined.push({offerId: offer.id.value, refuseSeconds});
  }
  for (const [refuseSeconds, some] of Map.groupBy(declined, it => it.refuseSeconds)) {
    turn.effects.push({kind: 'decline', offerIds: some.map(({offerId}) => offerId), refuseSeconds});
  }
}

/** More to launch after a launch, or out of tokens: the agent should be offered again soon. */
function refusal(turn: Turn, role: string, launched: boolean): number {
  const {state} = turn;
  const more = (state.waiting.get(role)?.size ?? 0) > 0;
  if (more && (launched || state.tokens < 1)) return 0;
  // Others may fit, whose turn has not come.
  if ((state.waiting.get(role)?.size ?? 0) > MOST_TRIED) return UNTRIED_SECONDS;
  const demand = state.roles.get(role);
  if (demand !== undefined) demand.filtered = true;
  return state.settings.declineOfferMs / 1000;
}

function launchOn(turn: Turn, pool: OfferPool, operations: Operation[]): TaskInfo[] {
  const {state} = turn;
  const launches: TaskInfo[] = [];
  let tried = 0;
  for (const app of shuffled(turn, [...(state.waiting.get(pool.role) ?? [])])) {
    if (++tried > MOST_TRIED) break;
    const room = Math.min(state.settings.maxInstancesPerOffer - launches.length, Math.floor(state.tokens));
    if (room < 1) break;
    launches.push(...blame(subjectOfApp(app), () => launchApp(turn, app, pool, room, operations)));
  }
  return launches;
}

/** Nobody is always first. Shuffles as far as it is read. */
function* shuffled(turn: Turn, names: string[]): Generator<App> {
  while (names.length > 0) {
    const chosen = Math.floor(turn.random() * names.length);
    const last = names.pop() ?? '';
    const name = names[chosen] ?? last;
    if (chosen < names.length) names[chosen] = last;
    const app = turn.state.apps.get(name);
    if (app !== undefined) yield app;
  }
}

function launchApp(turn: Turn, app: App, pool: OfferPool, room: number, operations: Operation[]): TaskInfo[] {
  const {definition} = app;
  if (definition === undefined) return [];
  if (isResident(definition.spec)) return launchResident(turn, {app, definition, pool, room, operations});
  const stats = (app.offerStats ??= newOfferStats(turn.nowMs));
  const launches: TaskInfo[] = [];
  const scheduled = [...app.instances.values()].filter(instance => !isLaunched(instance)).slice(0, room);
  const count = Math.min(room, scheduled.length + app.unmade);
  for (let i = 0; i < count; i++) {
    const outcome = matchOffer(pool, definition, matchContext(turn, app, definition));
    if (outcome.kind === 'rejected') {
      if (launches.length > 0) break;
      noteUnused(stats, pool.offer, outcome.rejection, turn.nowMs);
      noteRejected(stats, pool.agent.agentId, outcome.rejection, turn.nowMs);
      break;
    }
    const instance = scheduled[i] ?? makeInstance(turn, app);
    launches.push(launch(turn, app, definition, instance, pool.agent, outcome.match));
  }
  if (launches.length > 0) noteUsed(stats, pool.agent.agentId, turn.nowMs);
  turn.touched.add(app);
  recount(turn, app);
  return launches;
}

type Residence = {
  readonly app: App;
  readonly definition: AppDefinition;
  readonly pool: OfferPool;
  readonly room: number;
  readonly operations: Operation[];
};

/** An instance goes back to what is reserved for it; only one that has nothing yet gets a new reservation. */
function launchResident(turn: Turn, residence: Residence): TaskInfo[] {
  const {app, pool} = residence;
  const stats = (app.offerStats ??= newOfferStats(turn.nowMs));
  const launches = returnHome(turn, residence);
  const rejection = settleNew(turn, residence, launches) ?? {reason: 'NoCorrespondingReservationFound' as const};
  if (launches.length > 0) noteUsed(stats, pool.agent.agentId, turn.nowMs);
  else {
    noteUnused(stats, pool.offer, rejection, turn.nowMs);
    noteRejected(stats, pool.agent.agentId, rejection, turn.nowMs);
  }
  turn.touched.add(app);
  recount(turn, app);
  return launches;
}

function returnHome(turn: Turn, {app, definition, pool, room}: Residence): TaskInfo[] {
  const launches: TaskInfo[] = [];
  for (const [id, {app: appId, resources}] of reservationsIn(pool, turn.state.frameworkId)) {
    if (launches.length >= room) break;
    if (appId !== app.object.id || turn.state.wiped.has(id) || !isWhole(definition, resources)) continue;
    const instance = instanceToReturn(turn, app, id);
    if (instance === undefined) continue;
    const match = matchOffer(pool, portsOnly(definition), matchContext(turn, app, definition));
    if (match.kind === 'rejected') continue;
    const all = {hostPorts: match.match.hostPorts, resources: [...resources, ...match.match.resources]};
    launches.push(launch(turn, app, definition, instance, pool.agent, all));
    app.reserved.set(id, {agentId: pool.agent.agentId, incarnation: instance.incarnation});
  }
  return launches;
}

/** What is reserved need not be found again; it stands where it was placed. */
const portsOnly = (definition: AppDefinition): AppDefinition => ({
  ...definition,
  constraints: [],
  acceptedResourceRoles: ['*', definition.role],
  spec: {...definition.spec, cpus: 0, mem: 0, disk: 0, gpus: 0},
});

/** The instance that waits for this reservation, or one that is made for it. */
function instanceToReturn(turn: Turn, app: App, id: InstanceId): Instance | undefined {
  const known = app.instances.get(id);
  if (known !== undefined) return isLaunched(known) ? undefined : known;
  if (app.unmade < 1) return undefined;
  // Nobody remembers how often it was launched: no task had a number as high as this.
  const {incarnation} = app.reserved.get(id) ?? {incarnation: Math.floor(turn.nowMs / 1000)};
  return makeInstance(turn, app, id, incarnation);
}

/** @returns why no new one could be placed; undefined when none was to be */
function settleNew(turn: Turn, residence: Residence, launches: TaskInfo[]): Rejection | undefined {
  const {app, definition, pool, room, operations} = residence;
  const volumes = volumesOf(definition).reduce((sum, {size}) => sum + size, 0);
  const whole = {...definition, spec: {...definition.spec, disk: definition.spec.disk + volumes}};
  while (launches.length < room && newcomers(app) > 0) {
    const outcome = matchOffer(pool, whole, matchContext(turn, app, definition));
    if (outcome.kind === 'rejected') return outcome.rejection;
    const waiting = [...app.instances.values()].find(it => !isLaunched(it) && !app.reserved.has(it.id));
    const instance = waiting ?? makeInstance(turn, app);
    const owner = {frameworkId: turn.state.frameworkId ?? '', app: app.object.id, instance: instance.id};
    const {hostPorts, resources} = outcome.match;
    const ports = resources.filter(({name}) => name === 'ports');
    const reservation = reserveFor(
      owner,
      definition,
      resources.filter(({name}) => name !== 'ports'),
    );
    operations.push(...reservation.operations);
    const match = {hostPorts, resources: [...reservation.resources, ...ports]};
    launches.push(launch(turn, app, definition, instance, pool.agent, match));
    app.reserved.set(instance.id, {agentId: pool.agent.agentId, incarnation: instance.incarnation});
  }
  return undefined;
}

/** One of those that were only counted. */
function makeInstance(
  turn: Turn,
  app: App,
  id: InstanceId = newInstanceId(app.object.id, turn.random),
  incarnation = 0,
): Instance {
  const instance: Instance = {
    id,
    goal: 'Running',
    condition: 'Scheduled',
    sinceMs: turn.nowMs,
    incarnation,
    version: app.versionInfo?.version ?? '',
    config: app.config,
  };
  app.unmade -= 1;
  app.instances.set(instance.id, instance);
  tellInstance(turn, app, instance, 'Scheduled');
  return instance;
}

function matchContext(turn: Turn, app: App, definition: AppDefinition): MatchContext {
  const {state} = turn;
  const placed = definition.constraints.length === 0 ? [] : placedAgents(app);
  return {
    placement: {placed, known: state.agents.values(), instances: definition.instances},
    servicePorts: app.servicePorts,
    gpuScheduling: state.settings.gpuScheduling,
    homeRegion: state.homeRegion,
    nowMs: turn.nowMs,
    random: turn.random,
  };
}

const PLACED: ReadonlySet<Instance['condition']> = new Set(['Provisioned', 'Staging', 'Starting', 'Running']);

/** Old versions do not count, or they would stand in the way of their own replacement. */
const placedAgents = (app: App): AgentFacts[] =>
  [...app.instances.values()].flatMap(instance =>
    PLACED.has(instance.condition) && !isOld(app, instance) ? (instance.task?.agent ?? []) : [],
  );

function launch(
  turn: Turn,
  app: App,
  definition: AppDefinition,
  instance: Instance,
  agent: AgentFacts,
  {resources, hostPorts}: Match,
): TaskInfo {
  const {state} = turn;
  instance.incarnation += 1;
  instance.condition = 'Provisioned';
  instance.sinceMs = turn.nowMs;
  instance.config = app.config;
  instance.version = app.versionInfo?.version ?? '';
  const taskId = taskIdOf(instance.id, instance.incarnation);
  instance.task = {
    taskId,
    agent,
    role: definition.role,
    hostPorts,
    ipAddresses: [],
    stagedAtMs: turn.nowMs,
    definition,
  };
  state.tasks.set(taskId, {app: app.object.name, instance: instance.id});
  state.tokens -= 1;
  tellInstance(turn, app, instance, 'Provisioned');
  return buildTaskInfo({
    app: definition,
    selectorName: selectorName(app.object.name),
    version: instance.version,
    config: instance.config,
    taskId,
    agentId: agent.agentId,
    host: agent.hostname,
    resources,
    hostPorts,
    servicePorts: app.servicePorts,
    envPrefix: state.settings.envPrefix,
    defaultUser: state.settings.defaultUser,
  });
}
