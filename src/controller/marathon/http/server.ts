import type {Exchange} from '../../web/route.ts';
import {NO_BODY} from '../../web/route.ts';
import {Type} from 'typebox';
import {Value} from 'typebox/value';
import {checkJson} from '../../../api/marathon/v2/check-json.ts';
import {fail} from './answers.ts';
import {textOf} from './query.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';

const READ = {method: 'GET', body: NO_BODY} as const;
const LEADER = {answeredBy: 'leader-by-proxy'} as const;

const LEVELS = {trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error'} as const;

/** The only logger is `ROOT`. */
const LOGGER_CHANGE = Type.Object({
  logger: Type.String(),
  level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error']),
  durationSeconds: Type.Optional(Type.Integer({minimum: 1, maximum: 86_400})),
});

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
    ...LEADER,
    method: 'DELETE',
    path: '/v2/leader',
    does: 'Lets another process lead; with one process alone it begins anew.',
    permission: 'operate-masters',
    body: NO_BODY,
    query: {
      backup: 'Not supported: what is stored are Kubernetes objects, which have backups of their own.',
      restore: 'Not supported, for the same reason.',
    },
    handle: abdicate,
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
    path: '/config',
    does: 'Shows the flags in effect.',
    permission: 'view-process',
    answeredBy: 'any',
    handle: ({response}, {flags}) => void response.json(flags()),
  },
  {
    ...READ,
    path: '/logging',
    does: 'Shows the least that is logged.',
    permission: 'view-process',
    answeredBy: 'any',
    handle: ({response}, {logging}) => void response.json({ROOT: logging?.get() ?? 'info'}),
  },
  {
    method: 'POST',
    path: '/logging',
    does: 'Changes the least that is logged by this process, for a time or until it ends.',
    permission: 'operate-masters',
    answeredBy: 'any',
    body: {kind: 'json', schema: LOGGER_CHANGE},
    handle: changeLogging,
  },
  {
    ...READ,
    path: '/metrics',
    does: 'Shows all metrics of this process as JSON; times are of the last hour.',
    permission: 'view-process',
    answeredBy: 'any',
    handle: ({response}, {metrics}) => void response.json(metrics()),
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

/** As in Marathon the answer comes first. */
const ABDICATE_MS = 500;

function abdicate({request, response}: Exchange, {leadership, clock, abdicate: giveUp}: MarathonDoors): void {
  const unsupported = ['backup', 'restore'].find(name => textOf(request, name) !== undefined);
  if (unsupported !== undefined) {
    const message = `'${unsupported}' is not supported: what is stored are Kubernetes objects, which have backups of their own`;
    return fail(response, {kind: 'bad-parameter', message});
  }
  if (leadership.leaderAddress() === undefined) return fail(response, {kind: 'no-leader'});
  response.json({message: 'Leadership abdicated'});
  clock.after(ABDICATE_MS, giveUp);
}

function changeLogging({response, body}: Exchange, {logging, clock}: MarathonDoors): void {
  const {value, violations} = checkJson(LOGGER_CHANGE, body);
  if (violations.length > 0 || !Value.Check(LOGGER_CHANGE, value)) {
    return fail(response, {kind: 'wrong-types', violations});
  }
  const {logger, level, durationSeconds} = value;
  if (logger !== 'ROOT' || logging === undefined) {
    return fail(response, {kind: 'bad-parameter', message: `There is no logger '${logger}'; the only one is 'ROOT'`});
  }
  const before = logging.get();
  logging.set(LEVELS[level]);
  if (durationSeconds !== undefined) clock.after(1000 * durationSeconds, () => logging.set(before));
  response.json({ROOT: logging.get()});
}

/** Text where the caller takes it, JSON where that is asked for, else nothing. */
function ping({request, response}: Exchange, _doors: MarathonDoors): void {
  const type = request.accepts(['text/plain', 'application/json']);
  if (type === 'text/plain') response.type('text/plain').send('pong');
  else if (type === 'application/json') response.json('pong');
  else response.status(204).end();
}
