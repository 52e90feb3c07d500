import {toFrameworkId} from '../../../allocator/ids.ts';
import type {OperatorEvent} from '../../../api/mesos/v1/operator-events.ts';
import type {OperatorResponse} from '../../../api/mesos/v1/operator.ts';
import {type Approver, approves} from '../../access/authorizer.ts';
import type {Guard} from '../../access/guard.ts';
import type {Caller} from '../../runtime/caller.ts';
import {stateMessage} from './operator-views.ts';
import type {ReadonlyFramework, ReadonlyMaster} from '../core/state.ts';
import type {ReadonlyTask} from '../core/tasks/task.ts';

/** What a caller may see. */
export type Sight = {
  readonly frameworks: Approver;
  readonly tasks: Approver;
  readonly roles: Approver;
  readonly quotas: Approver;
  readonly maintenanceSchedule: boolean;
  readonly maintenanceStatus: boolean;
};

export const FULL_SIGHT: Sight = {
  frameworks: 'all',
  tasks: 'all',
  roles: 'all',
  quotas: 'all',
  maintenanceSchedule: true,
  maintenanceStatus: true,
};

export const isFull = ({frameworks, tasks, roles, quotas}: Sight): boolean =>
  [frameworks, tasks, roles, quotas].every(approver => approver === 'all');

/** Finds out what a caller may see of the cluster. */
export async function sightOf(guard: Guard, caller: Caller, master: ReadonlyMaster): Promise<Sight> {
  const users = () => usersOf(master);
  const roles = () =>
    master.allocator
      .view()
      .roles()
      .map(({role}) => role);
  const whole = async (action: 'get_maintenance_schedules' | 'get_maintenance_statuses') =>
    approves(await guard.approver(caller, action, () => []), undefined);
  const [frameworks, tasks, seenRoles, quotas, maintenanceSchedule, maintenanceStatus] = await Promise.all([
    guard.approver(caller, 'view_frameworks', users),
    guard.approver(caller, 'view_tasks', users),
    guard.approver(caller, 'view_roles', roles),
    guard.approver(caller, 'get_quotas', roles),
    whole('get_maintenance_schedules'),
    whole('get_maintenance_statuses'),
  ]);
  return {frameworks, tasks, roles: seenRoles, quotas, maintenanceSchedule, maintenanceStatus};
}

function* usersOf({frameworks, completedFrameworks}: ReadonlyMaster): Generator<string> {
  for (const framework of [...frameworks.values(), ...completedFrameworks]) {
    yield framework.info.user;
    for (const task of tasksOf(framework)) yield userOf(framework, task);
  }
}

function* tasksOf({tasks, unreachableTasks, completedTasks}: ReadonlyFramework): Generator<ReadonlyTask> {
  yield* tasks.values();
  yield* unreachableTasks.values();
  yield* completedTasks;
}

/** Whom a task runs as: its own user, or that of its framework. */
const userOf = ({info}: ReadonlyFramework, task: ReadonlyTask): string =>
  task.info.command?.user ?? task.info.executor?.command?.user ?? info.user;

/**
 * The cluster without what a caller may not see. Whatever is made of it shows no more than that. What agents have
 * handed out stays whole: it names nobody.
 */
export function visible(master: ReadonlyMaster, sight: Sight): ReadonlyMaster {
  const {frameworks: seen, tasks, roles, quotas} = sight;
  const part: Partial<Mutable<ReadonlyMaster>> = {};
  if (seen !== 'all' || tasks !== 'all') {
    part.frameworks = new Map(
      [...master.frameworks]
        .filter(([, framework]) => approves(seen, framework.info.user))
        .map(([id, framework]) => [id, withTasks(framework, tasks)]),
    );
    part.completedFrameworks = master.completedFrameworks
      .filter(({info}) => approves(seen, info.user))
      .map(framework => withTasks(framework, tasks));
    const {frameworks} = part;
    part.operations = new Map([...master.operations].filter(([, {frameworkId}]) => frameworks.has(frameworkId)));
  }
  if (roles !== 'all') part.weights = new Map([...master.weights].filter(([role]) => roles(role)));
  if (quotas !== 'all') part.quotas = new Map([...master.quotas].filter(([role]) => quotas(role)));
  return {...master, ...part};
}

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};

function withTasks(framework: ReadonlyFramework, seen: Approver): ReadonlyFramework {
  if (seen === 'all') return framework;
  const sees = (task: ReadonlyTask): boolean => seen(userOf(framework, task));
  return {
    ...framework,
    tasks: new Map([...framework.tasks].filter(([, task]) => sees(task))),
    unreachableTasks: new Map([...framework.unreachableTasks].filter(([, task]) => sees(task))),
    completedTasks: framework.completedTasks.filter(sees),
  };
}

/** Lists of an answer that are not made of what `visible` leaves out. */
export function withinSight(answer: OperatorResponse, sight: Sight): OperatorResponse {
  const {roles} = sight;
  if (answer.get_roles !== undefined && roles !== 'all') {
    const shown = (answer.get_roles.roles ?? []).filter(({name}) => roles(name));
    return {...answer, get_roles: {roles: shown}};
  }
  if (answer.get_maintenance_schedule !== undefined && !sight.maintenanceSchedule)
    return {...answer, get_maintenance_schedule: {schedule: {}}};
  if (answer.get_maintenance_status !== undefined && !sight.maintenanceStatus)
    return {...answer, get_maintenance_status: {status: {}}};
  return answer;
}

/** @returns an event as a caller may see it; undefined: not at all */
export function seenBy(sight: Sight, master: ReadonlyMaster, event: OperatorEvent): OperatorEvent | undefined {
  if (isFull(sight)) return event;
  const {subscribed, task_added, task_updated} = event;
  if (subscribed !== undefined)
    return {...event, subscribed: {...subscribed, get_state: stateMessage(visible(master, sight))}};
  const task = task_added?.task ?? (task_updated && {...task_updated, task_id: task_updated.status.task_id});
  if (task !== undefined)
    return seesTask(sight, master, task.framework_id.value, task.task_id.value) ? event : undefined;
  const info =
    (event.framework_added ?? event.framework_updated)?.framework.framework_info ??
    event.framework_removed?.framework_info;
  return info === undefined || approves(sight.frameworks, info.user) ? event : undefined;
}

function seesTask({frameworks, tasks}: Sight, master: ReadonlyMaster, frameworkId: string, taskId: string): boolean {
  const framework =
    master.frameworks.get(toFrameworkId(frameworkId)) ?? master.completedFrameworks.find(({id}) => id === frameworkId);
  if (framework === undefined || !approves(frameworks, framework.info.user)) return false;
  const task = [...tasksOf(framework)].find(({info}) => info.task_id.value === taskId);
  return approves(tasks, task === undefined ? framework.info.user : userOf(framework, task));
}
