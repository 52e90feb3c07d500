import type {Port} from '../../web/port.ts';
import {bindFor, type BoundRoute} from '../../web/route.ts';
import type {Guard} from '../../access/guard.ts';
import type {Caller} from '../../runtime/caller.ts';
import {FULL_SIGHT, isFull, sightOf, visible} from '../views/visible.ts';
import type {MasterDoors, SharedDoors} from './master-doors.ts';
import {MASTER_ROUTES} from './master-routes.ts';
import {masterRefusal, redirection} from './refusals.ts';

/** What answers on the master's port, with and without `/master`. @param more rows that others add */
export const masterPort = (
  doors: SharedDoors,
  common: Pick<Port, 'self' | 'served' | 'log' | 'gatekeeper' | 'tls'>,
  more: readonly BoundRoute[] = [],
): Port => ({
  ...common,
  routes: [...bindFor(MASTER_ROUTES, caller => doorsFor(doors, common.gatekeeper.guard, caller)), ...more],
  alsoBelow: 'master',
  leadership: doors.leadership,
  redirection,
  refusal: masterRefusal,
  headers: () => ({}),
  checksAccept: false,
});

async function doorsFor(doors: SharedDoors, guard: Guard, caller: Caller): Promise<MasterDoors> {
  const now = doors.core();
  if (now === undefined) return {...doors, sight: FULL_SIGHT};
  const sight = await sightOf(guard, caller, now);
  const core = (): ReturnType<SharedDoors['core']> => {
    const whole = doors.core();
    return whole === undefined || isFull(sight) ? whole : visible(whole, sight);
  };
  return {...doors, core, sight};
}
