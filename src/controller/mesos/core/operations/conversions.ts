import type {Reservation, Resource} from '../../../../allocator/resource.ts';
import {Resources} from '../../../../allocator/resources.ts';
import type {Conversion} from '../../../../allocator/records.ts';
import {fromMilli, scalar} from '../../../../allocator/value.ts';
import type {Resource as WireResource} from '../../../../api/mesos/v1/resources.ts';
import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';
import {err, ok, type Result} from '../../../../lib/result.ts';
import {idProblem, roleProblem} from '../frameworks/names.ts';
import {resourcesFromWire} from '../resource-conversion.ts';
import {mustBeSaved} from './checkpoint.ts';

/** Who asks: a framework under the role of its offers, or the operator. */
export type Asker = {
  /** Undefined: the operator, who may for every role. */
  readonly role: string | undefined;
  readonly principal: string | undefined;
  readonly sharedResources: boolean;
};

/** What is made of resources where: `made` is what the agent's reservations and volumes are now. */
export type Site = {readonly asker: Asker; readonly made: Resources};

type Converted = Result<Conversion, string>;

/**
 * What an operation makes of what. Whether it is there is not asked here.
 *
 * @returns the same quantities before and after; or what is wrong with the operation
 */
export function conversionOf(operation: Operation, site: Site): Converted {
  const {reserve, unreserve, create, destroy, grow_volume, shrink_volume} = operation;
  switch (operation.type) {
    case 'RESERVE':
      return reserve === undefined ? missing('reserve') : toReserve(site, reserve.resources, reserve.source);
    case 'UNRESERVE':
      return unreserve === undefined ? missing('unreserve') : toUnreserve(site, unreserve.resources);
    case 'CREATE':
      return create === undefined ? missing('create') : toCreate(site, create.volumes);
    case 'DESTROY':
      return destroy === undefined ? missing('destroy') : toDestroy(site, destroy.volumes);
    case 'GROW_VOLUME':
      return grow_volume === undefined ? missing('grow_volume') : toGrow(site, grow_volume);
    case 'SHRINK_VOLUME':
      return shrink_volume === undefined ? missing('shrink_volume') : toShrink(site, shrink_volume);
    default:
      return err(`Operation ${operation.type ?? 'UNKNOWN'} is not supported`);
  }
}

const missing = (field: string): Converted => err(`Expecting '${field}' to be present`);

function decode({asker}: Site, list: readonly WireResource[] = []): Result<readonly Resource[], string> {
  if (list.length === 0) return err('No resources named');
  const foreign = list.find(({allocation_info}) => (allocation_info?.role ?? asker.role) !== asker.role);
  if (foreign !== undefined) {
    return err(
      asker.role === undefined
        ? `Resource '${foreign.name}' must not have an allocation_info`
        : `Resource '${foreign.name}' is allocated to role '${foreign.allocation_info?.role}', the offer to '${asker.role}'`,
    );
  }
  const resources = resourcesFromWire(list);
  return resources.ok ? ok(resources.value.list()) : resources;
}

function toReserve(
  site: Site,
  wanted: readonly WireResource[] | undefined,
  source?: readonly WireResource[],
): Converted {
  const resources = decode(site, wanted);
  if (!resources.ok) return resources;
  const problem = first(resources.value, resource => reservationProblem(site.asker, resource));
  if (problem !== undefined) return err(problem);
  const converted = Resources.of(resources.value);
  if (source === undefined || source.length === 0) {
    return ok({consumed: Resources.of(resources.value.map(popped)), converted});
  }
  return site.asker.role === undefined
    ? toReserveAnew(site, source, converted)
    : err('A framework cannot name a source');
}

/** The part of both stacks that differs is undone and made. */
function toReserveAnew(site: Site, source: readonly WireResource[], converted: Resources): Converted {
  const resources = decode(site, source);
  if (!resources.ok) return resources;
  const bare = (list: readonly Resource[]) => Resources.of(list.map(resource => ({...resource, reservations: []})));
  if (!bare(resources.value).equals(bare(converted.list()))) return err('The source must have the same quantities');
  const stacks = [...resources.value, ...converted.list()].map(({reservations = []}) => reservations);
  const common = commonPrefix(stacks);
  const isUndone = stacks.every(stack => stack.slice(common).every(({type}) => type === 'DYNAMIC'));
  if (!isUndone) return err('Only dynamic reservations can be replaced');
  if (resources.value.some(isVolume)) return err('A persistent volume cannot be reserved');
  return ok({consumed: Resources.of(resources.value), converted});
}

