import type {TaskStatus} from '../../../api/mesos/v1/common.ts';
import type {MarathonAppStatus} from '../../../crds/marathon-app.ts';
import type {Random} from '../../../lib/clock.ts';
import type {DeepReadonly} from '../../../lib/deep-readonly.ts';
import type {Result} from '../../../lib/result.ts';
import type {AgentFacts} from './offers/agent-facts.ts';
import type {GpuScheduling} from './offers/match.ts';
import type {AppDefaults, AppDefinition} from './apps/app.ts';
import type {VersionInfo} from './apps/app-version.ts';
import type {LaunchDelay} from './instances/backoff.ts';
import type {Before, Deployment} from './deployments/deployment.ts';
import type {Effect} from './effects.ts';
import type {Group, GroupDefinition, GroupObject} from './groups/group.ts';
import {instancePrefix, type AppId, type InstanceId, type TaskId} from './ids.ts';
import type {Instance} from './instances/instance.ts';
import type {OfferStats} from './offers/offer-stats.ts';
import type {Reserved} from './residents/reservation.ts';
import type {PortRange} from './ports/service-ports.ts';

/** What the flags say; times in milliseconds. */
export type Settings = {
  readonly defaults: AppDefaults;
  readonly servicePorts: PortRange;
  readonly envPrefix: string;
  readonly defaultUser: string | undefined;
  readonly maxInstancesPerOffer: number;
  readonly launchTokens: number;
  readonly launchTokenRefreshMs: number;
  readonly declineOfferMs: number;
  readonly minReviveOffersMs: number;
  readonly taskLaunchTimeoutMs: number;
  readonly taskLaunchConfirmTimeoutMs: number;
  readonly killRetryMs: number;
  readonly gpuScheduling: GpuScheduling;
  readonly killChunkSize: number;
  /** The part of an app that may be unhealthy before kills for that stop; 1: no limit. */
  readonly unhealthyKillLimit: number;
  readonly reconciliationInitialDelayMs: number;
  readonly reconciliationIntervalMs: number;
};

/** What the core reads of a MarathonApp object. */
export type AppObject = {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339; orders objects that claim the same id. */
  readonly createdAt: string;
  readonly deleting: boolean;
  /** It was to be deleted and its tasks left to nobody (`--cascade=orphan`), which is refused: it goes on as before. */
  readonly kept: 'orphan' | 'noted' | undefined;
  /** It carries our finalizer. */
  readonly claimed: boolean;
  readonly id: AppId;
  /** The checked spec, or what is wrong with it. */
  readonly definition: Result<AppDefinition, string>;
  /** Stands for the configuration and the restart request; see config-hash.ts. */
  readonly config: string;
  readonly restartedAt: string | undefined;
  /** Written by the REST interface with its change. */
  readonly version: string | undefined;
  readonly deploymentId: string | undefined;
  /** A person named them with the change that brought `version`: they go first when the app is made smaller. */
  readonly victims: readonly InstanceId[];
  readonly status: MarathonAppStatus | undefined;
};

/** Why an app runs nothing new, and what it runs stays untouched. */
export type Block = {readonly reason: 'DuplicateId' | 'InvalidSpec' | 'NoServicePort'; readonly message: string};

export type LastTaskFailure = NonNullable<MarathonAppStatus['lastTaskFailure']>;

/** One MarathonApp and what runs for it. Only `step` changes it: everybody else gets a `ReadonlyApp`. */
export type App = {
  object: AppObject;
  block: Block | undefined;
  /** The definition in force: absent until the object was first considered, and while it is blocked. */
  definition: AppDefinition | undefined;
  config: string;
  restartedAt: string | undefined;
  versionInfo: VersionInfo | undefined;
  servicePorts: readonly number[];
  readonly instances: Map<InstanceId, Instance>;
  /** Wanted instances that were never launched: a number, so that a wish costs nothing until it can be fulfilled. */
  unmade: number;
  /** Tasks that were given up with their agents. */
  readonly lost: Set<TaskId>;
  delay: LaunchDelay | undefined;
  /** What has locked it. */
  deployment: Deployment | undefined;
  /** Its object says something new, which comes into force with its step of the deployment. */
  waitsForStep: boolean;
  lastTaskFailure: LastTaskFailure | undefined;
  offerStats: OfferStats | undefined;
  /** Go first when the app is scaled down: a person named them. */
  victims: ReadonlySet<InstanceId>;
  /** Of a resident app: what is reserved for its instances, also those that do not run. */
  readonly reserved: Map<InstanceId, Reserved>;
  /** Too many of its instances are unhealthy to kill them for it. */
  killsHeldBack: boolean;
  /** Instances that could be launched now; kept by demand.ts. */
  launchable: number;
  /** The role under which it waits for offers. */
  waitingRole: string | undefined;
};

