import type {TSchema} from 'typebox';
import {readJson} from '../../../lib/bounded-json.ts';
import {explainTooMuch} from '../../../lib/limits.ts';
import {err, type Result} from '../../../lib/result.ts';
import {decodeJson, encodeJson} from './json.ts';
import {decodeProtobuf, encodeProtobuf} from './protobuf.ts';
import type {Wire} from './schema.ts';

/** One of the two ways in which messages of the v1 APIs travel. */
export type Encoding = {
  /** The media type, as in Content-Type and Accept. */
  readonly type: 'application/json' | 'application/x-protobuf';
  /**
   * Reads a body whose length is already bounded. Both ways give the same message, defaults not filled in.
   *
   * @returns one sentence when it is no such message (400)
   */
  readonly decode: <S extends TSchema>(schema: S, body: Uint8Array) => Result<Wire<S>, string>;
  /** Writes a body. Of a stream, each body becomes a record by `encodeRecord` of lib/recordio.ts, whatever the way. */
  readonly encode: <S extends TSchema>(schema: S, message: Wire<S>) => Uint8Array;
};

const utf8 = new TextEncoder();

/**
 * Both encodings, the preferred one first: where Accept allows both, or there is none, answers are JSON.
 *
 * A call is read by Content-Type: `validateSchedulerCall` and `validateOperatorCall` (calls.ts) turn what
 * `decode(schedulerCallSchema, body)` and `decode(operatorCallSchema, body)` return into calls. Events and answers are
 * written by Accept: `encode(schedulerEventSchema, event)`, `encode(operatorResponseSchema, answer)`.
 */
export const ENCODINGS: readonly Encoding[] = [
  {
    type: 'application/json',
    decode: (schema, body) => {
      const json = readJson(body);
      if (json.ok) return decodeJson(schema, json.value);
      const {error} = json;
      return err(
        `Failed to parse body into JSON: ${error.kind === 'too-much' ? explainTooMuch(error) : error.message}`,
      );
    },
    encode: (schema, message) => utf8.encode(JSON.stringify(encodeJson(schema, message))),
  },
  {
    type: 'application/x-protobuf',
    decode: (schema, body) => {
      const decoded = decodeProtobuf(schema, body);
      return decoded.ok ? decoded : err(`Failed to parse body into protobuf: ${decoded.error}`);
    },
    encode: encodeProtobuf,
  },
];

/** The encoding of a Content-Type header, parameters left out. */
export const encodingOf = (header: string): Encoding | undefined =>
  ENCODINGS.find(({type}) => type === header.split(';', 1)[0]?.trim().toLowerCase());