function commonPrefix(stacks: readonly (readonly Reservation[])[]): number {
  const [head = []] = stacks;
  const same = (at: number) => stacks.every(stack => JSON.stringify(stack[at]) === JSON.stringify(head[at]));
  let length = 0;
  while (length < head.length && same(length)) length++;
  return length;
}

/** A stack must narrow step by step, and its last step must be one that can be undone. */
function reservationProblem(asker: Asker, resource: Resource): string | undefined {
  const {name, reservations = [], revocable} = resource;
  const last = reservations.at(-1);
  if (last?.type !== 'DYNAMIC') return `Resource '${name}' must be dynamically reserved`;
  if (isVolume(resource)) return `Persistent volume '${resource.disk?.persistence?.id}' cannot be reserved`;
  if (revocable === true) return `Revocable '${name}' cannot be reserved`;
  if (asker.role !== undefined && last.role !== asker.role) {
    return `Reservation for role '${last.role}' of resources offered to role '${asker.role}'`;
  }
  return stackProblem(reservations) ?? principalProblem(asker, last.principal, `'${name}'`);
}

function stackProblem(stack: readonly Reservation[]): string | undefined {
  for (const [at, {role, type}] of stack.entries()) {
    const problem = role === '*' ? "Resources cannot be reserved for role '*'" : roleProblem(role);
    if (problem !== undefined) return problem;
    const parent = stack[at - 1];
    if (parent === undefined) continue;
    if (type === 'STATIC') return 'A reservation cannot be refined by a static one';
    if (!role.startsWith(`${parent.role}/`)) return `Role '${role}' does not refine role '${parent.role}'`;
  }
  return undefined;
}

const principalProblem = ({principal}: Asker, named: string | undefined, what: string): string | undefined =>
  named === principal || principal === undefined
    ? undefined
    : `${what} names the principal '${named ?? ''}' instead of '${principal}'`;

function toUnreserve(site: Site, wanted: readonly WireResource[] | undefined): Converted {
  const resources = decode(site, wanted);
  if (!resources.ok) return resources;
  const problem = first(resources.value, resource => {
    if (resource.reservations?.at(-1)?.type !== 'DYNAMIC')
      return `Resource '${resource.name}' is not dynamically reserved`;
    return isVolume(resource)
      ? `Persistent volume '${resource.disk?.persistence?.id}' must be destroyed first`
      : undefined;
  });
  if (problem !== undefined) return err(problem);
  return ok({consumed: Resources.of(resources.value), converted: Resources.of(resources.value.map(popped))});
}

const popped = (resource: Resource): Resource => ({
  ...resource,
  reservations: resource.reservations?.slice(0, -1) ?? [],
});

function toCreate(site: Site, wanted: readonly WireResource[] | undefined): Converted {
  if (wanted?.some(({disk}) => disk?.volume?.host_path !== undefined) === true) {
    return err('A persistent volume cannot have a host path');
  }
  const volumes = decode(site, wanted);
  if (!volumes.ok) return volumes;
  const taken = new Set(site.made.list().filter(isVolume).map(volumeKey));
  const problem = first(volumes.value, volume => {
    const key = volumeKey(volume);
    if (taken.has(key)) return `There is a persistent volume '${volume.disk?.persistence?.id}' already`;
    taken.add(key);
    return volumeProblem(site.asker, volume);
  });
  if (problem !== undefined) return err(problem);
  return ok({consumed: Resources.of(volumes.value.map(emptied)), converted: Resources.of(volumes.value)});
}

/** Unique for each role of an agent. */
const volumeKey = ({disk, reservations}: Resource): string =>
  JSON.stringify([reservations?.at(-1)?.role, disk?.persistence?.id]);

