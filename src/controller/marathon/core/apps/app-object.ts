import {decodeObject} from '../../../../crds/kind.ts';
import {MARATHON_APPS} from '../../../../crds/marathon-app.ts';
import {APP_ANNOTATIONS, APP_FINALIZER} from '../../../../crds/meta.ts';
import type {KubeObject, ObjectMeta} from '../../../../kube/types.ts';
import {err, type Result} from '../../../../lib/result.ts';
import {normaliseApp, type AppDefaults, type AppDefinition} from './app.ts';
import {configHash} from './config-hash.ts';
import {appIdFromName, toAppId, toInstanceId, type AppId} from '../ids.ts';
import type {AppObject} from '../state.ts';

/** Kubernetes puts it on an object that is to go without what it owns, and takes it off soon after. */
const ORPHAN = 'orphan';

/** Its deletion was asked for, and not refused. */
export const isLeaving = (metadata: ObjectMeta): boolean =>
  metadata.deletionTimestamp !== undefined && keptOf(metadata) === undefined;

/** `orphan`: its tasks were to be left to nobody; `noted`: and that was refused, as its annotation says. */
function keptOf({deletionTimestamp, finalizers = [], annotations = {}}: ObjectMeta): AppObject['kept'] {
  if (deletionTimestamp === undefined) return undefined;
  if (annotations[APP_ANNOTATIONS.kept] !== undefined) return 'noted';
  return finalizers.includes(ORPHAN) ? 'orphan' : undefined;
}

/** A MarathonApp as the core needs it. An object that can't be understood still has a name, an id, and tasks. */
export function toAppObject(raw: KubeObject, defaults: AppDefaults): AppObject {
  const decoded = decodeObject(MARATHON_APPS, raw);
  const id = idOf(raw);
  return {
    ...metaOf(raw.metadata),
    id,
    definition: decoded.ok ? normaliseApp(id, decoded.value.spec, defaults) : invalid(decoded.error),
    config: decoded.ok ? configHash(decoded.value.spec, raw.metadata.annotations?.[APP_ANNOTATIONS.restartedAt]) : '',
    status: decoded.ok ? decoded.value.status : undefined,
  };
}

const invalid = (issues: readonly {path: string; message: string}[]): Result<AppDefinition, string> =>
  err(issues.map(({path, message}) => `${path}: ${message}`).join('; '));

/** The declared id, or the one that the name stands for. */
export function idOf(app: Pick<KubeObject, 'metadata' | 'spec'>): AppId {
  const {spec} = app;
  const declared = typeof spec === 'object' && spec !== null && 'id' in spec ? spec.id : undefined;
  return typeof declared === 'string' ? toAppId(declared) : appIdFromName(app.metadata.name);
}

type Meta = Omit<AppObject, 'id' | 'definition' | 'config' | 'status'>;

function metaOf(metadata: ObjectMeta): Meta {
  const {annotations = {}} = metadata;
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 0,
    createdAt: metadata.creationTimestamp ?? '',
    deleting: isLeaving(metadata),
    kept: keptOf(metadata),
    claimed: metadata.finalizers?.includes(APP_FINALIZER) === true,
    version: annotations[APP_ANNOTATIONS.version],
    deploymentId: annotations[APP_ANNOTATIONS.deploymentId],
    restartedAt: annotations[APP_ANNOTATIONS.restartedAt],
    victims: (annotations[APP_ANNOTATIONS.victims] ?? '')
      .split(',')
      .filter(id => id !== '')
      .map(toInstanceId),
  };
}
