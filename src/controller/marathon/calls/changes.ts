import {MARATHON_APPS, type MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {decodeObject} from '../../../crds/kind.ts';
import {explainKubeError, hasReason} from '../../../kube/kube-error.ts';
import {apiVersionOf} from '../../../kube/resource-path.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import type {Clock, Random} from '../../../lib/clock.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {ANNOTATIONS, FINALIZER, idOf} from '../core/apps/app-object.ts';
import {configHash} from '../core/apps/config-hash.ts';
import {objectNameOf, shortHash, uuid, versionAt, type AppId} from '../core/ids.ts';
import type {App} from '../core/state.ts';

/** What a REST call wants of an app, decided on its newest spec. */
export type Edit =
  | {readonly kind: 'create' | 'replace'; readonly spec: MarathonAppSpec}
  | {readonly kind: 'restart'}
  | {readonly kind: 'delete'};

export type Change<E> = {
  readonly id: AppId;
  /** Without it, an app that a deployment has locked is not changed. */
  readonly force: boolean;
  /** Called with the newest spec, or undefined when there is no such app; again when somebody else was faster. */
  readonly edit: (current: MarathonAppSpec | undefined) => Result<Edit, E>;
  /** Shared by all apps of one change; without it the change gets its own. */
  readonly stamp?: Stamp;
};

/** A version, which is the time of the change, and the deployment that it begins. */
export type Stamp = {readonly version: string; readonly deploymentId: string};

export type Changed = {
  readonly version: string;
  readonly deploymentId: string;
  readonly created: boolean;
  /** As it is now known; undefined when it was deleted. */
  readonly app: App | undefined;
};

/** `refused`: what `edit` said. `invalid`: what the API server said about the spec. */
export type ChangeError<E> =
  | {readonly kind: 'refused'; readonly error: E}
  | {readonly kind: 'locked'; readonly deployments: readonly string[]}
  | {readonly kind: 'invalid'; readonly message: string}
  | {readonly kind: 'unavailable'; readonly message: string};

export type ChangesOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The app that owns an id. */
  readonly find: (id: AppId) => App | undefined;
  /** Resolves when the condition holds of what the core has seen; false when it takes too long. */
  readonly until: (condition: () => boolean) => Promise<boolean>;
  readonly byName: (name: string) => App | undefined;
};

const ATTEMPTS = 5;

type Written = 'written' | 'unchanged' | 'again';

/** Writes a change to the app's object, and waits until the core has seen it. */
export async function changeApp<E>(
  options: ChangesOptions,
  change: Change<E>,
): Promise<Result<Changed, ChangeError<E>>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const done = await tryChange(options, change);
    if (done !== 'again') return done;
  }
  return err({kind: 'unavailable', message: 'the app is changed by others all the time'});
}

async function tryChange<E>(
  options: ChangesOptions,
  {id, edit, force, stamp: given}: Change<E>,
): Promise<Result<Changed, ChangeError<E>> | 'again'> {
  const app = options.find(id);
  const found = await locate(options, id, app?.object.name);
  if (!found.ok) return found;
  const {name, object} = found.value;
  const decided = edit(specOf(object));
  if (!decided.ok) return err({kind: 'refused', error: decided.error});
  const changes = decided.value.kind !== 'replace' || object === undefined || !isSame(object, decided.value.spec);
  if (changes && app?.deployment !== undefined && app.deployment.kind !== 'stop' && !force) {
    return err({kind: 'locked', deployments: [app.deployment.id]});
  }
  if (decided.value.kind === 'create' && object !== undefined) {
    // The last of its tasks are being killed.
    const gone = await options.until(() => options.byName(name) === undefined);
    return gone ? 'again' : err({kind: 'unavailable', message: `${id} is still being deleted`});
  }
  const stamp = given ?? newStamp(options, app === undefined ? [] : [app]);
  const written = await write<E>(options, {name, id, object, stamp}, decided.value);
  if (!written.ok) return written;
  if (written.value === 'again') return 'again';
  if (written.value === 'written') await options.until(() => isSeen(options, name, decided.value, stamp));
  return ok({...stamp, created: decided.value.kind === 'create', app: options.find(id)});
}

type Located = {readonly name: string; readonly object: KubeObject | undefined};

/** The object of an id, or the name that a new one gets: not one that an object of another id has already. */
async function locate(
  options: ChangesOptions,
  id: AppId,
  known: string | undefined,
): Promise<Result<Located, {kind: 'unavailable'; message: string}>> {
  const usual = known ?? objectNameOf(id);
  const object = await read(options, usual);
  if (!object.ok) return object;
  if (object.value === undefined || idOf(object.value) === id) return ok({name: usual, object: object.value});
  const name = `${usual}-${shortHash(id)}`;
  const other = await read(options, name);
  return other.ok ? ok({name, object: other.value}) : other;
}

async function read(
  {client, namespace}: ChangesOptions,
  name: string,
): Promise<Result<KubeObject | undefined, {kind: 'unavailable'; message: string}>> {
  const found = await client.get(MARATHON_APPS, name, namespace);
  if (found.ok) return found;
  return hasReason(found.error, 'NotFound') ? ok(undefined) : err(unavailable(found.error));
}