function volumeProblem(asker: Asker, volume: Resource): string | undefined {
  const {name, disk, reservations = [], revocable, shared} = volume;
  const {persistence, volume: mount} = disk ?? {};
  if (name !== 'disk' || persistence === undefined) return `Resource '${name}' is no persistent volume`;
  if (mount === undefined) return `Persistent volume '${persistence.id}' says not where it is mounted`;
  if (mount.mode !== 'RW') return `Persistent volume '${persistence.id}' must be read-write`;
  if (reservations.length === 0) return `Persistent volume '${persistence.id}' must be reserved`;
  if (revocable === true) return `Persistent volume '${persistence.id}' cannot be revocable`;
  if (shared === true && !asker.sharedResources) return 'The framework has no capability SHARED_RESOURCES';
  return idProblem(persistence.id) ?? principalProblem(asker, persistence.principal, `Volume '${persistence.id}'`);
}

/** The disk of which a volume was made. */
function emptied({disk, shared: _shared, ...rest}: Resource): Resource {
  const source = disk?.source;
  return {...rest, ...(source !== undefined && {disk: {source}})};
}

function toDestroy(site: Site, wanted: readonly WireResource[] | undefined): Converted {
  const volumes = decode(site, wanted);
  if (!volumes.ok) return volumes;
  const problem = first(volumes.value, volume => existenceProblem(site, volume));
  if (problem !== undefined) return err(problem);
  return ok({consumed: Resources.of(volumes.value), converted: Resources.of(volumes.value.map(emptied))});
}

function existenceProblem({made}: Site, volume: Resource): string | undefined {
  if (!isVolume(volume)) return `Resource '${volume.name}' is no persistent volume`;
  return made.contains(Resources.of([volume]))
    ? undefined
    : `There is no such persistent volume '${volume.disk?.persistence?.id}'`;
}

function toGrow(site: Site, {volume, addition}: NonNullable<Operation['grow_volume']>): Converted {
  const parts = decodePair(site, volume, addition);
  if (!parts.ok) return parts;
  const [before, added] = parts.value;
  const problem = existenceProblem(site, before) ?? resizeProblem(before);
  if (problem !== undefined) return err(problem);
  if (isVolume(added)) return err('The addition must be no persistent volume itself');
  if (before.value.kind !== 'scalar' || added.value.kind !== 'scalar') return err('A volume has a size');
  const after = {...before, value: {...before.value, milli: before.value.milli + added.value.milli}};
  // Only disk of the same reservation and source can become part of it.
  if (!Resources.of([{...emptied(before), value: added.value}]).equals(Resources.of([added]))) {
    return err('The addition must have the reservations and the source of the volume');
  }
  return ok({consumed: Resources.of([before, added]), converted: Resources.of([after])});
}

function decodePair(site: Site, a: WireResource, b: WireResource): Result<readonly [Resource, Resource], string> {
  const left = decode(site, [a]);
  if (!left.ok) return left;
  const right = decode(site, [b]);
  if (!right.ok) return right;
  const [one, two] = [left.value[0], right.value[0]];
  return one === undefined || two === undefined ? err('An amount must be above 0') : ok([one, two]);
}

function toShrink(site: Site, {volume, subtract}: NonNullable<Operation['shrink_volume']>): Converted {
  const volumes = decode(site, [volume]);
  if (!volumes.ok) return volumes;
  const [before] = volumes.value;
  if (before?.value.kind !== 'scalar') return err('A volume has a size');
  const problem = existenceProblem(site, before) ?? resizeProblem(before);
  if (problem !== undefined) return err(problem);
  const size = fromMilli(before.value.milli);
  if (!(subtract.value > 0 && subtract.value < size))
    return err(`A volume of ${size} cannot shrink by ${subtract.value}`);
  const freed = {...emptied(before), value: scalar(subtract.value)};
  const after = {...before, value: scalar(size - subtract.value)};
  return ok({consumed: Resources.of([before]), converted: Resources.of([after, freed])});
}

function resizeProblem({disk, shared}: Resource): string | undefined {
  if (shared === true) return 'A shared volume cannot be resized';
  return disk?.source?.type === 'MOUNT' || disk?.source?.type === 'BLOCK'
    ? `A volume on a ${disk.source.type} disk cannot be resized`
    : undefined;
}

export const isVolume = ({disk}: Resource): boolean => disk?.persistence !== undefined;

/** The part of a conversion's sides that has to be remembered. */
export const remembered = (resources: Resources): Resources => resources.filter(mustBeSaved);

function first(list: readonly Resource[], check: (resource: Resource) => string | undefined): string | undefined {
  for (const resource of list) {
    const problem = check(resource);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
