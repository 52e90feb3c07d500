import {availableParallelism, freemem, loadavg, totalmem} from 'node:os';
import {parseDuration} from '../../../lib/units.ts';
import {JSONP, sendJson} from '../../web/jsonp.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import {refuse} from './answers.ts';
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
    asks: {action: 'view_flags'},
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
    path: '/system/stats.json',
    does: 'Shows how busy this machine is.',
    permission: 'view-process',
    query: JSONP,
    handle: exchange => sendJson(exchange, systemStats()),
  },
  {
    method: 'POST',
    path: '/logging/toggle',
    asks: {action: 'set_log_level'},
    does: 'Says how much is logged; with both parameters it is changed for a while.',
    permission: 'operate-masters',
    answeredBy: 'any',
    body: NO_BODY,
    query: {level: 'A number: 0 as at the start, above 0 everything.', duration: 'A duration such as `15mins`.'},
    answers: ['text/plain'],
    handle: toggleLogging,
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

function toggleLogging({request, response}: Exchange, {verbosity}: MasterDoors): void {
  const {level, duration} = request.query;
  if (level === undefined && duration === undefined) return void response.type('text').send(`${verbosity.level}\n`);
  const lasting = parseDuration(String(duration ?? ''));
  if (typeof level !== 'string' || !/^\d{1,9}$/.test(level))
    return refuse(response, {status: 400, message: "Expecting 'level' to be a whole number of 0 or more"});
  if (!lasting.ok) return refuse(response, {status: 400, message: `Invalid 'duration': ${lasting.error}`});
  verbosity.set(Number(level), lasting.value);
  response.status(200).end();
}

function systemStats(): object {
  const [avg_load_1min, avg_load_5min, avg_load_15min] = loadavg();
  const load = {avg_load_1min, avg_load_5min, avg_load_15min};
  return {...load, cpus_total: availableParallelism(), mem_total_bytes: totalmem(), mem_free_bytes: freemem()};
}
