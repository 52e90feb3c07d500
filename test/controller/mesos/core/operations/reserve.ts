import type {FrameworkInfo, Offer} from '../../../../../src/api/mesos/v1/common.ts';
import type {Resource} from '../../../../../src/api/mesos/v1/resources.ts';
import type {Operation} from '../../../../../src/api/mesos/v1/scheduler.ts';
import {agentRecord, World} from '../world.ts';

export const REFINED: Partial<FrameworkInfo> = {
  roles: ['eng'],
  principal: 'p',
  capabilities: [{type: 'MULTI_ROLE'}, {type: 'RESERVATION_REFINEMENT'}],
};

type Reservations = NonNullable<Resource['reservations']>;

export const dynamic = (role: string, principal: string | undefined = 'p'): Reservations[number] => ({
  type: 'DYNAMIC',
  role,
  ...(principal !== undefined && {principal}),
});

export const scalarOf = (name: string, value: number, reservations: Reservations = [], rest: Partial<Resource> = {}) =>
  ({name, type: 'SCALAR', scalar: {value}, reservations, ...rest}) satisfies Resource;

export const volumeOf = (id: string, value: number, rest: Partial<Resource> = {}): Resource =>
  scalarOf('disk', value, [dynamic('eng')], {
    disk: {persistence: {id, principal: 'p'}, volume: {container_path: 'data', mode: 'RW'}},
    ...rest,
  });

const withId = (id: string | undefined) => (id === undefined ? {} : {id: {value: id}});
export const reserve = (resources: Resource[], id?: string): Operation => ({
  type: 'RESERVE',
  reserve: {resources},
  ...withId(id),
});
export const unreserve = (resources: Resource[], id?: string): Operation => ({
  type: 'UNRESERVE',
  unreserve: {resources},
  ...withId(id),
});
export const create = (volumes: Resource[], id?: string): Operation => ({
  type: 'CREATE',
  create: {volumes},
  ...withId(id),
});
export const destroy = (volumes: Resource[], id?: string): Operation => ({
  type: 'DESTROY',
  destroy: {volumes},
  ...withId(id),
});

/** One framework in role `eng`, one agent with a disk, its offer taken. */
export function oneOffer(info: Partial<FrameworkInfo> = REFINED, total = 'cpus:4;mem:1024;disk:1000') {
  const world = new World();
  const stream = world.subscribe(info);
  world.addAgent(agentRecord(0, total));
  world.allocate();
  return {world, stream, framework: 'M-0000', offers: world.takeOffers(stream)};
}

/** The offers of the next periodic run. */
export function nextOffers(world: World, stream: string): readonly Offer[] {
  world.nowMs += 1000;
  world.take(stream);
  world.allocate();
  return world.takeOffers(stream);
}

/** What is in offers, as people write it: `cpus(eng):1`. */
export const shown = (offers: readonly Offer[]): string[] =>
  offers
    .flatMap(({resources = []}) => resources)
    .map(({name, scalar, reservations = [], disk}) => {
      const stack = reservations.map(({role}) => role).join('>');
      const volume = disk?.persistence === undefined ? '' : `[${disk.persistence.id}]`;
      return `${name}${stack === '' ? '' : `(${stack})`}${volume}:${scalar?.value}`;
    })
    .sort();
