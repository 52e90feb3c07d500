import type {TSchema} from 'typebox';
import {ENCODINGS, type Encoding} from '../../src/api/mesos/v1/encodings.ts';
import type {Wire} from '../../src/api/mesos/v1/schema.ts';
import {RecordDecoder} from '../../src/lib/recordio.ts';

const encodingOf = (kind: 'json' | 'x-protobuf'): Encoding => {
  const found = ENCODINGS.find(({type}) => type === `application/${kind}`);
  if (found === undefined) throw new Error(`no encoding ${kind}`);
  return found;
};

export const JSON_ENCODING = encodingOf('json');
export const PROTOBUF = encodingOf('x-protobuf');

/** A message as it is sent: in one encoding, with the wish for an answer in another. */
export type Sent<S extends TSchema> = {
  readonly schema: S;
  readonly message: Wire<S>;
  readonly as?: Encoding;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export const send = <S extends TSchema>(
  url: string,
  {schema, message, as = PROTOBUF, accept = as.type, headers = {}, signal}: Sent<S>,
): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {'Content-Type': as.type, Accept: accept, ...headers},
    body: Buffer.from(as.encode(schema, message)),
    ...(signal !== undefined && {signal}),
  });

/** The messages of a stream, until it is cut off. */
export async function* messages<S extends TSchema>(response: Response, schema: S, as = PROTOBUF) {
  const records = new RecordDecoder();
  for await (const chunk of response.body ?? []) {
    const cut = records.push(chunk);
    if (!cut.ok) throw new Error(cut.error);
    for (const record of cut.value) yield decoded(schema, record, as);
  }
}

export const readAnswer = async <S extends TSchema>(response: Response, schema: S, as = PROTOBUF): Promise<Wire<S>> =>
  decoded(schema, new Uint8Array(await response.arrayBuffer()), as);

function decoded<S extends TSchema>(schema: S, bytes: Uint8Array, as: Encoding): Wire<S> {
  const message = as.decode(schema, bytes);
  if (!message.ok) throw new Error(message.error);
  return message.value;
}
