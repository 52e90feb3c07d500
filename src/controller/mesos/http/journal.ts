import {once} from 'node:events';
import type {RequestHandler, Response, Router} from 'express';
import {journalLines} from '../../../allocator/journal/lines.ts';
import type {Segment} from '../../../allocator/journal/journal.ts';
import {route} from '../../web/methods.ts';
import {leaderOnly} from './leader.ts';
import type {MasterRouterOptions} from './router-options.ts';
import {refuse} from './scheduler.ts';

/** Lines made in a row before others have their turn. */
const LINES_AT_ONCE = 200;

/** `GET /allocator/journal`: what the allocator was told lately, as JSON lines for `mesos replay`. */
export function journalRoutes(routes: Router, {leadership, journal}: MasterRouterOptions): void {
  const handle: RequestHandler = async (_request, response) => {
    const segments = journal();
    if (segments === undefined) {
      return refuse(response, {status: 404, message: 'No journal is kept in memory (--allocator_journal_size=0)'});
    }
    await send(segments, response);
  };
  route(routes, '/allocator/journal', {GET: [handle]}, [leaderOnly(leadership)]);
}

async function send(segments: readonly Segment[], response: Response): Promise<void> {
  response.status(200).type('application/x-ndjson');
  // Entries that come meanwhile belong to another answer.
  const fixed = segments.map(segment => ({...segment, entries: [...segment.entries]}));
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    const text = batch.map(line => `${line}\n`).join('');
    batch = [];
    if (response.write(text)) await new Promise(resolve => setImmediate(resolve));
    else await Promise.race([once(response, 'drain'), once(response, 'close')]);
  };
  for (const line of journalLines(fixed)) {
    batch.push(line);
    if (batch.length >= LINES_AT_ONCE) await flush();
    if (response.destroyed) return;
  }
  response.end(batch.map(line => `${line}\n`).join(''));
}
