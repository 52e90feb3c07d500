import type {TaskState} from '../../../api/mesos/v1/common.ts';
import type {FrameworkCall, Operation, SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import {rolesOf} from '../core/frameworks/names.ts';
import type {FrameworkId} from '../core/ids.ts';
import type {ReadonlyFramework, ReadonlyMaster} from '../core/state.ts';
import {shownState} from '../core/tasks/statuses.ts';
import {ENDS} from './master-counters.ts';
import {registered} from './operator-views.ts';

type Counts = Map<string, number>;
type AcceptBody = (FrameworkCall & {readonly type: 'ACCEPT'})['accept'];

const CALLS: Readonly<Record<FrameworkCall['type'] | 'SUBSCRIBE', 0>> = {
  UNKNOWN: 0,
  SUBSCRIBE: 0,
  TEARDOWN: 0,
  ACCEPT: 0,
  DECLINE: 0,
  REVIVE: 0,
  KILL: 0,
  SHUTDOWN: 0,
  ACKNOWLEDGE: 0,
  RECONCILE: 0,
  MESSAGE: 0,
  REQUEST: 0,
  SUPPRESS: 0,
  ACCEPT_INVERSE_OFFERS: 0,
  DECLINE_INVERSE_OFFERS: 0,
  ACKNOWLEDGE_OPERATION_STATUS: 0,
  RECONCILE_OPERATIONS: 0,
  UPDATE_FRAMEWORK: 0,
};
const EVENTS: Readonly<Record<SchedulerEvent['type'], 0>> = {
  SUBSCRIBED: 0,
  OFFERS: 0,
  INVERSE_OFFERS: 0,
  RESCIND: 0,
  RESCIND_INVERSE_OFFER: 0,
  UPDATE: 0,
  UPDATE_OPERATION_STATUS: 0,
  MESSAGE: 0,
  FAILURE: 0,
  ERROR: 0,
  HEARTBEAT: 0,
};

const OPERATIONS: Readonly<Record<Exclude<Operation['type'], 'UNKNOWN' | undefined>, 0>> = {
  LAUNCH: 0,
  LAUNCH_GROUP: 0,
  RESERVE: 0,
  UNRESERVE: 0,
  CREATE: 0,
  DESTROY: 0,
  GROW_VOLUME: 0,
  SHRINK_VOLUME: 0,
  CREATE_DISK: 0,
  DESTROY_DISK: 0,
};

/** A counter is there from the start: who waits for it to rise must see it at 0. */
const AT_FIRST: Counts = new Map(
  [
    'calls',
    ...Object.keys(CALLS).map(type => `calls/${type.toLowerCase()}`),
    'events',
    ...Object.keys(EVENTS).map(type => `events/${type.toLowerCase()}`),
    ...['sent', 'accepted', 'declined', 'rescinded'].map(what => `offers/${what}`),
    'operations',
    ...Object.keys(OPERATIONS).map(type => `operations/${type.toLowerCase()}`),
    ...Array.from(ENDS, state => `tasks/terminal/${state.toLowerCase()}`),
    ...['staging', 'starting', 'running', 'killing', 'unreachable'].map(state => `tasks/active/task_${state}`),
  ].map(name => [name, 0]),
);

/**
 * What `/metrics/snapshot` says of each framework. The names contain ids, so they are no rows of the table: Prometheus
 * would keep every framework that ever was.
 */
export class FrameworkMetrics {
  readonly #counts = new Map<FrameworkId, Counts>();

  call(frameworkId: FrameworkId, call: FrameworkCall): void {
    this.#add(frameworkId, 'calls', 1);
    this.#add(frameworkId, `calls/${call.type.toLowerCase()}`, 1);
    if (call.type === 'ACCEPT') this.#accept(frameworkId, call.accept);
    if (call.type === 'DECLINE') this.#add(frameworkId, 'offers/declined', call.decline.offer_ids?.length ?? 0);
  }

  event(frameworkId: FrameworkId, event: SchedulerEvent): void {
    this.#add(frameworkId, 'events', 1);
    this.#add(frameworkId, `events/${event.type.toLowerCase()}`, 1);
    if (event.type === 'OFFERS') this.#add(frameworkId, 'offers/sent', event.offers.offers?.length ?? 0);
    if (event.type === 'RESCIND') this.#add(frameworkId, 'offers/rescinded', 1);
  }

  /** A task ended. States in which a task goes on count nothing. */
  task(frameworkId: FrameworkId, state: TaskState): void {
    if (ENDS.has(state)) this.#add(frameworkId, `tasks/terminal/${state.toLowerCase()}`, 1);
  }

  #accept(frameworkId: FrameworkId, {offer_ids = [], operations = []}: AcceptBody): void {
    this.#add(frameworkId, 'offers/accepted', offer_ids.length);
    for (const {type} of operations) {
      if (type === undefined || type === 'UNKNOWN') continue;
      this.#add(frameworkId, 'operations', 1);
      this.#add(frameworkId, `operations/${type.toLowerCase()}`, 1);
    }
  }

  /** Of the frameworks that are registered, and of the completed ones that are remembered. */
  snapshot(master: ReadonlyMaster): Record<string, number> {
    const result: Record<string, number> = {};
    const shown = [...registered(master), ...master.completedFrameworks];
    const completed = new Set(master.completedFrameworks.map(({id}) => id));
    for (const id of this.#counts.keys()) {
      if (!master.frameworks.has(id) && !completed.has(id)) this.#counts.delete(id);
    }
    for (const framework of shown) this.#describe(framework, result);
    return result;
  }

  #describe(framework: ReadonlyFramework, result: Record<string, number>): void {
    const {id, info, streamId, tasks, unreachableTasks, suppressedRoles} = framework;
    const prefix = `master/frameworks/${encodeURIComponent(info.name)}/${id}`;
    result[`${prefix}/subscribed`] = streamId === undefined ? 0 : 1;
    for (const [name, count] of [...AT_FIRST, ...(this.#counts.get(id) ?? [])]) result[`${prefix}/${name}`] = count;
    for (const task of [...tasks.values(), ...unreachableTasks.values()]) {
      const name = `${prefix}/tasks/active/${shownState(framework, task).toLowerCase()}`;
      result[name] = (result[name] ?? 0) + 1;
    }
    for (const role of rolesOf(info)) {
      result[`${prefix}/roles/${role}/suppressed`] = suppressedRoles.has(role) ? 1 : 0;
    }
  }

  #add(frameworkId: FrameworkId, name: string, by: number): void {
    const counts = this.#counts.get(frameworkId) ?? new Map<string, number>();
    this.#counts.set(frameworkId, counts);
    counts.set(name, (counts.get(name) ?? 0) + by);
  }
}
