import type {Result} from '../../lib/result.ts';
import {changeApp, newStamp, type Change, type ChangeError, type ChangeResult, type Stamp} from './calls/change-app.ts';
import {changeApps, planChange, type PlannedEdits} from './calls/plans.ts';
import {revertDeployment, type RevertError} from './calls/reverts.ts';
import type {AppVersion} from './core/apps/app-version.ts';
import type {DeploymentStep, ReadonlyDeployment} from './core/deployments/deployment.ts';
import {followDependencies} from './core/groups/dependencies.ts';
import {graphDeclared, type Planned} from './core/groups/graph.ts';
import {appsInside, groupVersion} from './core/groups/group-status.ts';
import {versionAt, type AppId, type InstanceId} from './core/ids.ts';
import {isUsedByOthers} from './core/ports/used-ports.ts';
import {appOf, groupOf, type ReadonlyApp, type ReadonlyGroup, type ReadonlyMarathon} from './core/state.ts';
import {Counts} from './counts.ts';
import {EventHub} from './event-hub.ts';
import type {MarathonFlags} from './flags.ts';
import {LeadingMarathon} from './leading-marathon.ts';
import type {MarathonOptions} from './marathon-options.ts';
import {findVersion, listVersions} from './views/versions.ts';

export type Marathon = {
  /** Resolves when the apps are known; the subscription follows by itself. */
  readonly start: () => Promise<void>;
  /** Leaves tasks and subscription as they are: the next leader takes them over. */
  readonly stop: () => Promise<void>;
  /** Subscribed, and everything that runs is known. */
  readonly ready: () => boolean;
  readonly frameworkId: () => string | undefined;
  /** Apps in the order of their ids; not those whose id belongs to an older object. */
  readonly apps: () => readonly ReadonlyApp[];
  readonly app: (id: AppId) => ReadonlyApp | undefined;
  /** Apps inside a group, at any depth, in no order. */
  readonly appsIn: (group: AppId) => readonly ReadonlyApp[];
  /** Groups that something is said of; not those whose id belongs to an app or an older object. */
  readonly groups: () => readonly ReadonlyGroup[];
  readonly group: (id: AppId) => ReadonlyGroup | undefined;
  /** When a group, or an app inside, last changed. */
  readonly groupVersion: (id: AppId) => string;
  /** After the change an app would depend on itself. */
  readonly isCyclic: (planned: Planned) => boolean;
  /** The steps of a change, which is not made. */
  readonly plan: <E>(edits: PlannedEdits<E>) => Promise<Result<readonly DeploymentStep[], ChangeError<E>>>;
  /** Another app has this service port. */
  readonly isPortUsed: (port: number, app: ReadonlyApp | undefined) => boolean;
  /** Deployments under way, oldest first. */
  readonly deployments: () => Iterable<ReadonlyDeployment>;
  /** Versions of an app, newest first. An error says why they can't be read. */
  readonly versions: (app: ReadonlyApp) => Promise<Result<readonly string[], string>>;
  /** An app as it was in a version; ok of undefined when that is not kept. */
  readonly version: (app: ReadonlyApp, version: string) => Promise<Result<AppVersion | undefined, string>>;
  readonly change: <E>(change: Change<E>) => Promise<Result<ChangeResult, ChangeError<E>>>;
  /** A change of several apps as one deployment. */
  readonly changeAll: <E>(
    edits: PlannedEdits<E>,
    force: boolean,
    stamp: Stamp,
  ) => Promise<Result<void, ChangeError<E>>>;
  /** Kills tasks; without `decommission` they are replaced under the same instance ids. */
  readonly killInstances: (instanceIds: readonly InstanceId[], decommission: boolean) => void;
  /** A version and a deployment id for one change of several apps: later than what they have. */
  readonly newStamp: (ids: readonly AppId[]) => Stamp;
  /** Wall-clock milliseconds. */
  readonly nowMs: () => number;
  /** Forgets the launch delay of an app. */
  readonly resetDelay: (id: AppId) => void;
  /** Ends a deployment where it is: definitions stay, and so does what runs. */
  readonly cancelDeployment: (id: string) => void;
  /** Takes a deployment back, with another one. */
  readonly revertDeployment: (id: string) => Promise<Result<Stamp, RevertError>>;
  /** What this process has done as Marathon. */
  readonly counts: Pick<Counts, 'entries'>;
  /** Tasks whose end was asked for and did not come yet. */
  readonly kills: () => number;
  /** When this process began to lead, in monotonic milliseconds. */
  readonly ledSinceMs: () => number | undefined;
  /** What it tells of itself. */
  readonly events: EventHub;
  readonly flags: MarathonFlags;
};

