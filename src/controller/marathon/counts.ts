import type {SchedulerEvent} from '../../api/mesos/v1/scheduler.ts';
import type {Effect} from './core/effects.ts';

/** What this process has done since it started, by the name that Marathon's metrics give it. */
export class Counts {
  readonly #values = new Map<string, number>();

  entries(): Iterable<readonly [string, number]> {
    return this.#values;
  }

  /** Something that the core asked for. */
  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'accept':
        this.#add('mesos.offers.used');
        this.#add('mesos.offer-operations.launch');
        return this.#add('tasks.launched', effect.launches.length);
      case 'decline':
        return this.#add('mesos.offers.declined', effect.offerIds.length);
      case 'revive':
        return this.#add('mesos.calls.revive');
      case 'suppress':
        return this.#add('mesos.calls.suppress');
      case 'marathon-event':
        if (effect.event.eventType === 'deployment_failed') this.#add('deployments.dismissed');
        if (effect.event.eventType === 'group_change_success') this.#add('deployments');
        return;
      default:
        return;
    }
  }

  /** Something that the master told. */
  hear(event: SchedulerEvent): void {
    if (event.type === 'OFFERS') this.#add('mesos.offers.incoming', event.offers.offers?.length ?? 0);
    if (event.type !== 'UPDATE') return;
    const {state, reason} = event.update.status;
    this.#add(`mesos.task-updates.${state.toLowerCase().replaceAll('_', '-')}`);
    if (reason === 'REASON_CONTAINER_LIMITATION_MEMORY') this.#add('mesos.task.oom.memory-limit-exceeded');
  }

  #add(name: string, by = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + by);
  }
}
