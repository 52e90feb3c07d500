import type {TaskPolicy, TaskPolicySpec} from '../../../../crds/task-policy.ts';

/**
 * The policy of a role: each rule is that of the nearest role above it, itself included, which says something about it.
 *
 * @param wishes what MesosRoles say, by role
 * @param base   what the master's flags say, for the whole namespace
 */
export function policyOf(role: string, wishes: ReadonlyMap<string, TaskPolicySpec>, base: TaskPolicy): TaskPolicy {
  if (wishes.size === 0) return base;
  let policy = base;
  const parts = role.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    policy = {...policy, ...said(wishes.get(parts.slice(0, depth).join('/')))};
  }
  return policy;
}

const said = (wish: TaskPolicySpec | undefined): TaskPolicySpec =>
  Object.fromEntries(Object.entries(wish ?? {}).filter(([, value]) => value !== undefined));