export function createMarathon(options: MarathonOptions): Marathon {
  const {clock, random, flags} = options;
  const events = new EventHub({clock, random, most: flags.event_stream_max_outstanding_messages});
  const counts = new Counts();
  const leading = new LeadingMarathon({...options, events, counts});
  let ledSinceMs: number | undefined;
  const store = {client: options.client, namespace: options.namespace, most: flags.zk_max_versions};
  const find = (id: AppId): ReadonlyApp | undefined =>
    leading.state === undefined ? undefined : appOf(leading.state, id);
  return {
    start: () => {
      ledSinceMs = clock.monotonic();
      return leading.start();
    },
    stop: () => leading.stop(),
    ready: () => leading.state?.ready === true && leading.state.connected,
    frameworkId: () => leading.state?.frameworkId,
    apps: () => appsOf(leading.state?.apps.values() ?? []),
    app: find,
    isPortUsed: (port, app) => leading.state !== undefined && isUsedByOthers(leading.state, app, port),
    appsIn: id => (leading.state === undefined ? [] : appsInside(leading.state, id)),
    groups: () => (leading.state === undefined ? [] : groupsOf(leading.state)),
    group: id => (leading.state === undefined ? undefined : shownGroup(leading.state, id)),
    groupVersion: id => (leading.state === undefined ? versionAt(0) : groupVersion(leading.state, id)),
    isCyclic: planned => leading.state !== undefined && isCyclic(leading.state, planned),
    plan: edits => planChange(leading.calls, edits),
    deployments: () => leading.state?.deployments.values() ?? [],
    versions: app => listVersions(store, app),
    version: (app, version) => findVersion(store, app, version),
    change: change => changeApp(leading.calls, change),
    changeAll: (edits, force, stamp) => changeApps(leading.calls, edits, force, stamp),
    killInstances: (instanceIds, decommission) => leading.post({kind: 'kill-instances', instanceIds, decommission}),
    newStamp: ids =>
      newStamp(
        {clock, random},
        ids.flatMap(id => find(id) ?? []),
      ),
    nowMs: () => clock.now(),
    resetDelay: id => leading.post({kind: 'reset-delay', name: find(id)?.object.name ?? ''}),
    revertDeployment: id => revertDeployment(leading.calls, id),
    cancelDeployment: id => leading.post({kind: 'cancel-deployment', id}),
    counts,
    kills: () => leading.state?.kills.size ?? 0,
    ledSinceMs: () => ledSinceMs,
    events,
    flags,
  };
}

function appsOf(all: Iterable<ReadonlyApp>): readonly ReadonlyApp[] {
  const owned = [...all].filter(app => app.block?.reason !== 'DuplicateId');
  return owned.sort((a, b) => (a.object.id < b.object.id ? -1 : 1));
}

const shownGroup = (state: ReadonlyMarathon, id: AppId): ReadonlyGroup | undefined =>
  appOf(state, id) === undefined ? groupOf(state, id) : undefined;

const groupsOf = (state: ReadonlyMarathon): readonly ReadonlyGroup[] =>
  [...state.groupClaims.keys()].flatMap(id => shownGroup(state, id) ?? []);

/** Only what the change touches can have become cyclic: its apps, and those inside its groups. */
function isCyclic(state: ReadonlyMarathon, planned: Planned): boolean {
  const graph = graphDeclared(state, planned);
  const inside = [...planned.groups.keys()].flatMap(group => [...graph.inside(group)]);
  return followDependencies([...planned.apps.keys(), ...inside], graph).isCyclic;
}
