import type {Resource} from '../../../../api/mesos/v1/resources.ts';
import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';
import type {AppDefinition} from '../apps/app.ts';
import type {AppId, InstanceId} from '../ids.ts';
import {isLaunched} from '../instances/instance.ts';
import type {OfferPool} from '../offers/offer-pool.ts';
import {awaitOffers} from '../offers/await-offers.ts';
import type {App, MarathonState} from '../state.ts';
import {giveBack, ownerOf, volumesOf} from './reservation.ts';

/** What an offer holds for instances of ours, by instance. */
export function reservationsIn(
  pool: OfferPool,
  frameworkId: string | undefined,
): ReadonlyMap<InstanceId, {readonly app: AppId; readonly resources: readonly Resource[]}> {
  const found = new Map<InstanceId, {app: AppId; resources: Resource[]}>();
  for (const resource of pool.named) {
    const owner = ownerOf(resource);
    if (owner === undefined || owner.frameworkId !== frameworkId) continue;
    const {app, resources} = found.get(owner.instance) ?? {app: owner.app, resources: []};
    found.set(owner.instance, {app, resources: [...resources, resource]});
  }
  return found;
}

/** Every volume is there: a task without its data would do harm. */
export function isWhole(definition: AppDefinition, resources: readonly Resource[]): boolean {
  const paths = new Set(resources.map(({disk}) => disk?.volume?.container_path));
  return volumesOf(definition).every(({path}) => paths.has(path));
}

/** Instances of an app that nobody uses now, and that have something reserved. */
export const idleReservations = ({reserved, instances}: App): readonly InstanceId[] =>
  [...reserved.keys()].filter(id => !instances.has(id));

/** Instances that would need something new to be reserved. */
export function newcomers(app: App): number {
  const waiting = [...app.instances.values()].filter(it => !isLaunched(it) && !app.reserved.has(it.id)).length;
  return waiting + Math.max(0, app.unmade - idleReservations(app).length);
}

/** What is reserved for an instance is given back as soon as it is on offer; its data is gone then. */
export function wipe(state: MarathonState, app: App, id: InstanceId): void {
  const role = app.definition?.role ?? roleOf(app);
  if (!app.reserved.delete(id) || role === undefined) return;
  state.wiped.set(id, role);
  awaitOffers(state, role);
}

const roleOf = ({object}: App): string | undefined => (object.definition.ok ? object.definition.value.role : undefined);

/** Gives back what is reserved for instances that are not wanted any more, or whose app is not there any more. */
export function giveBackUnwanted(state: MarathonState, pool: OfferPool): readonly Operation[] {
  const operations: Operation[] = [];
  for (const [instance, {app, resources}] of reservationsIn(pool, state.frameworkId)) {
    const isOrphan = !state.claims.has(app) && ![...state.aside.values()].includes(app);
    if (!state.wiped.delete(instance) && !isOrphan) continue;
    operations.push(...giveBack(resources));
    pool.named = pool.named.filter(resource => !resources.includes(resource));
  }
  return operations;
}
