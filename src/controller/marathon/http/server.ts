import type {Exchange} from '../../web/route.ts';
import {NO_BODY} from '../../web/route.ts';
import {fail} from './answers.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';

const READ = {method: 'GET', body: NO_BODY} as const;
const LEADER = {answeredBy: 'leader-by-proxy'} as const;

/** What concerns Marathon itself. */
export const SERVER_ROUTES: readonly MarathonRoute[] = [
  {
    ...READ,
    path: '/ping',
    does: 'Answers `pong` while this process lives.',
    permission: 'open',
    answeredBy: 'any',
    answers: ['*/*'],
    handle: ping,
  },
  {
    ...READ,
    ...LEADER,
    path: '/v2/info',
    does: 'Shows the version, the flags in effect and where the master is.',
    permission: 'view-process',
    handle: ({response}, {info}) => void response.json(info()),
  },
  {
    ...READ,
    ...LEADER,
    path: '/v2/leader',
    does: 'Shows who leads.',
    permission: 'open',
    handle: ({response}, {leadership}) => {
      const leader = leadership.leaderAddress();
      if (leader === undefined) fail(response, {kind: 'no-leader'});
      else response.json({leader});
    },
  },
  {
    ...READ,
    ...LEADER,
    path: '/v2/plugins',
    does: 'Lists plugins; there are none.',
    permission: 'view-process',
    handle: ({response}) => void response.json({plugins: []}),
  },
  {
    ...READ,
    path: '/metrics/prometheus',
    does: 'Shows all metrics in the text form of Prometheus.',
    permission: 'view-process',
    answeredBy: 'any',
    answers: ['text/plain', '*/*'],
    handle: async ({response}, {prometheus}) => void response.type('text/plain').send(await prometheus()),
  },
];

/** Text where the caller takes it, JSON where that is asked for, else nothing. */
function ping({request, response}: Exchange, _doors: MarathonDoors): void {
  const type = request.accepts(['text/plain', 'application/json']);
  if (type === 'text/plain') response.type('text/plain').send('pong');
  else if (type === 'application/json') response.json('pong');
  else response.status(204).end();
}
