import {once} from 'node:events';
import type {Response} from 'express';
import {journalLines} from '../../../allocator/journal/lines.ts';
import type {Segment} from '../../../allocator/journal/journal.ts';
import {NO_BODY} from '../../web/route.ts';
import {refuse} from './answers.ts';
import type {MasterRoute} from './master-doors.ts';

/** Lines made in a row before others have their turn. */
const LINES_AT_ONCE = 200;

/** What the allocator was told lately. */
export const JOURNAL_ROUTE: MasterRoute = {
  method: 'GET',
  path: '/allocator/journal',
  does: 'Shows what the allocator was told lately, as JSON lines for `mesos replay`.',
  permission: 'view-process',
  answeredBy: 'leader-by-redirect',
  body: NO_BODY,
  answers: ['application/x-ndjson'],
  handle: async ({response}, {journal}) => {
    const segments = journal();
    if (segments === undefined) {
      return refuse(response, {status: 404, message: 'No journal is kept in memory (--allocator_journal_size=0)'});
    }
    await send(segments, response);
  },
};

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
