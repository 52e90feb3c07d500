import type {Port} from '../../web/port.ts';
import {bind, type BoundRoute} from '../../web/route.ts';
import {schemeOf} from '../../web/tls.ts';
import type {MarathonDoors} from './marathon-doors.ts';
import {MARATHON_ROUTES} from './marathon-routes.ts';
import {marathonRefusal, redirection} from './refusals.ts';

/** What answers on Marathon's port. @param more rows that others add */
export const marathonPort = (
  doors: MarathonDoors,
  common: Pick<Port, 'self' | 'served' | 'log' | 'gatekeeper' | 'tls'>,
  more: readonly BoundRoute[] = [],
): Port => ({
  ...common,
  routes: [...bind(MARATHON_ROUTES, doors), ...more],
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
