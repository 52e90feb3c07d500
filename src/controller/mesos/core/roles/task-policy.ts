import type {TaskPolicy, TaskPolicySpec, TaskRule} from '../../../../crds/task-policy.ts';

/**
 * The policy of a role: each rule is that of the nearest role above it, itself included, which says something about it.
 *
 * @param wishes what MesosRoles say, by role
 * @param base   what the master's flags say, for the whole namespace
 */
export function policyOf(role: string, wishes: ReadonlyMap<string, TaskPolicySpec>, base: TaskPolicy): TaskPolicy {
  if (wishes.size === 0) return base;
  return lineage(role).reduce((policy, name) => ({...policy, ...said(wishes.get(name))}), base);
}

/** The role whose MesosRole decides a rule; undefined: the flag does. */
export const speakerOf = (
  role: string,
  rule: TaskRule,
  wishes: ReadonlyMap<string, TaskPolicySpec>,
): string | undefined => lineage(role).findLast(name => wishes.get(name)?.[rule] !== undefined);

/** `a`, `a/b`, `a/b/c`. */
function lineage(role: string): readonly string[] {
  const parts = role.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

const said = (wish: TaskPolicySpec | undefined): TaskPolicySpec =>
  Object.fromEntries(Object.entries(wish ?? {}).filter(([, value]) => value !== undefined));
