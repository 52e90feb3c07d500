import type {Request} from 'express';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';

export const JSON_TYPE = 'application/json';

const refused = (status: number, message: string): Result<never, CallRefused> => err({status, message});

/** The body of a call must be JSON. */
export function checkContentType(request: Request): Result<void, CallRefused> {
  const given = request.headers['content-type'];
  if (given === undefined) return refused(400, "Expecting 'Content-Type' to be present");
  const type = given.split(';')[0]?.trim().toLowerCase();
  return type === JSON_TYPE ? ok(undefined) : refused(415, `Expecting 'Content-Type' of ${JSON_TYPE}`);
}

/** The answer can only be JSON. No Accept header allows everything. */
export function checkAccept(request: Request): Result<void, CallRefused> {
  if (request.headers.accept === undefined || request.accepts(JSON_TYPE) !== false) return ok(undefined);
  return refused(406, `Expecting 'Accept' to allow '${JSON_TYPE}'`);
}

/** @param body the bytes that came, as the raw body parser leaves them */
export function parseBody(body: unknown): Result<unknown, CallRefused> {
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused(400, `Failed to parse body into JSON: ${why}`);
  }
}
