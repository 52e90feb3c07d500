import type {Response} from 'express';
import {encodeJson} from '../../../api/mesos/v1/json.ts';
import {schedulerEventSchema} from '../../../api/mesos/v1/scheduler.ts';
import {encodeRecord} from '../../../lib/recordio.ts';
import type {EventSink} from '../calls/sessions.ts';
import {JSON_TYPE} from './negotiate.ts';

/**
 * Turns a response into a scheduler's event stream: RecordIO records in chunks, the stream's id in the head.
 *
 * @param maxBufferedBytes what may wait for the reader before it counts as too slow
 */
export function beginEventResponse(response: Response, streamId: string, maxBufferedBytes: number): EventSink {
  response.status(200);
  response.setHeader('Content-Type', JSON_TYPE);
  response.setHeader('Mesos-Stream-Id', streamId);
  response.flushHeaders();
  return {
    write: event => {
      if (response.writableLength > maxBufferedBytes) {
        // The reader would get this only after all that waits: cut it off, so that it subscribes anew.
        response.destroy();
        return false;
      }
      response.write(encodeRecord(JSON.stringify(encodeJson(schedulerEventSchema, event))));
      return true;
    },
    end: () => {
      if (!response.destroyed) response.end();
    },
  };
}
