import {type Exchange, NO_BODY} from '../../web/route.ts';
import {resolvePath, toAppId} from '../core/ids.ts';
import {fail} from './answers.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';
import {textsOf} from './query.ts';
import {isQueued, queueJson} from './queue-json.ts';

const LEADER = {answeredBy: 'leader-by-proxy', body: NO_BODY} as const;

/** What waits to be launched. */
export const QUEUE_ROUTES: readonly MarathonRoute[] = [
  {
    ...LEADER,
    method: 'GET',
    path: '/v2/queue',
    does: 'Lists apps with instances that wait to be launched, and why offers were not taken.',
    permission: 'view',
    query: {embed: '`lastUnusedOffers`: with the latest offers that were not taken.'},
    handle: ({request, response}, {access}) => {
      const withOffers = textsOf(request, 'embed').includes('lastUnusedOffers');
      response.json(queueJson(access.apps(), access.nowMs(), withOffers));
    },
  },
  {
    ...LEADER,
    method: 'DELETE',
    path: '/v2/queue/{id+}/delay',
    does: 'Ends the launch delay of an app.',
    permission: 'change-apps',
    handle: resetDelay,
  },
];

function resetDelay({response, params}: Exchange, {access}: MarathonDoors): void {
  const id = toAppId(resolvePath(params['id'] ?? ''));
  const app = access.app(id);
  if (app === undefined || !isQueued(app)) return fail(response, {kind: 'not-queued', appId: id});
  if (access.mayChange?.(id) === false) return fail(response, {kind: 'forbidden'});
  access.resetDelay(id);
  response.status(204).end();
}
