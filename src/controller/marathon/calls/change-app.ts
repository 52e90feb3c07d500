import {MARATHON_APPS, type MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {decodeObject, type Kind} from '../../../crds/kind.ts';
import {explainKubeError} from '../../../kube/kube-error.ts';
import {apiVersionOf} from '../../../kube/resource-path.ts';
import type {KubeClient, KubeObject} from '../../../kube/types.ts';
import type {Clock, Random} from '../../../lib/clock.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {editObject, type Edited} from '../../runtime/edit-object.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import type {Outcome} from '../../runtime/write.ts';
import {APP_ANNOTATIONS, APP_FINALIZER} from '../../../crds/meta.ts';
import {idOf, isLeaving} from '../core/apps/app-object.ts';
import type {AppDefaults} from '../core/apps/app.ts';
import {configHash} from '../core/apps/config-hash.ts';
import type {Command} from '../core/commands.ts';
import {objectNameOf, shortHash, uuid, versionAt, type AppId, type InstanceId} from '../core/ids.ts';
import {appOf, type ReadonlyApp, type ReadonlyMarathon} from '../core/state.ts';

/** What a REST call wants of an app, decided on its newest spec. */
export type Edit =
  | {
      readonly kind: 'create' | 'replace';
      readonly spec: MarathonAppSpec;
      /** They go first if the app gets smaller by this change. */
      readonly victims?: readonly InstanceId[];
      /** The restart request that goes with the spec; absent: the one that is there. */
      readonly restartedAt?: {readonly value: string | undefined};
    }
  | {readonly kind: 'restart'}
  | {readonly kind: 'delete'};

export type Change<E> = {
  readonly id: AppId;
  /** Without it, an app that a deployment has locked is not changed. */
  readonly force: boolean;
  /** Called with the newest spec, or undefined when there is no such app; again when somebody else was faster. */
  readonly edit: (current: MarathonAppSpec | undefined) => Result<Edit, E>;
  /** For how long to wait until the app's former object, whose last tasks are being killed, is gone. */
  readonly leavingMs?: number;
  /** Told before the change is written, and again when it is decided anew. */
  readonly onDecided?: (stamp: Stamp) => void;
  /** Shared by all apps of one change; without it the change gets its own. */
  readonly stamp?: Stamp;
};

/** A version, which is the time of the change, and the deployment that it begins. */
export type Stamp = {readonly version: string; readonly deploymentId: string};

export type ChangeResult = {
  readonly version: string;
  readonly deploymentId: string;
  readonly created: boolean;
  /** As it is now known; undefined when it was deleted. */
  readonly app: ReadonlyApp | undefined;
};

/** `refused`: what `edit` said. `invalid`: what the API server said about the spec. */
export type ChangeError<E> =
  | {readonly kind: 'refused'; readonly error: E}
  | {readonly kind: 'too-many-deployments'; readonly most: number}
  | {readonly kind: 'locked'; readonly deployments: readonly string[]}
  | Failure;

/** Why a write failed. */
export type Failure =
  {readonly kind: 'invalid'; readonly message: string} | {readonly kind: 'unavailable'; readonly message: string};

export type CallsOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly outbox: Outbox;
  readonly defaults: AppDefaults;
  /** Deployments that may be under way. */
  readonly mostDeployments: number;
  /** Undefined while it is being rebuilt. */
  readonly state: () => ReadonlyMarathon | undefined;
  readonly post: (command: Command) => void;
  /** Resolves when the condition holds of what the core has seen; false when it takes too long. */
  readonly until: (condition: () => boolean, withinMs: number) => Promise<boolean>;
};

/** How long a call waits for its own change to come back through the watch, and for its turn to write. */
const SEEN_TIMEOUT_MS = 10_000;
const TURN_TIMEOUT_MS = 60_000;
/** An annotation may be 256 KiB large. */
const MOST_VICTIMS = 1000;

/** Why a write did not happen: the object is another app's, or the app's former object is on its way out. */
type Obstacle<E> = ChangeError<E> | {readonly kind: 'other-app'} | {readonly kind: 'leaving'};

/**
 * Writes a change to the app's object, and waits until the core has seen it. Changes of one app are made one after the
 * other, and each decides on what the one before has left. Deletions and scaling to 0 go first.
 */
export async function changeApp<E>(
  options: CallsOptions,
  change: Change<E>,
): Promise<Result<ChangeResult, ChangeError<E>>> {
  const usual = findApp(options, change.id)?.object.name ?? objectNameOf(change.id);
  let name = usual;
  for (;;) {
    const done = await tryChange(options, change, name);
    if (done.ok) return done;
    const {error} = done;
    if (error.kind === 'other-app') {
      if (name !== usual) return unavailable(`the names for an object of ${change.id} are taken`);
      name = `${usual}-${shortHash(change.id)}`;
    } else if (error.kind === 'leaving') {
      // The last of its tasks are being killed.
      const gone = await options.until(
        () => options.state()?.apps.get(name) === undefined,
        change.leavingMs ?? SEEN_TIMEOUT_MS,
      );
      if (!gone) return unavailable(`${change.id} is still being deleted`);
    } else return err(error);
  }
}

