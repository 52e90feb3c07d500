import type {Port} from '../../web/port.ts';
import {bind, type BoundRoute} from '../../web/route.ts';
import type {MasterDoors} from './master-doors.ts';
import {MASTER_ROUTES} from './master-routes.ts';
import {masterRefusal, redirection} from './refusals.ts';

/** What answers on the master's port, with and without `/master`. @param more rows that others add */
export const masterPort = (
  doors: MasterDoors,
  common: Pick<Port, 'self' | 'served' | 'log' | 'gatekeeper' | 'tls'>,
  more: readonly BoundRoute[] = [],
): Port => ({
  ...common,
  routes: [...bind(MASTER_ROUTES, doors), ...more],
  alsoBelow: 'master',
  leadership: doors.leadership,
  redirection,
  refusal: masterRefusal,
  headers: () => ({}),
  checksAccept: false,
});
