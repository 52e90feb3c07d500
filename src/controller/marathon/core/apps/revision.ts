import {decodeObject} from '../../../../crds/kind.ts';
import {MARATHON_APPS} from '../../../../crds/marathon-app.ts';
import {APP_ANNOTATIONS, APP_TASK_LABELS} from '../../../../crds/meta.ts';
import type {KubeObject} from '../../../../kube/types.ts';
import {trimEndOf} from '../../../../lib/trim.ts';
import {shortHash} from '../ids.ts';
import type {AppVersion} from './app-version.ts';
import {podSelector, selectorName} from './selector.ts';

/** As Kubernetes has it. `data` never changes; `revision` orders. */
export type ControllerRevision = KubeObject & {
  readonly data?: {readonly spec?: unknown};
  readonly revision?: number;
};

/** The app's object. */
export type VersionOwner = {readonly name: string; readonly uid: string};

/** Kubernetes allows 253; a hash comes after it. */
const LONGEST_NAME = 240;

/** An app's version has one name: to keep it twice is to keep it once. */
export const revisionName = ({name, uid}: VersionOwner, version: string): string =>
  `${trimEndOf(name.slice(0, LONGEST_NAME), '.-')}-${shortHash(`${uid} ${version}`, 10)}`;

/** Selects the versions of an app; those of an earlier object of the same name among them. */
export const revisionSelector = podSelector;

/** The object that keeps a version. It goes with its app. */
export function toRevision(owner: VersionOwner, version: AppVersion, namespace: string): ControllerRevision {
  const {name, uid} = owner;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(owner, version.version),
      namespace,
      labels: {[APP_TASK_LABELS.name]: selectorName(name)},
      annotations: revisionAnnotations(version),
      ownerReferences: [{apiVersion: 'mesos.dev/v1', kind: 'MarathonApp', name, uid, controller: true}],
    },
    data: {spec: version.spec},
    revision: Date.parse(version.version),
  };
}

/** What is known only when the version comes into force, which may be after it was accepted. */
export const revisionAnnotations = (version: AppVersion): Readonly<Record<string, string>> => ({
  [APP_ANNOTATIONS.version]: version.version,
  [APP_ANNOTATIONS.lastScalingAt]: version.lastScalingAt,
  [APP_ANNOTATIONS.lastConfigChangeAt]: version.lastConfigChangeAt,
  [APP_ANNOTATIONS.servicePorts]: version.servicePorts.join(','),
});

/** The version that an object of this app keeps; undefined: it is another app's. */
export function versionOf({metadata}: ControllerRevision, {uid}: Pick<VersionOwner, 'uid'>): string | undefined {
  const owned = metadata.ownerReferences?.some(owner => owner.uid === uid) === true;
  return owned ? metadata.annotations?.[APP_ANNOTATIONS.version] : undefined;
}

/** @returns undefined when it is another app's, or can't be read any more */
export function fromRevision(raw: ControllerRevision, app: Pick<VersionOwner, 'uid'>): AppVersion | undefined {
  const version = versionOf(raw, app);
  if (version === undefined) return undefined;
  const {annotations = {}} = raw.metadata;
  const decoded = decodeObject(MARATHON_APPS, {
    apiVersion: 'mesos.dev/v1',
    kind: MARATHON_APPS.kind,
    metadata: {name: 'app'},
    spec: raw.data?.spec,
  });
  if (!decoded.ok) return undefined;
  return {
    version,
    lastScalingAt: annotations[APP_ANNOTATIONS.lastScalingAt] ?? version,
    lastConfigChangeAt: annotations[APP_ANNOTATIONS.lastConfigChangeAt] ?? version,
    spec: decoded.value.spec,
    servicePorts: (annotations[APP_ANNOTATIONS.servicePorts] ?? '').split(',').filter(Boolean).map(Number),
  };
}
