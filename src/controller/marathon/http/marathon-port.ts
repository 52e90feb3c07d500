import type {Port} from '../../web/port.ts';
import type {Guard} from '../../access/guard.ts';
import type {Caller} from '../../runtime/caller.ts';
import {bindFor, type BoundRoute} from '../../web/route.ts';
import {schemeOf} from '../../web/tls.ts';
import {guardedAccess, isFull, rightsOf} from './guarded-access.ts';
import type {MarathonDoors} from './marathon-doors.ts';
import {MARATHON_ROUTES} from './marathon-routes.ts';
import {marathonRefusal, redirection} from './refusals.ts';
import {servicesOf} from './services.ts';

/** What answers on Marathon's port. @param more rows that others add */
export const marathonPort = (
  doors: MarathonDoors,
  common: Pick<Port, 'self' | 'served' | 'log' | 'gatekeeper' | 'tls'>,
  more: readonly BoundRoute[] = [],
): Port => ({
  ...common,
  routes: [...bindFor(MARATHON_ROUTES, caller => doorsFor(doors, common.gatekeeper.guard, caller)), ...more],
  leadership: doors.leadership,
  redirection: (leader, url) => redirection(`${schemeOf(common.tls)}://${leader}`, url),
  refusal: marathonRefusal,
  headers: () => {
    const leader = doors.leadership.leaderAddress();
    return {...HEADERS, ...(leader === undefined ? {} : {'X-Marathon-Leader': `${schemeOf(common.tls)}://${leader}`})};
  },
  checksAccept: true,
  allowOrigin: doors.access.flags.access_control_allow_origin,
  mostRequests: doors.access.flags.http_max_concurrent_requests,
  proxyWaits: {
    connectMs: doors.access.flags.leader_proxy_connection_timeout,
    answerMs: doors.access.flags.leader_proxy_read_timeout,
  },
});

const HEADERS = {
  'X-Frame-Options': 'DENY',
  'X-XSS-Protection': '1; mode=block',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  Expires: '0',
};

/** The doors of one caller: they show and do what it may. */
async function doorsFor(doors: MarathonDoors, guard: Guard, caller: Caller): Promise<MarathonDoors> {
  const rights = await rightsOf(guard, caller, doors.access);
  if (isFull(rights)) return doors;
  const access = guardedAccess(doors.access, rights);
  return {...doors, access, ...servicesOf(access, doors.turns)};
}