export type PendingKill = {readonly agentId: string; sentAtMs: number | undefined};

/** How offers of one role flow. `filtered`: a decline since the last revive may keep offers away. */
export type RoleDemand = {suppressed: boolean; filtered: boolean; newWork: boolean};

export type MarathonState = {
  readonly settings: Settings;
  /** By object name. */
  readonly apps: Map<string, App>;
  /** Objects that claim an id. */
  readonly claims: Map<AppId, Set<string>>;
  /** Claimed ids inside a group, at any depth. */
  readonly groups: Map<AppId, Set<AppId>>;
  /** MarathonGroups, by object name. */
  readonly groupObjects: Map<string, Group>;
  /** MarathonGroups that claim an id. */
  readonly groupClaims: Map<AppId, Set<string>>;
  /** Object names of MarathonGroups whose definition is not in force; looked at again when others change. */
  readonly blockedGroups: Set<string>;
  /** Object names of apps that a rule forbids beside the others; looked at again when others change. */
  readonly forbidden: Set<string>;
  /** By object name, the ids of apps that are left alone. */
  readonly aside: Map<string, AppId>;
  /** Under way, by id. */
  readonly deployments: Map<string, Deployment>;
  /** The deployment that has locked an app; the app may still be to come. */
  readonly locks: Map<AppId, Deployment>;
  /** How many definitions in force have a role. */
  readonly rolesInUse: Map<string, number>;
  readonly tasks: Map<TaskId, {readonly app: string; readonly instance: InstanceId}>;
  /** Tasks that were given up with their agents, and may come back. */
  readonly lost: Map<TaskId, {readonly app: string; readonly instance: Instance}>;
  /** How many apps have a service port. */
  readonly portsInUse: Map<number, number>;
  readonly agents: Map<string, AgentFacts>;
  /** Agents that get no more offers though they are there; their tasks may soon have to go. */
  leavingAgents: ReadonlySet<string>;
  readonly kills: Map<TaskId, PendingKill>;
  /** Roles of instances whose reservations are to be given back when they are on offer. */
  readonly wiped: Map<InstanceId, string>;
  readonly roles: Map<string, RoleDemand>;
  /** Roles as the master knows them. */
  subscribedRoles: ReadonlySet<string>;
  /** Object names of apps with something launchable, by role. */
  readonly waiting: Map<string, Set<string>>;
  /** Object names of apps with a launch delay: it holds launches back, or has passed and is not forgotten yet. */
  readonly delayed: Map<string, 'waiting' | 'passed'>;
  /** The running tasks are known: from now on what is missing is started and what is unknown is killed. */
  ready: boolean;
  connected: boolean;
  frameworkId: string | undefined;
  homeRegion: string | undefined;
  /** Updates that came before the running tasks were known. */
  readonly held: TaskStatus[];
  lastReviveMs: number;
  tokens: number;
  tokensRefilledMs: number;
  nextTaskCheckMs: number;
  nextReconcileMs: number;
};

/** Marathon as everybody but its owner sees it. */
export type ReadonlyMarathon = DeepReadonly<MarathonState, Values>;
export type ReadonlyApp = DeepReadonly<App, Values>;
export type ReadonlyGroup = DeepReadonly<Group, Values>;

/** They are replaced as a whole, and never changed. */
type Values = AppObject | AppDefinition | GroupObject | GroupDefinition | Before;

/**
 * One command's work: state and time in, effects out. Before it ends, apps and groups to reconsider are compared with their
 * objects, `touched` ones are driven, and `deployments` that something happened to go on. What is said of `groups` may
 * read differently now.
 */