const findApp = ({state}: CallsOptions, id: AppId): ReadonlyApp | undefined => {
  const now = state();
  return now === undefined ? undefined : appOf(now, id);
};

const unavailable = (message: string): Result<never, {kind: 'unavailable'; message: string}> =>
  err({kind: 'unavailable', message});

async function tryChange<E>(
  options: CallsOptions,
  change: Change<E>,
  name: string,
): Promise<Result<ChangeResult, Obstacle<E>>> {
  const {outbox, client, namespace, until} = options;
  const target = {client, kind: MARATHON_APPS, name, namespace};
  const urgency = {urgent: isUrgent(options, change), withinMs: TURN_TIMEOUT_MS};
  let decision: Decision | undefined;
  const decide = (current: KubeObject | undefined): Result<Edited, Obstacle<E>> => {
    const decided = decideChange(options, change, name, current);
    if (!decided.ok) return decided;
    decision = decided.value;
    change.onDecided?.(decided.value.stamp);
    return ok(decided.value.write);
  };
  const written = valueOf<Obstacle<E>>(await editObject(outbox, target, decide, urgency), MARATHON_APPS);
  if (!written.ok) return written;
  if (decision === undefined) return unavailable('the change was not decided');
  if (decision.edit === 'delete' && decision.write.kind === 'patch') {
    const removed = valueOf<never>(await editObject(outbox, target, remove, urgency), MARATHON_APPS);
    if (!removed.ok) return removed;
  }
  const {edit, stamp} = decision;
  if (decision.write.kind !== 'unchanged') await until(() => isSeen(options, name, edit, stamp), SEEN_TIMEOUT_MS);
  return ok({...stamp, created: edit === 'create', app: findApp(options, change.id)});
}

const remove = (current: KubeObject | undefined): Result<Edited, never> =>
  ok({kind: current === undefined ? 'unchanged' : 'delete'});

/** It ends what may keep everybody else from being served. */
function isUrgent<E>(options: CallsOptions, {id, edit}: Change<E>): boolean {
  const object = findApp(options, id)?.object;
  const edited = edit(object?.definition.ok === true ? object.definition.value.spec : undefined);
  if (!edited.ok || edited.value.kind === 'restart') return false;
  return edited.value.kind === 'delete' || edited.value.spec.instances === 0;
}

type Decision = {readonly edit: Edit['kind']; readonly stamp: Stamp; readonly write: Edited};

/** Decides on the newest object, in its turn. */
function decideChange<E>(
  options: CallsOptions,
  {id, edit, force, stamp: given}: Change<E>,
  name: string,
  object: KubeObject | undefined,
): Result<Decision, Obstacle<E>> {
  if (object !== undefined && idOf(object) !== id) return err({kind: 'other-app'});
  const app = findApp(options, id);
  const edited = edit(specOf(object));
  if (!edited.ok) return err({kind: 'refused', error: edited.error});
  const {value} = edited;
  const stamp = given ?? newStamp(options, app === undefined ? [] : [app]);
  if (object !== undefined && value.kind === 'replace' && isSame(object, value.spec, value.restartedAt)) {
    return ok({edit: value.kind, stamp, write: {kind: 'unchanged'}});
  }
  const lock = app?.deployment;
  const isFree = lock === undefined || lock.id === given?.deploymentId || app?.object.deleting === true;
  if (!isFree && !force) return err({kind: 'locked', deployments: [lock.id]});
  if (object !== undefined && value.kind === 'create') return err({kind: 'leaving'});
  // One that replaces another is none more; a plan was counted as one before.
  if (lock === undefined && given === undefined && isFull(options)) {
    return err({kind: 'too-many-deployments', most: options.mostDeployments});
  }
  // The plan of several apps has told already what an annotation would tell.
  const write =
    value.kind === 'delete' && given !== undefined && object !== undefined && !isKept(object)
      ? ({kind: 'delete'} as const)
      : writeOf(options, {name, id, object, stamp}, value);
  return ok({edit: value.kind, stamp, write});
}

/** As many deployments are under way as there may be. */
export const isFull = ({state, mostDeployments}: CallsOptions): boolean =>
  (state()?.deployments.size ?? 0) >= mostDeployments;

function specOf(object: KubeObject | undefined): MarathonAppSpec | undefined {
  if (object === undefined || isLeaving(object.metadata)) return undefined;
  const decoded = decodeObject(MARATHON_APPS, object);
  return decoded.ok ? decoded.value.spec : undefined;
}

