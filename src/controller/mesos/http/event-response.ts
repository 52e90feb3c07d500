import type {Response} from 'express';
import type {TSchema} from 'typebox';
import type {Encoding} from '../../../api/mesos/v1/encodings.ts';
import type {Wire} from '../../../api/mesos/v1/schema.ts';
import {encodeRecord} from '../../../lib/recordio.ts';

/** The head of a stream of events, and how each event is written. */
export type EventResponse<S extends TSchema> = {
  readonly schema: S;
  readonly encoding: Encoding;
  /** Headers besides the content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** What may wait for the reader before it counts as too slow. */
  readonly maxBufferedBytes: number;
};

/** Turns a response into a stream of RecordIO records, each in a chunk of its own. */
export function beginEventResponse<S extends TSchema>(
  response: Response,
  {schema, encoding, headers, maxBufferedBytes}: EventResponse<S>,
): {readonly write: (event: Wire<S>) => boolean; readonly end: () => void} {
  response.status(200);
  // Not by `set`, which would add a charset.
  response.setHeader('Content-Type', encoding.type);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.flushHeaders();
  // The first event may be the whole state: who is still reading it is not slow yet.
  let first = 0;
  let begun = false;
  return {
    write: event => {
      if (response.writableLength === 0) first = 0;
      if (response.writableLength > first + maxBufferedBytes) {
        // The reader would get this only after all that waits: cut it off, so that it subscribes anew.
        response.destroy();
        return false;
      }
      const record = encodeRecord(encoding.encode(schema, event));
      if (!begun) first = record.length;
      begun = true;
      response.write(record);
      return true;
    },
    end: () => {
      if (!response.destroyed) response.end();
    },
  };
}
