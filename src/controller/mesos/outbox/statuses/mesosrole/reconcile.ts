import {decodeObject} from '../../../../../crds/kind.ts';
import {MESOS_ROLES, type MesosRole} from '../../../../../crds/mesos-role.ts';
import type {Informer, KubeClient, KubeError, KubeObject} from '../../../../../kube/types.ts';
import type {Clock} from '../../../../../lib/clock.ts';
import {ok, type Result} from '../../../../../lib/result.ts';
import {consumptionOf} from '../../../core/roles/consumption.ts';
import {quotaOf} from '../../../core/roles/roles.ts';
import type {Master} from '../../../core/state.ts';
import {patchStatus, setCondition} from '../../../../runtime/status.ts';
import {decideRole, decideRoles, type RoleFacts, type RoleObject, type RolesWanted} from './decide.ts';

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
export const rolesWanted = (roles: Informer<RoleRecord>): RolesWanted =>
  decideRoles(roles.list().flatMap(({object}) => (object === undefined ? [] : [object])));

export type RoleReconcilerOptions = {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly roles: Informer<RoleRecord>;
  readonly master: Master;
};

/** Brings the status of MesosRoles up to date, with one patch or none for each. `judged`: only where that changed. */
export async function reconcileRoles(
  options: RoleReconcilerOptions,
  which: 'all' | 'judged',
): Promise<Result<unknown, KubeError>> {
  const {roles} = options;
  if (roles.list().length === 0) return ok(undefined);
  const facts = factsOf(options);
  for (const record of roles.list()) {
    if (record.object === undefined) continue;
    const {ready, fields} = decideRole(facts(record.object));
    if (which === 'judged' && isTold(record, ready, fields.observedGeneration)) continue;
    const nowIso = new Date(options.clock.now()).toISOString();
    const conditions = setCondition(record.status?.conditions ?? [], ready, nowIso, fields.observedGeneration);
    const patched = await patchStatus(options.client, MESOS_ROLES, record, {...fields, conditions});
    if (!patched.ok && !isGone(patched.error)) return patched;
  }
  return ok(undefined);
}

/** Whether people know already what became of the spec. */
function isTold({status}: RoleRecord, {type, reason}: {type: string; reason: string}, generation?: number): boolean {
  const told = status?.conditions?.find(condition => condition.type === type);
  return told?.reason === reason && status?.observedGeneration === generation;
}

const isGone = (error: KubeError): boolean =>
  error.kind === 'http' && (error.status === 404 || error.reason === 'Conflict');

function factsOf({roles, master}: RoleReconcilerOptions): (object: RoleObject) => RoleFacts {
  const {duplicates} = rolesWanted(roles);
  const listed = master.allocator.view().roles();
  const views = new Map(listed.map(view => [view.role, view]));
  const consumption = consumptionOf(master);
  const judged = new Map(master.roleWishes.map(({role, generation}) => [role, generation]));
  return ({name, role, generation, issues}) => {
    const view = views.get(role);
    const {guarantees, limits} = quotaOf(master, role);
    const speaker = duplicates.get(name);
    return {
      role,
      // A duplicate is judged by being one.
      generation: speaker === undefined ? (judged.get(role) ?? 0) : generation,
      weight: master.weights.get(role) ?? 1,
      guarantee: guarantees,
      limit: limits,
      consumption: consumption.get(role) ?? new Map(),
      counted: view?.quota?.consumed ?? new Map(),
      share: view?.share ?? 0,
      frameworks: view?.frameworks.size ?? 0,
      allocated: view?.offeredOrAllocated ?? new Map(),
      tasks: speaker === undefined ? master.taskWishes.get(role) : undefined,
      problem: problemOf(role, issues, speaker) ?? master.roleProblems.get(role),
    };
  };
}

/** What is wrong with the object, whatever it wishes. */
function problemOf(role: string, issues: string | undefined, speaker: string | undefined): RoleFacts['problem'] {
  if (issues !== undefined) return {reason: 'InvalidSpec', message: issues};
  if (speaker === undefined) return undefined;
  return {reason: 'DuplicateRole', message: `MesosRole ${speaker} is older and speaks for role ${role}`};
}
