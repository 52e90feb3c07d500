import {MESOS_ROLES} from '../../../../../crds/mesos-role.ts';
import {isConflict, isGone} from '../../../../../kube/kube-error.ts';
import type {Informer, KubeClient, KubeError} from '../../../../../kube/types.ts';
import type {Clock} from '../../../../../lib/clock.ts';
import type {Subject} from '../../../../../lib/blame.ts';
import {ok, type Result} from '../../../../../lib/result.ts';
import {consumptionOf} from '../../../core/roles/consumption.ts';
import {quotaOf} from '../../../core/roles/roles.ts';
import type {ReadonlyMaster} from '../../../core/state.ts';
import {patchStatus, setCondition} from '../../../../runtime/status.ts';
import {aboutRole} from '../../../objects/subjects.ts';
import {type RoleObject, type RoleRecord, rolesWanted} from '../../../objects/role-object.ts';
import {setAside} from '../mesosagent/decide.ts';
import {decideRole, type RoleFacts} from './decide.ts';

export type RoleReconcilerOptions = {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly roles: Informer<RoleRecord>;
  readonly master: ReadonlyMaster;
  /** Why the master leaves an object out. */
  readonly whyAside: (subject: Subject) => string | undefined;
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
    // One that somebody has changed comes again.
    if (!patched.ok && !isGone(patched.error) && !isConflict(patched.error)) return patched;
  }
  return ok(undefined);
}

/** Whether people know already what became of the spec. */
function isTold({status}: RoleRecord, {type, reason}: {type: string; reason: string}, generation?: number): boolean {
  const told = status?.conditions?.find(condition => condition.type === type);
  return told?.reason === reason && status?.observedGeneration === generation;
}

function factsOf({roles, master, whyAside}: RoleReconcilerOptions): (object: RoleObject) => RoleFacts {
  const {duplicates} = rolesWanted(roles);
  const listed = master.allocator.view().roles();
  const views = new Map(listed.map(view => [view.role, view]));
  const consumption = consumptionOf(master);
  const judged = new Map(master.roleWishes.map(({role, generation}) => [role, generation]));
  return object => {
    const {name, role, generation, issues} = object;
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
      problem:
        problemOf(role, issues, speaker) ?? asideProblem(whyAside(aboutRole(object))) ?? master.roleProblems.get(role),
    };
  };
}

const asideProblem = (aside: string | undefined): RoleFacts['problem'] =>
  aside === undefined ? undefined : setAside(aside);

/** What is wrong with the object, whatever it wishes. */
function problemOf(role: string, issues: string | undefined, speaker: string | undefined): RoleFacts['problem'] {
  if (issues !== undefined) return {reason: 'InvalidSpec', message: issues};
  if (speaker === undefined) return undefined;
  return {reason: 'DuplicateRole', message: `MesosRole ${speaker} is older and speaks for role ${role}`};
}
