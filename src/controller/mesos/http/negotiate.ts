import type {Request} from 'express';
import type {TSchema} from 'typebox';
import {type Encoding, ENCODINGS, encodingOf} from '../../../api/mesos/v1/encodings.ts';
import type {Wire} from '../../../api/mesos/v1/schema.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {type Body, BytesBody} from '../../web/route.ts';

/** The media types of calls, events and answers. */
export const MESSAGE_TYPES = ENCODINGS.map(({type}) => type);

/** What a call of the v1 APIs travels as. */
export const CALL_BODY: Body = {kind: 'bytes', types: MESSAGE_TYPES};

/** Reads a body by its content type, which the table of routes has checked. */
export function readMessage<S extends TSchema>(schema: S, body: unknown): Result<Wire<S>, CallRefused> {
  const {type, bytes} = body instanceof BytesBody ? body : new BytesBody('', new Uint8Array());
  const encoding = encodingOf(type);
  if (encoding === undefined)
    return err({status: 415, message: `Expecting 'Content-Type' of ${MESSAGE_TYPES.join(' or ')}`});
  const decoded = encoding.decode(schema, bytes);
  return decoded.ok ? decoded : err({status: 400, message: decoded.error});
}

/** The encoding of the answer: JSON, unless Accept allows protobuf alone. No Accept header allows everything. */
export function answerEncoding(request: Request): Result<Encoding, CallRefused> {
  const encoding = ENCODINGS.find(({type}) => request.headers.accept === undefined || request.accepts(type) !== false);
  if (encoding !== undefined) return ok(encoding);
  return err({status: 406, message: `Expecting 'Accept' to allow '${MESSAGE_TYPES.join("' or '")}'`});
}
