import type {FrameworkCall, SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import {rolesOf} from '../core/frameworks/names.ts';
import type {FrameworkId} from '../core/ids.ts';
import type {Framework, Master} from '../core/state.ts';
import {registered} from './operator-views.ts';

type Counts = Map<string, number>;

/**
 * What `/metrics/snapshot` says of each framework. The names contain ids, so they are no rows of the table: Prometheus
 * would keep every framework that ever was.
 */
export class FrameworkMetrics {
  readonly #counts = new Map<FrameworkId, Counts>();

  call(frameworkId: FrameworkId, call: FrameworkCall): void {
    this.#add(frameworkId, 'calls', 1);
    this.#add(frameworkId, `calls/${call.type.toLowerCase()}`, 1);
    if (call.type === 'ACCEPT') this.#add(frameworkId, 'offers/accepted', call.accept.offer_ids?.length ?? 0);
    if (call.type === 'DECLINE') this.#add(frameworkId, 'offers/declined', call.decline.offer_ids?.length ?? 0);
  }

  event(frameworkId: FrameworkId, event: SchedulerEvent): void {
    this.#add(frameworkId, 'events', 1);
    this.#add(frameworkId, `events/${event.type.toLowerCase()}`, 1);
    if (event.type === 'OFFERS') this.#add(frameworkId, 'offers/sent', event.offers.offers?.length ?? 0);
    if (event.type === 'RESCIND') this.#add(frameworkId, 'offers/rescinded', 1);
  }

  /** Of the frameworks that are registered; what was counted of others is forgotten. */
  snapshot(master: Master): Record<string, number> {
    const result: Record<string, number> = {};
    for (const id of this.#counts.keys()) if (!master.frameworks.has(id)) this.#counts.delete(id);
    for (const framework of registered(master)) this.#describe(framework, result);
    return result;
  }

  #describe(framework: Framework, result: Record<string, number>): void {
    const {id, info, streamId, tasks, unreachableTasks, suppressedRoles} = framework;
    const prefix = `master/frameworks/${encodeURIComponent(info.name)}/${id}`;
    result[`${prefix}/subscribed`] = streamId === undefined ? 0 : 1;
    for (const [name, count] of this.#counts.get(id) ?? []) result[`${prefix}/${name}`] = count;
    for (const task of [...tasks.values(), ...unreachableTasks.values()]) {
      const name = `${prefix}/tasks/active/${task.state.toLowerCase()}`;
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
