import {HierarchicalAllocator} from '../allocator/hierarchical-allocator.ts';
import type {AgentId, FrameworkId} from '../allocator/ids.ts';
import {toAgentId} from '../allocator/ids.ts';
import {Journal} from '../allocator/journal/journal.ts';
import {RecordingAllocator} from '../allocator/journal/recording-allocator.ts';
import type {Allocation} from '../allocator/records.ts';
import type {Resources} from '../allocator/resources.ts';
import type {AppObject, Settings} from '../controller/marathon/core/state.ts';
import type {Result} from '../lib/result.ts';
import {err, ok} from '../lib/result.ts';
import {seeded} from '../lib/seeded.ts';
import {BatchFramework} from './batch-framework.ts';
import {isObject} from '../lib/decoder.ts';
import {EventQueue} from './event-queue.ts';
import {appObject} from './marathon-app.ts';
import {MarathonFramework} from './marathon-framework.ts';
import {Meters} from './meters.ts';
import type {Report} from './report.ts';
import {ResidentFramework} from './resident-framework.ts';
import type {ClusterSnapshot} from './snapshot.ts';
import {NO_SNAPSHOT} from './snapshot.ts';
import type {AgentGroup, AppChange, Workload} from './workload.ts';
import {World} from './world.ts';

export type SimulationOptions = {
  /** What a live cluster has and runs already. */
  readonly snapshot?: ClusterSnapshot;
  readonly marathon: Settings;
  /** Numbers in each series; 400 if it is not said. */
  readonly samples?: number;
  /** Keep a journal of what the allocator is told. */
  readonly withJournal?: boolean;
};

export type Simulated = {readonly report: Report; readonly journal: Journal | undefined};

/** Midnight, somewhere: instants in journals and app versions read like times. */
const START_MS = Date.UTC(2026, 0, 1);
/** Mesos's own. */
const MINIMUM = [new Map([['cpus', 0.01]]), new Map([['mem', 32]])];

/**
 * Lets a workload happen on a virtual clock, with the allocator and Marathon's core as they are. The same workload and
 * seed come to the same report.
 *
 * @returns what is wrong with the apps
 */
export function simulate(workload: Workload, options: SimulationOptions): Result<Simulated, readonly string[]> {
  const changes = appChanges(workload.apps, options.marathon);
  if (!changes.ok) return changes;
  const {snapshot = NO_SNAPSHOT, samples = 400} = options;
  const {world, journal} = newWorld(workload, snapshot, options.withJournal === true);
  const {queue} = world;
  addAgents(world, workload, snapshot);
  addFrameworks(world, workload);
  addApps(world, workload, options.marathon, changes.value);
  const {duration: durationMs} = workload;
  repeat(queue, workload.allocationInterval, () => world.runPeriodic());
  repeat(queue, durationMs / samples, () =>
    world.meters.sample(queue.nowMs - START_MS, world.allocator, world.waiting()),
  );
  queue.runUntil(START_MS + durationMs, () => world.settle());
  const report = world.meters.report({
    seed: workload.seed,
    durationMs,
    policy: {roleSorter: workload.roleSorter, frameworkSorter: workload.frameworkSorter},
    agents: world.agents.size,
    allocator: world.allocator,
    waiting: world.waiting(),
  });
  return ok({report, journal});
}

function repeat(queue: EventQueue, everyMs: number, run: () => void): void {
  queue.after(everyMs, () => {
    run();
    repeat(queue, everyMs, run);
  });
}

function newWorld(
  workload: Workload,
  snapshot: ClusterSnapshot,
  withJournal: boolean,
): {world: World; journal: Journal | undefined} {
  const queue = new EventQueue(START_MS);
  // Two sequences: the workload is the same under each policy.
  const chance = seeded(workload.seed);
  const random = seeded(workload.seed + 1);
  const {allocationInterval, roleSorter, frameworkSorter} = workload;
  const settings = {allocationIntervalMs: allocationInterval, minAllocatable: MINIMUM, roleSorter, frameworkSorter};
  const inner = new HierarchicalAllocator({...settings, random: random.next});
  const size = Number.POSITIVE_INFINITY;
  const journal = withJournal ? new Journal({options: settings, random, size, now: () => queue.nowMs}) : undefined;
  const allocator = journal === undefined ? inner : new RecordingAllocator(inner, journal);
  const roles = new Map([...snapshot.roles, ...workload.roles]);
  allocator.updateWeights(new Map([...roles].map(([role, {weight}]) => [role, weight])));
  for (const [role, {guarantees, limits}] of roles) {
    if (guarantees === undefined && limits === undefined) continue;
    allocator.setQuota(role, {...(guarantees && {guarantees}), ...(limits && {limits})});
  }
  const meters = new Meters(reportedRoles(workload, [...roles.keys()], snapshot));
  return {world: new World({queue, allocator, random: chance.next, meters}), journal};
}

