import {identityOf, isWhole, type Reservation, type Resource} from '../../../../allocator/resource.ts';
import {Resources} from '../../../../allocator/resources.ts';
import {subtractValues} from '../../../../allocator/value.ts';
import type {AgentId} from '../ids.ts';
import type {Batch, Checkpoint, Master, ReadonlyMaster} from '../state.ts';

// Reservations and volumes that were made on an agent: what it reports does not know of them.

/** What an agent's reservations are, whether it is registered or not; made when the first is wanted. */
export function checkpointOf(master: Master, agentId: AgentId): Checkpoint {
  const known = master.checkpoints.get(agentId);
  if (known !== undefined) return known;
  const made: Checkpoint = {resources: Resources.EMPTY, saved: Resources.EMPTY, saving: undefined, next: undefined};
  master.checkpoints.set(agentId, made);
  return made;
}

/** Only this much has to be remembered; the rest is as the agent reports it. */
export const mustBeSaved = ({reservations = [], disk}: Resource): boolean =>
  disk?.persistence !== undefined || reservations.some(({type}) => type === 'DYNAMIC');

/** What there is of an agent: as it reports, with reservations and volumes made of it. */
export const totalOf = (
  master: ReadonlyMaster,
  {id, total}: {readonly id: AgentId; readonly total: Resources},
): Resources => withReservations(total, master.checkpoints.get(id)?.resources ?? Resources.EMPTY);

/**
 * What an agent reports, with reservations and volumes made of it. An agent that has shrunk below them keeps its
 * volumes and as much of the reservations as there is: nothing is promised twice.
 */
export function withReservations(reported: Resources, made: Resources): Resources {
  if (made.isEmpty) return reported;
  const raw = Resources.of(made.list().map(toReported));
  if (reported.contains(raw)) return reported.subtract(raw).add(made);
  let [rest, total] = [reported, Resources.EMPTY];
  for (const resource of made.list().sort((a, b) => Number(isWhole(b)) - Number(isWhole(a)))) {
    const wanted = toReported(resource);
    const there = isWhole(resource) ? wanted : part(rest, wanted);
    rest = rest.subtract(Resources.of([there]));
    total = total.add(Resources.of([{...resource, value: there.value}]));
  }
  return total.add(rest);
}

/** As it was before anybody reserved it or made a volume of it. */
export function toReported({reservations = [], disk, shared: _shared, ...rest}: Resource): Resource {
  const source = disk?.source;
  return {
    ...rest,
    reservations: reservations.filter(({type}: Reservation) => type === 'STATIC'),
    ...(source !== undefined && {disk: {source}}),
  };
}

/** As much of it as `resources` has. */
function part(resources: Resources, wanted: Resource): Resource {
  const key = identityOf(wanted);
  const found = resources.list().find(resource => identityOf(resource) === key);
  const lacking = found === undefined ? wanted.value : subtractValues(wanted.value, found.value);
  return {...wanted, value: subtractValues(wanted.value, lacking)};
}

/** What is held until it is saved. */
export const returnsOf = (checkpoint: Checkpoint | undefined): Batch['returns'] =>
  [checkpoint?.saving?.batch, checkpoint?.next].flatMap(batch => batch?.returns ?? []);

/** What comes after the save that is under way, if one is; else after the next. */
export const pendingSave = ({next, saving}: Checkpoint): Batch | undefined => next ?? saving?.batch;
