import {parseDuration} from '../../../lib/units.ts';
import {sendJson} from '../../web/jsonp.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import {JSONP, refuse} from './answers.ts';
import type {MasterDoors, MasterRoute} from './master-doors.ts';
import {redirection} from './refusals.ts';

const EACH = {method: 'GET', answeredBy: 'any', body: NO_BODY} as const;

/** What each process answers for itself, whether it leads or not. */
export const PROCESS_ROUTES: readonly MasterRoute[] = [
  {
    ...EACH,
    path: '/health',
    does: 'Says that this process lives; whether it leads is asked elsewhere.',
    permission: 'open',
    answers: [],
    handle: ({response}) => void response.status(200).end(),
  },
  {
    ...EACH,
    path: '/version',
    does: 'Shows the version.',
    permission: 'open',
    query: JSONP,
    handle: (exchange, {version}) => sendJson(exchange, version),
  },
  {
    ...EACH,
    path: '/redirect',
    does: 'Redirects to the leader.',
    permission: 'open',
    answers: [],
    handle: redirectToLeader,
  },
  {
    ...EACH,
    path: '/flags',
    does: 'Shows the flags in effect, as text.',
    permission: 'view-process',
    query: JSONP,
    handle: (exchange, {flagTexts}) => sendJson(exchange, {flags: flagTexts}),
  },
  {
    ...EACH,
    path: '/metrics/snapshot',
    does: 'Shows all metrics under the names of Mesos, at most twice a second.',
    permission: 'view-process',
    query: {timeout: 'A duration such as `10secs`; accepted, and of no effect.', ...JSONP},
    handle: snapshot,
  },
  {
    ...EACH,
    path: '/metrics',
    does: 'Shows all metrics in the text form of Prometheus.',
    permission: 'view-process',
    answers: ['text/plain'],
    handle: async ({response}, {metrics}) => {
      const text = await metrics.prometheus();
      response.set('Content-Type', metrics.registry.contentType).send(text);
    },
  },
];

function redirectToLeader({response}: Exchange, {leadership}: MasterDoors): void {
  const leader = leadership.leaderAddress();
  if (leader === undefined) return refuse(response, {status: 503, message: 'No leader elected'});
  const {status, headers} = redirection(leader, '');
  response.status(status).set(headers).end();
}

async function snapshot(exchange: Exchange, {metrics, snapshotLimit}: MasterDoors): Promise<void> {
  const {timeout} = exchange.request.query;
  const parsed = timeout === undefined ? undefined : parseDuration(String(timeout));
  if (parsed?.ok === false)
    return refuse(exchange.response, {status: 400, message: `Invalid timeout: ${parsed.error}`});
  await snapshotLimit.turn();
  sendJson(exchange, metrics.snapshot());
}
