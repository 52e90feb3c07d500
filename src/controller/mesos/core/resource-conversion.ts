import type {Disk, Reservation, Resource as Held} from '../../../allocator/resource.ts';
import {Resources} from '../../../allocator/resources.ts';
import type {Value} from '../../../allocator/value.ts';
import {fromMilli, ranges, scalar, set} from '../../../allocator/value.ts';
import type {Resource, Labels} from '../../../api/mesos/v1/resources.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';

// Between the resources of the wire and those of the allocator. The allocation role stands beside the latter.

/** @returns the resources, or what is wrong with one of them */
export function resourcesFromWire(list: readonly Resource[]): Result<Resources, string> {
  const held: Held[] = [];
  for (const resource of list) {
    const converted = fromWire(resource);
    if (!converted.ok) return err(`Invalid resource '${resource.name}': ${converted.error}`);
    held.push(converted.value);
  }
  return ok(Resources.of(held));
}

function fromWire(resource: Resource): Result<Held, string> {
  const value = valueFromWire(resource);
  if (!value.ok) return value;
  const reservations = reservationsFromWire(resource);
  if (!reservations.ok) return reservations;
  const {name, disk, revocable, shared, provider_id} = resource;
  return ok({
    name,
    value: value.value,
    reservations: reservations.value,
    ...(disk !== undefined && {disk: diskFromWire(disk)}),
    ...(revocable !== undefined && {revocable: true}),
    ...(shared !== undefined && {shared: true}),
    ...(provider_id !== undefined && {providerId: provider_id.value}),
  });
}

function valueFromWire(resource: Resource): Result<Value, string> {
  switch (resource.type) {
    case 'SCALAR': {
      const amount = resource.scalar?.value;
      if (amount === undefined || resource.ranges !== undefined || resource.set !== undefined) {
        return err('a scalar must have only scalar');
      }
      return amount >= 0 && Number.isFinite(amount) ? ok(scalar(amount)) : err('the amount must be 0 or more');
    }
    case 'RANGES': {
      const list = resource.ranges?.range ?? [];
      if (resource.scalar !== undefined || resource.set !== undefined) return err('ranges must have only ranges');
      return list.every(range => range.begin <= range.end)
        ? ok(ranges(list))
        : err('a range must not end before it begins');
    }
    case 'SET': {
      const items = resource.set?.item ?? [];
      if (resource.scalar !== undefined || resource.ranges !== undefined) return err('a set must have only set');
      return new Set(items).size === items.length ? ok(set(items)) : err('a set must not repeat an item');
    }
    case 'TEXT':
      return err('a resource cannot be text');
    default:
      return resource.type satisfies never;
  }
}

/** Pages show both forms, so both may come back: then they must say the same. */
function olderFormProblem(
  {role, reservation}: Resource,
  [first, ...refinements]: NonNullable<Resource['reservations']>,
): string | undefined {
  if (role === undefined && reservation === undefined) return undefined;
  if (refinements.length > 0) return 'either role and reservation or reservations, when it is refined';
  if (role !== first?.role) return `role '${role}' is not that of its reservations`;
  if (first?.type !== 'DYNAMIC') return reservation === undefined ? undefined : 'a static reservation has none besides';
  if (reservation === undefined) return 'role without reservation, where reservations has a dynamic one';
  const same = JSON.stringify(reservation.labels ?? {}) === JSON.stringify(first.labels ?? {});
  return same && reservation.principal === first.principal ? undefined : 'reservation is not the one in reservations';
}

function reservationsFromWire(resource: Resource): Result<readonly Reservation[], string> {
  const {role, reservation, reservations = []} = resource;
  if (reservations.length > 0) {
    const problem = olderFormProblem(resource, reservations);
    if (problem !== undefined) return err(problem);
    return ok(
      reservations.map(({type, role: owner = '*', principal, labels}) => ({
        type: type === 'DYNAMIC' ? 'DYNAMIC' : 'STATIC',
        role: owner,
        ...rest(principal, labels),
      })),
    );
  }
  if (role === undefined || role === '*') return reservation === undefined ? ok([]) : err('a reservation needs a role');
  if (reservation === undefined) return ok([{type: 'STATIC', role}]);
  return ok([{type: 'DYNAMIC', role, ...rest(reservation.principal, reservation.labels)}]);
}