const unavailable = (error: KubeError): {kind: 'unavailable'; message: string} => ({
  kind: 'unavailable',
  message: explainKubeError(error),
});

function specOf(object: KubeObject | undefined): MarathonAppSpec | undefined {
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
  const decoded = decodeObject(MARATHON_APPS, object);
  return decoded.ok ? decoded.value.spec : undefined;
}

/** Later than the versions before it, also when the clock went back. */
export function newStamp({clock, random}: Pick<ChangesOptions, 'clock' | 'random'>, apps: readonly App[]): Stamp {
  const before = apps.flatMap(({versionInfo}) =>
    versionInfo === undefined ? [] : [Date.parse(versionInfo.version) + 1],
  );
  return {version: versionAt(Math.max(clock.now(), ...before)), deploymentId: uuid(random)};
}

type Target = {
  readonly name: string;
  readonly id: AppId;
  readonly object: KubeObject | undefined;
  readonly stamp: Stamp;
};

async function write<E>(options: ChangesOptions, target: Target, edit: Edit): Promise<Result<Written, ChangeError<E>>> {
  const {object, stamp} = target;
  const annotations = {[ANNOTATIONS.version]: stamp.version, [ANNOTATIONS.deploymentId]: stamp.deploymentId};
  switch (edit.kind) {
    case 'create':
      return outcome(await options.client.create(MARATHON_APPS, newObject(options, target, edit.spec, annotations)));
    case 'replace':
      if (object === undefined) return ok('again');
      if (isSame(object, edit.spec)) return ok('unchanged');
      return outcome(await options.client.update(MARATHON_APPS, replaced(object, edit.spec, annotations)));
    case 'restart': {
      const restarted = {...annotations, [ANNOTATIONS.restartedAt]: stamp.version};
      return outcome(await annotate(options, target, restarted));
    }
    case 'delete':
      return remove(options, target, annotations);
    default:
      return edit satisfies never;
  }
}

const annotate = (
  {client, namespace}: ChangesOptions,
  {name, object}: Target,
  annotations: Readonly<Record<string, string>>,
): Promise<Result<KubeObject, KubeError>> =>
  client.patch(MARATHON_APPS, name, namespace, 'merge', {
    metadata: {resourceVersion: object?.metadata.resourceVersion, annotations},
  });

async function remove<E>(
  options: ChangesOptions,
  target: Target,
  annotations: Readonly<Record<string, string>>,
): Promise<Result<Written, ChangeError<E>>> {
  if (target.object === undefined) return ok('unchanged');
  const annotated = outcome<E>(await annotate(options, target, annotations));
  if (!annotated.ok || annotated.value === 'again') return annotated;
  const {uid} = target.object.metadata;
  const deleted = await options.client.delete(MARATHON_APPS, target.name, options.namespace, {
    propagationPolicy: 'Background',
    ...(uid === undefined ? {} : {uid}),
  });
  return deleted.ok || hasReason(deleted.error, 'NotFound') ? ok('written') : outcome(deleted);
}

function newObject(
  {namespace}: ChangesOptions,
  {name, id}: Target,
  spec: MarathonAppSpec,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: apiVersionOf(MARATHON_APPS),
    kind: MARATHON_APPS.kind,
    metadata: {name, namespace, annotations, finalizers: [FINALIZER]},
    spec: {...spec, id},
  };
}

/** The id is immutable: an object that names none keeps naming none. */
function replaced(
  object: KubeObject,
  spec: MarathonAppSpec,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  const {metadata} = object;
  const {id: _id, ...rest} = spec;
  const id = typeof object.spec === 'object' && object.spec !== null && 'id' in object.spec ? {id: object.spec.id} : {};
  const merged = {...metadata, annotations: {...metadata.annotations, ...annotations}};
  return {...object, metadata: merged, spec: {...rest, ...id}};
}

function isSame(object: KubeObject, spec: MarathonAppSpec): boolean {
  const before = specOf(object);
  const sameConfig = before !== undefined && configHash(before, undefined) === configHash(spec, undefined);
  return sameConfig && before.instances === spec.instances;
}

/** A conflict means that somebody was faster: look again. */
function outcome<E>(result: Result<unknown, KubeError>): Result<Written, ChangeError<E>> {
  if (result.ok) return ok('written');
  const {error} = result;
  if (hasReason(error, 'Conflict') || hasReason(error, 'AlreadyExists') || hasReason(error, 'NotFound'))
    return ok('again');
  if (error.kind === 'http' && (error.status === 422 || error.status === 400)) {
    return err({kind: 'invalid', message: error.message});
  }
  return err(unavailable(error));
}

/** The core has taken exactly this change in, or the object is gone already. */
function isSeen({byName}: ChangesOptions, name: string, edit: Edit, {version}: Stamp): boolean {
  const object = byName(name)?.object;
  if (edit.kind === 'delete') return object === undefined || object.deleting;
  return object?.version !== undefined && object.version >= version;
}
