import type {Request, Response} from 'express';
import {limitOf} from '../../../lib/limits.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import type {SentEvent} from '../event-hub.ts';
import {fail} from './answers.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';
import {textsOf} from './query.ts';

const STREAM_TYPE = 'text/event-stream';

/** What happens, as it happens. */
export const EVENT_ROUTES: readonly MarathonRoute[] = [
  {
    method: 'GET',
    path: '/v2/events',
    does: 'Streams what happens (server-sent events). Our extension: events have ids, and `Last-Event-ID` resumes after one.',
    permission: 'view',
    answeredBy: 'leader-by-proxy',
    body: NO_BODY,
    query: {
      event_type: 'Only events of this type; may be repeated.',
      'plan-format': '`light`; plans are always told so.',
    },
    // Callers that name no stream are refused in the words of Marathon.
    answers: [STREAM_TYPE, '*/*'],
    handle: streamEvents,
  },
];

function streamEvents({request, response, caller}: Exchange, {access: {events, flags}}: MarathonDoors): void {
  if (!namesStream(request)) return fail(response, {kind: 'wrong-verb'});
  const types = new Set(textsOf(request, 'event_type'));
  const isWanted = ({type}: SentEvent): boolean => types.size === 0 || types.has(type);
  const stream = new EventStream(response, flags.event_stream_max_outstanding_messages);
  const before = request.get('last-event-id');
  const missed = before === undefined ? [] : events.after(before);
  if (missed === undefined) stream.comment('what came after this Last-Event-ID is not known any more');
  const end = events.listen({
    onEvent: event => {
      if (isWanted(event)) stream.send(event);
    },
    onQuiet: () => stream.comment(''),
  });
  const remoteAddress = caller.address ?? '';
  response.on('close', () => {
    end();
    events.publish({eventType: 'event_stream_detached', remoteAddress});
  });
  events.publish({eventType: 'event_stream_attached', remoteAddress});
  for (const event of missed ?? []) if (isWanted(event)) stream.send(event);
}

const namesStream = (request: Request): boolean =>
  (request.headers.accept ?? '').split(',').some(type => type.split(';')[0]?.trim().toLowerCase() === STREAM_TYPE);

/** A reader that does not read is cut off: what waits for it takes memory, and it would learn of everything late. */
class EventStream {
  readonly #response: Response;
  readonly #most: number;
  #outstanding = 0;

  /** @param most events that may wait for the reader */
  constructor(response: Response, most: number) {
    this.#response = response;
    this.#most = most;
    response.socket?.setNoDelay(true);
    response.status(200).set('Content-Type', STREAM_TYPE);
    response.flushHeaders();
  }

  send({id, type, json}: SentEvent): void {
    this.#write(`event: ${type}\ndata: ${json}\nid: ${id}\n\n`);
  }

  /** Readers skip it. */
  comment(text: string): void {
    this.#write(`: ${text}\n\n`);
  }

  #write(frame: string): void {
    const response = this.#response;
    if (response.destroyed) return;
    if (this.#outstanding >= this.#most || response.writableLength > limitOf('eventBytes')) {
      response.destroy();
      return;
    }
    this.#outstanding += 1;
    response.write(frame, () => {
      this.#outstanding -= 1;
    });
  }
}