function reportedRoles({frameworks, apps}: Workload, named: readonly string[], snapshot: ClusterSnapshot): string[] {
  const ofApps = apps.flatMap(({app}) => (isObject(app) ? [typeof app['role'] === 'string' ? app['role'] : '*'] : []));
  const used = [...frameworks.map(({role}) => role), ...ofApps, ...snapshot.running.map(({role}) => role)];
  return [...new Set([...named, ...used])].sort();
}

function addAgents(world: World, {agents, snapshotTasks}: Workload, snapshot: ClusterSnapshot): void {
  const running = Map.groupBy(snapshot.running, ({frameworkId}) => frameworkId);
  for (const [frameworkId, tasks] of running) new ResidentFramework(world, frameworkId, tasks, snapshotTasks);
  for (const spec of snapshot.agents) world.addAgent(spec, usedOn(spec.agentId, snapshot.running));
  const numbers = new Map<string, number>();
  for (const group of agents) {
    for (let i = 0; i < group.count; i++) {
      const number = (numbers.get(group.name) ?? 0) + 1;
      numbers.set(group.name, number);
      addAgent(world, group, `${group.name}-${number}`);
    }
  }
}

function usedOn(agentId: AgentId, running: readonly Allocation[]): Map<FrameworkId, Map<string, Resources>> {
  const used = new Map<FrameworkId, Map<string, Resources>>();
  for (const {frameworkId, role, resources} of running.filter(one => one.agentId === agentId)) {
    const byRole = used.get(frameworkId) ?? new Map<string, Resources>();
    used.set(frameworkId, byRole.set(role, byRole.get(role)?.add(resources) ?? resources));
  }
  return used;
}

function addAgent(world: World, {resources, attributes, joinAt, leaveAt}: AgentGroup, name: string): void {
  const agentId = toAgentId(name);
  const named = Array.from(attributes, ([attribute, value]) => ({name: attribute, value}));
  const spec = {agentId, hostname: name, total: resources, attributes: named};
  if (joinAt === 0) world.addAgent(spec, new Map());
  else world.queue.at(START_MS + joinAt, () => world.addAgent(spec, new Map()));
  if (leaveAt !== undefined) world.queue.at(START_MS + leaveAt, () => world.removeAgent(agentId));
}

function addFrameworks(world: World, {frameworks}: Workload): void {
  for (const group of frameworks) {
    for (let i = 1; i <= group.count; i++) new BatchFramework(world, group, i, START_MS);
  }
}

type TimedApp = {readonly atMs: number; readonly object: AppObject};

/** Each change as the object that it makes. */
function appChanges(apps: readonly AppChange[], settings: Settings): Result<readonly TimedApp[], readonly string[]> {
  const specs = new Map<string, {spec: object; generation: number}>();
  const errors: string[] = [];
  const changes: TimedApp[] = [];
  for (const [i, change] of [...apps.entries()].sort(([, a], [, b]) => a.at - b.at)) {
    const made = changed(change, specs, settings);
    if (made.ok) changes.push(made.value);
    else errors.push(`apps[${i}]: ${made.error}`);
  }
  return errors.length > 0 ? err(errors) : ok(changes);
}

const absolute = (id: string): string => (id.startsWith('/') ? id : `/${id}`);

function changed(
  {at, app, scale, remove}: AppChange,
  specs: Map<string, {spec: object; generation: number}>,
  settings: Settings,
): Result<TimedApp, string> {
  const named = scale?.id ?? remove ?? (isObject(app) && typeof app['id'] === 'string' ? app['id'] : '');
  const id = absolute(named);
  const before = specs.get(id);
  if (app === undefined && before === undefined) return err(`want the id of an app that came before, got "${named}"`);
  const spec = app ?? {...before?.spec, ...(scale && {instances: scale.instances})};
  const generation = (before?.generation ?? 0) + 1;
  const object = appObject(spec, {generation, atMs: START_MS + at}, settings);
  if (!object.ok) return object;
  if (isObject(spec)) specs.set(id, {spec, generation});
  return ok({atMs: START_MS + at, object: {...object.value, deleting: remove !== undefined}});
}

/** Without apps there is no Marathon. */
function addApps(world: World, {appStartup}: Workload, settings: Settings, changes: readonly TimedApp[]): void {
  if (changes.length === 0) return;
  const marathon = new MarathonFramework(world, settings, appStartup);
  for (const {atMs, object} of changes) world.queue.at(atMs, () => marathon.see(object));
}