export type Turn = {
  readonly state: MarathonState;
  readonly nowMs: number;
  readonly random: Random;
  readonly effects: Effect[];
  readonly touched: Set<App>;
  readonly reconsider: Set<App>;
  readonly deployments: Set<Deployment>;
  readonly groups: Set<AppId>;
  readonly reconsiderGroups: Set<Group>;
};

export const newTurn = (state: MarathonState, nowMs: number, random: Random): Turn => ({
  state,
  nowMs,
  random,
  effects: [],
  touched: new Set(),
  reconsider: new Set(),
  deployments: new Set(),
  groups: new Set(),
  reconsiderGroups: new Set(),
});

export function newState(settings: Settings): MarathonState {
  return {
    settings,
    apps: new Map(),
    claims: new Map(),
    groups: new Map(),
    groupObjects: new Map(),
    groupClaims: new Map(),
    blockedGroups: new Set(),
    forbidden: new Set(),
    aside: new Map(),
    deployments: new Map(),
    locks: new Map(),
    rolesInUse: new Map(),
    tasks: new Map(),
    lost: new Map(),
    portsInUse: new Map(),
    agents: new Map(),
    leavingAgents: new Set(),
    kills: new Map(),
    wiped: new Map(),
    roles: new Map(),
    subscribedRoles: new Set(),
    waiting: new Map(),
    delayed: new Map(),
    ready: false,
    connected: false,
    frameworkId: undefined,
    homeRegion: undefined,
    held: [],
    lastReviveMs: -Infinity,
    tokens: settings.launchTokens,
    tokensRefilledMs: 0,
    nextTaskCheckMs: 0,
    nextReconcileMs: Infinity,
  };
}

export function newApp(object: AppObject): App {
  return {
    object,
    block: undefined,
    definition: undefined,
    config: '',
    restartedAt: undefined,
    versionInfo: undefined,
    servicePorts: [],
    instances: new Map(),
    unmade: 0,
    lost: new Set(),
    delay: undefined,
    deployment: undefined,
    waitsForStep: false,
    lastTaskFailure: undefined,
    offerStats: undefined,
    victims: new Set(),
    reserved: new Map(),
    killsHeldBack: false,
    launchable: 0,
    waitingRole: undefined,
  };
}

/** Older instances run another configuration than the one wanted now. */
export const isOld = (app: Pick<App, 'config'>, instance: Pick<Instance, 'config'>): boolean =>
  instance.config !== app.config;

/** The app that owns an id: of several objects that claim it the oldest. */
export function appOf(state: Pick<MarathonState, 'apps' | 'claims'>, id: AppId): App | undefined;
export function appOf(state: Pick<ReadonlyMarathon, 'apps' | 'claims'>, id: AppId): ReadonlyApp | undefined;
export function appOf(state: Pick<ReadonlyMarathon, 'apps' | 'claims'>, id: AppId): ReadonlyApp | undefined {
  return oldestOf(state.claims.get(id), state.apps);
}

/** The MarathonGroup that owns an id: of several that claim it the oldest. */
export function groupOf(state: Pick<MarathonState, 'groupObjects' | 'groupClaims'>, id: AppId): Group | undefined;
export function groupOf(
  state: Pick<ReadonlyMarathon, 'groupObjects' | 'groupClaims'>,
  id: AppId,
): ReadonlyGroup | undefined;
export function groupOf(
  state: Pick<ReadonlyMarathon, 'groupObjects' | 'groupClaims'>,
  id: AppId,
): ReadonlyGroup | undefined {
  return oldestOf(state.groupClaims.get(id), state.groupObjects);
}

type Dated = {readonly object: {readonly name: string; readonly createdAt: string}};

function oldestOf<T extends Dated>(names: Iterable<string> | undefined, all: ReadonlyMap<string, T>): T | undefined {
  let oldest: T | undefined;
  for (const name of names ?? []) {
    const owner = all.get(name);
    if (owner !== undefined && (oldest === undefined || isOlder(owner, oldest))) oldest = owner;
  }
  return oldest;
}

const isOlder = ({object: a}: Dated, {object: b}: Dated): boolean =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.name < b.name);

/** The task runs for an app that is left alone. */
export function isAside({aside}: Pick<MarathonState, 'aside'>, taskId: string): boolean {
  for (const id of aside.values()) if (taskId.startsWith(instancePrefix(id))) return true;
  return false;
}
