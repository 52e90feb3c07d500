import {decodeObject} from '../../../crds/kind.ts';
import {MESOS_ROLES, type MesosRole} from '../../../crds/mesos-role.ts';
import type {Informer, KubeObject} from '../../../kube/types.ts';
import type {Subject} from '../../../lib/blame.ts';
import {roleQuota} from '../core/roles/quota.ts';
import type {RoleSetting, RoleWish} from '../core/roles/role-types.ts';
import {aboutRole, aboutRoleStatus} from './subjects.ts';

type Spec = MesosRole['spec'];

/** A MesosRole object as far as it matters. */
export type RoleObject = {
  readonly name: string;
  readonly uid: string;
  readonly role: string;
  readonly spec: Spec;
  /** What is wrong with the form of the spec: then it is empty here, and what is in effect stays. */
  readonly issues?: string;
  readonly status: MesosRole['status'];
  readonly generation: number;
  /** RFC 3339. */
  readonly createdAt: string;
};

export type RolesWanted = {
  /** One for each role. */
  readonly wishes: readonly RoleWish[];
  /** What the statuses say that an earlier leader had accepted. */
  readonly inEffect: readonly RoleSetting[];
  /** Names of objects that count for nothing, and the name of the object that speaks for their role. */
  readonly duplicates: ReadonlyMap<string, string>;
  /** The object that speaks for a role. */
  readonly speakers: ReadonlyMap<string, RoleObject>;
};

/** What the master leaves out because it failed at it. */
export type IsAside = (subject: Subject) => boolean;

/**
 * Of several objects for one role the oldest speaks; of those of one age the first by name. Oldest wishes first. For an
 * object that is left out its status speaks: what was in effect stays so.
 */
export function decideRoles(objects: readonly RoleObject[], isAside: IsAside = () => false): RolesWanted {
  const speakers = new Map<string, RoleObject>();
  const duplicates = new Map<string, string>();
  for (const object of [...objects].sort(byAge)) {
    const speaker = speakers.get(object.role);
    if (speaker === undefined) speakers.set(object.role, object);
    else duplicates.set(object.name, speaker.name);
  }
  const heard = [...speakers.values()];
  return {
    wishes: heard.map(object => toWish(object, isAside)),
    inEffect: heard.map(object => toSetting(object, isAside)),
    duplicates,
    speakers,
  };
}

const byAge = (a: RoleObject, b: RoleObject): number => compare(a.createdAt, b.createdAt) || compare(a.name, b.name);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toWish(object: RoleObject, isAside: IsAside): RoleWish {
  const {generation} = object;
  const about = aboutRole(object);
  if (object.issues !== undefined || isAside(about)) return {...toSetting(object, isAside), force: true, generation};
  return {...wishOf(object), about};
}

const wishOf = ({role, generation, spec: {weight, guarantee, limit, force, tasks}}: RoleObject): RoleWish => ({
  role,
  generation,
  ...(tasks !== undefined && {tasks}),
  ...(weight !== undefined && {weight}),
  ...((guarantee ?? limit) !== undefined && {quota: quotaOf(guarantee, limit)}),
  force: force ?? false,
});

/** A status does not say whether a weight of 1 was asked for; it is the same. */
function toSetting(object: RoleObject, isAside: IsAside): RoleSetting {
  const {role, status: {weight = 1, guarantee, limit, tasks} = {}} = object;
  const about = aboutRoleStatus(object);
  const policy = {role, ...(tasks !== undefined && {tasks})};
  if (isAside(about)) return policy;
  return {
    ...policy,
    ...(weight !== 1 && {weight}),
    ...((guarantee ?? limit) !== undefined && {quota: quotaOf(guarantee, limit)}),
    about,
  };
}

const quotaOf = (guarantee: Spec['guarantee'] = {}, limit: Spec['limit'] = {}) =>
  roleQuota(new Map(Object.entries(guarantee)), new Map(Object.entries(limit)));

/** A MesosRole as the caches keep it; `object` is undefined when it cannot be understood. */
export type RoleRecord = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly status: MesosRole['status'];
  readonly object: RoleObject | undefined;
};

/** Projects a MesosRole object. */
export function toRoleRecord(raw: KubeObject): RoleRecord {
  const {name, namespace = '', uid = '', resourceVersion = '', generation = 0, creationTimestamp = ''} = raw.metadata;
  const decoded = decodeObject(MESOS_ROLES, raw);
  const formless = decoded.ok ? decoded : decodeObject(MESOS_ROLES, {...raw, spec: {role: roleNamed(raw.spec)}});
  const head = {name, namespace, uid, resourceVersion, generation};
  // An API server lets neither through; an older kind's schema may have.
  if (!formless.ok) return {...head, status: undefined, object: undefined};
  const {spec, status} = formless.value;
  const object: RoleObject = {
    name,
    uid,
    role: spec.role ?? name,
    spec: decoded.ok ? spec : {},
    ...(!decoded.ok && {issues: decoded.error.map(({path, message}) => `${path}: ${message}`).join('; ')}),
    status,
    generation,
    createdAt: creationTimestamp,
  };
  return {...head, status, object};
}

function roleNamed(spec: unknown): string | undefined {
  const role: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'role') : undefined;
  return typeof role === 'string' ? role : undefined;
}

/** What all objects together ask for. */
export const rolesWanted = (roles: Informer<RoleRecord>, isAside?: IsAside): RolesWanted =>
  decideRoles(
    roles.list().flatMap(({object}) => (object === undefined ? [] : [object])),
    isAside,
  );
