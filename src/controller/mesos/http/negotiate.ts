import type {Request} from 'express';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';

export const JSON_TYPE = 'application/json';

const refused = (status: number, message: string): Result<never, CallRefused> => err({status, message});

/** The answer can only be JSON. No Accept header allows everything. */
export function checkAccept(request: Request): Result<void, CallRefused> {
  if (request.headers.accept === undefined || request.accepts(JSON_TYPE) !== false) return ok(undefined);
  return refused(406, `Expecting 'Accept' to allow '${JSON_TYPE}'`);
}