/** What a write came to, in the words of a change. */
export function valueOf<O>(outcome: Outcome<Result<KubeObject | undefined, O>>, kind: Kind): Result<void, O | Failure> {
  switch (outcome.kind) {
    case 'done':
      return outcome.value.ok ? ok(undefined) : outcome.value;
    case 'gone':
      return unavailable(`this cluster has no kind ${kind.kind} (${apiVersionOf(kind)}): is it installed?`);
    case 'refused':
      return outcome.error.status === 422 || outcome.error.status === 400
        ? err({kind: 'invalid', message: outcome.error.message})
        : unavailable(explainKubeError(outcome.error));
    case 'lost':
      return unavailable('this Marathon does not lead any more, or begins anew');
    default:
      return outcome satisfies never;
  }
}

/** Later than the versions before it, also when the clock went back. */
export function newStamp({clock, random}: Pick<CallsOptions, 'clock' | 'random'>, apps: readonly ReadonlyApp[]): Stamp {
  const before = apps.flatMap(({versionInfo}) =>
    versionInfo === undefined ? [] : [Date.parse(versionInfo.version) + 1],
  );
  return {version: versionAt(Math.max(clock.now(), ...before)), deploymentId: uuid(random)};
}

const isKept = ({metadata}: KubeObject): boolean => metadata.annotations?.[APP_ANNOTATIONS.kept] !== undefined;

type Target = {
  readonly name: string;
  readonly id: AppId;
  readonly object: KubeObject | undefined;
  readonly stamp: Stamp;
};

function writeOf({namespace}: CallsOptions, {name, id, object, stamp}: Target, edit: Edit): Edited {
  const annotations = {[APP_ANNOTATIONS.version]: stamp.version, [APP_ANNOTATIONS.deploymentId]: stamp.deploymentId};
  if (object === undefined) {
    return edit.kind === 'create' || edit.kind === 'replace'
      ? {kind: 'create', object: newObject(name, namespace, {...edit.spec, id}, annotations)}
      : {kind: 'unchanged'};
  }
  switch (edit.kind) {
    case 'create':
    case 'replace':
      return {kind: 'update', object: replaced(object, edit, annotations)};
    case 'restart':
      return annotated({...annotations, [APP_ANNOTATIONS.restartedAt]: stamp.version});
    case 'delete':
      return annotated({...annotations, [APP_ANNOTATIONS.kept]: null});
    default:
      return edit satisfies never;
  }
}

const annotated = (annotations: Readonly<Record<string, string | null>>): Edited => ({
  kind: 'patch',
  type: 'merge',
  body: {metadata: {annotations}},
});

const newObject = (
  name: string,
  namespace: string,
  spec: MarathonAppSpec,
  annotations: Readonly<Record<string, string>>,
): KubeObject => ({
  apiVersion: apiVersionOf(MARATHON_APPS),
  kind: MARATHON_APPS.kind,
  metadata: {name, namespace, annotations, finalizers: [APP_FINALIZER]},
  spec,
});

/** The id is immutable: an object that names none keeps naming none. */
function replaced(
  object: KubeObject,
  {spec, victims = [], restartedAt}: Extract<Edit, {readonly spec: MarathonAppSpec}>,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  const {metadata} = object;
  const {
    [APP_ANNOTATIONS.victims]: _former,
    [APP_ANNOTATIONS.restartedAt]: restart,
    ...held
  } = metadata.annotations ?? {};
  const asked = restartedAt === undefined ? restart : restartedAt.value;
  const named: Record<string, string> =
    victims.length === 0 ? {} : {[APP_ANNOTATIONS.victims]: victims.slice(0, MOST_VICTIMS).join(',')};
  const {id: _id, ...rest} = spec;
  const id = typeof object.spec === 'object' && object.spec !== null && 'id' in object.spec ? {id: object.spec.id} : {};
  const restarted: Record<string, string> = asked === undefined ? {} : {[APP_ANNOTATIONS.restartedAt]: asked};
  const merged = {...metadata, annotations: {...held, ...restarted, ...annotations, ...named}};
  return {...object, metadata: merged, spec: {...rest, ...id}};
}

function isSame(
  object: KubeObject,
  spec: MarathonAppSpec,
  restart: {readonly value: string | undefined} | undefined,
): boolean {
  const held = object.metadata.annotations?.[APP_ANNOTATIONS.restartedAt];
  if (restart !== undefined && restart.value !== held) return false;
  const before = specOf(object);
  const sameConfig = before !== undefined && configHash(before, undefined) === configHash(spec, undefined);
  return sameConfig && before.instances === spec.instances;
}

/** The core has taken exactly this change in, or the object is gone already. */
function isSeen({state}: CallsOptions, name: string, edit: Edit['kind'], {version}: Stamp): boolean {
  const object = state()?.apps.get(name)?.object;
  if (edit === 'delete') return object === undefined || object.deleting;
  return object?.version !== undefined && object.version >= version;
}
