import {decodeObject} from '../../../crds/kind.ts';
import {MESOS_ROLES, type MesosRole} from '../../../crds/mesos-role.ts';
import type {Informer, KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {ok, type Result} from '../../../lib/result.ts';
import type {Master} from '../../mesos/core/state.ts';
import {patchStatus, setCondition} from '../../runtime/status.ts';
import {decideRole, decideWeights, type RoleObject, type RoleWeights} from './decide.ts';

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
  const spec = decoded.ok ? decoded.value.spec : undefined;
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    status: decoded.ok ? decoded.value.status : undefined,
    object:
      spec === undefined
        ? undefined
        : {name, role: spec.role ?? name, weight: spec.weight, createdAt: creationTimestamp},
  };
}

/** The weights that all objects together ask for. */
export const weightsOf = (roles: Informer<RoleRecord>): RoleWeights =>
  decideWeights(roles.list().flatMap(({object}) => (object === undefined ? [] : [object])));

export type RoleReconcilerOptions = {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly roles: Informer<RoleRecord>;
  readonly master: Master;
};

/** Brings the status of all MesosRoles up to date, with one patch or none for each. */
export async function reconcileRoles(options: RoleReconcilerOptions): Promise<Result<unknown, KubeError>> {
  const {roles, master} = options;
  if (roles.list().length === 0) return ok(undefined);
  const {duplicates} = weightsOf(roles);
  const views = new Map(
    master.allocator
      .view()
      .roles()
      .map(view => [view.role, view]),
  );
  for (const record of roles.list()) {
    if (record.object === undefined) continue;
    const {role, name} = record.object;
    const view = views.get(role);
    const {accepted, fields} = decideRole({
      role,
      generation: record.generation,
      share: view?.share ?? 0,
      frameworks: view?.frameworks.size ?? 0,
      allocated: view?.offeredOrAllocated ?? new Map(),
      duplicateOf: duplicates.get(name),
    });
    const nowIso = new Date(options.clock.now()).toISOString();
    const conditions = setCondition(record.status?.conditions ?? [], accepted, nowIso, record.generation);
    const patched = await patchStatus(options.client, MESOS_ROLES, record, {...fields, conditions});
    if (!patched.ok) return patched;
  }
  return ok(undefined);
}