const rest = (principal: string | undefined, labels: Labels | undefined) => ({
  ...(principal !== undefined && {principal}),
  ...(labels !== undefined && {labels: labels.labels ?? []}),
});

function diskFromWire({persistence, volume, source}: NonNullable<Resource['disk']>): Disk {
  const root = source?.path?.root ?? source?.mount?.root;
  return {
    ...(persistence !== undefined && {persistence}),
    ...(volume !== undefined && {volume: {containerPath: volume.container_path, mode: volume.mode}}),
    ...(source !== undefined &&
      source.type !== 'UNKNOWN' && {
        source: {
          type: source.type,
          ...(root !== undefined && {root}),
          ...(source.id !== undefined && {id: source.id}),
          ...(source.vendor !== undefined && {vendor: source.vendor}),
          ...(source.profile !== undefined && {profile: source.profile}),
        },
      }),
  };
}

/**
 * @param role    written as `allocation_info`; undefined: left out (agents, frameworks without MULTI_ROLE)
 * @param refined post-refinement form, for frameworks with RESERVATION_REFINEMENT and for the operator API
 */
export function resourcesToWire(resources: Resources, role: string | undefined, refined: boolean): Resource[] {
  return resources.list().map(resource => ({
    name: resource.name,
    ...valueToWire(resource.value),
    ...(refined ? stackToWire(resource.reservations ?? []) : roleToWire(resource.reservations ?? [])),
    ...(resource.disk !== undefined && {disk: diskToWire(resource.disk)}),
    ...(resource.revocable === true && {revocable: {}}),
    ...(resource.shared === true && {shared: {}}),
    ...(resource.providerId !== undefined && {provider_id: {value: resource.providerId}}),
    ...(role !== undefined && {allocation_info: {role}}),
  }));
}

function valueToWire(value: Value): Pick<Resource, 'type' | 'scalar' | 'ranges' | 'set'> {
  switch (value.kind) {
    case 'scalar':
      return {type: 'SCALAR', scalar: {value: fromMilli(value.milli)}};
    case 'ranges':
      return {type: 'RANGES', ranges: {range: value.ranges}};
    case 'set':
      return {type: 'SET', set: {item: value.items}};
    default:
      return value satisfies never;
  }
}

const stackToWire = (reservations: readonly Reservation[]): Pick<Resource, 'reservations'> =>
  reservations.length === 0 ? {} : {reservations: reservations.map(reservationToWire)};

const reservationToWire = ({type, role, principal, labels}: Reservation) => ({
  type,
  role,
  ...(principal !== undefined && {principal}),
  ...(labels !== undefined && {labels: {labels}}),
});

/** A stack of several is never shown to a framework that knows only this form. */
function roleToWire(reservations: readonly Reservation[]): Pick<Resource, 'role' | 'reservation'> {
  const last = reservations.at(-1);
  if (last === undefined) return {role: '*'};
  if (last.type === 'STATIC') return {role: last.role};
  const {principal, labels} = reservationToWire(last);
  return {
    role: last.role,
    reservation: {...(principal !== undefined && {principal}), ...(labels !== undefined && {labels})},
  };
}

function diskToWire({persistence, volume, source}: Disk): NonNullable<Resource['disk']> {
  const root = source?.root === undefined ? {} : {root: source.root};
  return {
    ...(persistence !== undefined && {persistence}),
    ...(volume !== undefined && {volume: {container_path: volume.containerPath, mode: volume.mode}}),
    ...(source !== undefined && {
      source: {
        type: source.type,
        ...(source.type === 'PATH' && {path: root}),
        ...(source.type === 'MOUNT' && {mount: root}),
        ...(source.id !== undefined && {id: source.id}),
        ...(source.vendor !== undefined && {vendor: source.vendor}),
        ...(source.profile !== undefined && {profile: source.profile}),
      },
    }),
  };
}
