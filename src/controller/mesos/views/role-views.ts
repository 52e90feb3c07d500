import type {Quantities} from '../../../allocator/resources.ts';
import {Resources} from '../../../allocator/resources.ts';
import type {RoleInput} from '../../../api/mesos/legacy.ts';
import type {OperatorResponse, QuotaStatus} from '../../../api/mesos/v1/operator.ts';
import type {RoleView} from '../../../allocator/view.ts';
import {consumptionOf, withParents} from '../core/roles/consumption.ts';
import {resourcesToWire} from '../core/resource-conversion.ts';
import {quotaOf} from '../core/roles/roles.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import {offeredToFramework, usedByFramework} from './operator-views.ts';

// What the master knows of roles, in the shapes of the operator API and the older pages.

type Body<Name extends keyof OperatorResponse> = NonNullable<OperatorResponse[Name]>;

/** Every role that matters, by name. */
export function roleInputs(master: ReadonlyMaster): RoleInput[] {
  const frameworks = [...master.frameworks.values()];
  const allocated = collect(frameworks.map(framework => usedByFramework(master, framework)));
  const held = collect(frameworks.map(offeredToFramework));
  const consumption = consumptionOf(master);
  const views = shownRoles(master);
  const reserving = views.filter(({reserved}) => reserved.size > 0);
  return views.map(({role, weight, frameworks: members}) => ({
    name: role,
    weight,
    frameworks: [...members.keys()],
    allocated: resourcesToWire(allocated.get(role) ?? Resources.EMPTY, role, true),
    offered: resourcesToWire(held.get(role) ?? Resources.EMPTY, role, true),
    // Of a role and all below it, as in Mesos.
    reserved: reserving
      .filter(other => other.role === role || other.role.startsWith(`${role}/`))
      .flatMap(({reserved}) => scalars(reserved)),
    quota: quotaInput(master, role, consumption.get(role)),
  }));
}

/** With `--roles` exactly those, and their parents. */
function shownRoles({allocator, options, weights}: ReadonlyMaster): readonly RoleView[] {
  const views = allocator.view().roles();
  if (options.roleWhitelist === undefined) return views;
  const known = new Map(views.map(view => [view.role, view]));
  const names = new Set([...options.roleWhitelist].flatMap(withParents));
  return [...names].sort().map(role => known.get(role) ?? {...NOTHING, role, weight: weights.get(role) ?? 1});
}

const NOTHING: Omit<RoleView, 'role' | 'weight'> = {
  share: 0,
  active: false,
  frameworks: new Map(),
  offeredOrAllocated: new Map(),
  reserved: new Map(),
  activeFilters: 0,
};

function collect(parts: readonly ReadonlyMap<string, Resources>[]): Map<string, Resources> {
  const byRole = new Map<string, Resources>();
  for (const [role, resources] of parts.flatMap(part => [...part])) {
    byRole.set(role, (byRole.get(role) ?? Resources.EMPTY).add(resources));
  }
  return byRole;
}

const scalars = (quantities: Quantities) =>
  Array.from(quantities, ([name, value]) => ({name, type: 'SCALAR' as const, scalar: {value}}));

function quotaInput(master: ReadonlyMaster, role: string, consumed: Quantities = new Map()): RoleInput['quota'] {
  const {guarantees, limits} = quotaOf(master, role);
  return {
    guarantee: Object.fromEntries(guarantees),
    limit: Object.fromEntries(limits),
    consumed: Object.fromEntries(consumed),
  };
}

/** GET_ROLES: `resources` is what the role was handed out, offers included. */
export const rolesMessage = (master: ReadonlyMaster): Body<'get_roles'> => ({
  roles: roleInputs(master).map(({name, weight, frameworks, allocated, offered}) => ({
    name,
    weight,
    frameworks: frameworks.map(value => ({value})),
    resources: [...allocated, ...offered],
  })),
});

/** GET_WEIGHTS: only those that somebody set. */
export const weightsMessage = (master: ReadonlyMaster): Body<'get_weights'> => ({
  weight_infos: [...master.weights].map(([role, weight]) => ({role, weight})),
});

/** GET_QUOTA: with guarantees a second time in the older form. */
export function quotaMessage({quotas}: ReadonlyMaster): QuotaStatus {
  return {
    infos: Array.from(quotas, ([role, {guarantees}]) => ({role, guarantee: scalars(guarantees)})),
    configs: Array.from(quotas, ([role, {guarantees, limits}]) => ({
      role,
      guarantees: values(guarantees),
      limits: values(limits),
    })),
  };
}

const values = (quantities: Quantities): Record<string, {value: number}> =>
  Object.fromEntries(Array.from(quantities, ([name, value]) => [name, {value}]));
