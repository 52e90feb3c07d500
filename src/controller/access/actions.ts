/** What stands behind `/%` in the values of an object: everything below it, at any depth. */
export const BELOW = '/%';

/** What an action is done to. `inTree`: the values are paths, and may end with `/%`. `whole`: all or none. */
type Objects = {readonly key: string; readonly kind: 'values' | 'inTree' | 'whole'};

const values = (key: string): Objects => ({key, kind: 'values'});
const inTree = (key: string): Objects => ({key, kind: 'inTree'});
const whole = (key: string): Objects => ({key, kind: 'whole'});

/** Everything that may be allowed or not: the actions of Mesos's ACLs with their objects, then those of Marathon. */
export const ACTIONS = {
  register_frameworks: inTree('roles'),
  run_tasks: values('users'),
  teardown_frameworks: values('framework_principals'),
  reserve_resources: inTree('roles'),
  unreserve_resources: values('reserver_principals'),
  create_volumes: inTree('roles'),
  destroy_volumes: values('creator_principals'),
  resize_volumes: inTree('roles'),
  create_block_disks: inTree('roles'),
  destroy_block_disks: inTree('roles'),
  create_mount_disks: inTree('roles'),
  destroy_mount_disks: inTree('roles'),
  destroy_raw_disks: inTree('roles'),
  get_quotas: inTree('roles'),
  update_quotas: inTree('roles'),
  view_roles: inTree('roles'),
  update_weights: inTree('roles'),
  get_endpoints: values('paths'),
  view_frameworks: values('users'),
  view_tasks: values('users'),
  view_executors: values('users'),
  view_containers: values('users'),
  access_sandboxes: values('users'),
  access_mesos_logs: whole('logs'),
  view_flags: whole('flags'),
  set_log_level: whole('level'),
  register_agents: whole('agents'),
  update_maintenance_schedules: whole('machines'),
  get_maintenance_schedules: whole('machines'),
  start_maintenances: whole('machines'),
  stop_maintenances: whole('machines'),
  get_maintenance_statuses: whole('machines'),
  drain_agents: whole('agents'),
  deactivate_agents: whole('agents'),
  reactivate_agents: whole('agents'),
  mark_agents_gone: whole('agents'),
  launch_nested_containers_as_user: values('users'),
  launch_nested_container_sessions_as_user: values('users'),
  kill_nested_containers: values('users'),
  wait_nested_containers: values('users'),
  attach_containers_input: values('users'),
  attach_containers_output: values('users'),
  launch_standalone_containers: values('users'),
  kill_standalone_containers: values('users'),
  wait_standalone_containers: values('users'),
  remove_standalone_containers: values('users'),
  view_standalone_containers: values('users'),
  prune_images: whole('images'),
  view_apps: inTree('paths'),
  create_apps: inTree('paths'),
  update_apps: inTree('paths'),
  delete_apps: inTree('paths'),
  change_masters: whole('masters'),
} as const satisfies Readonly<Record<string, Objects>>;

export type Action = keyof typeof ACTIONS;

/** One thing that a caller wants to do. `object` undefined: to anything, or to nothing that has a name. */
export type Asked = {readonly action: Action; readonly object?: string | undefined};

/** The values that would allow an object in a tree: itself, and each parent with all below it. */
export function namesFor(action: Action, object: string): string[] {
  if (ACTIONS[action].kind !== 'inTree') return [object];
  const parts = object.split('/');
  const parents = parts.slice(0, -1).map((_, index) => `${parts.slice(0, index + 1).join('/')}${BELOW}`);
  return [object, ...parents];
}

export const explainAsked = ({action, object}: Asked): string =>
  object === undefined ? action : `${action} of ${JSON.stringify(object.slice(0, 200))}`;
