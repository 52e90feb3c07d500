/** Malformed or unsupported input; caught where decoding starts. */
export class BadMessage extends Error {}

/** What stands behind a tag: a number, or bytes. */
export type WireField = {readonly number: number; readonly value: bigint | Uint8Array};

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The fields of one message, in order. Throws BadMessage when the bytes end too early or make no sense. */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new BadMessage('unexpected end of message');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new BadMessage('integer too long');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new BadMessage('unexpected end of message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const valueOf = (wireType: number): bigint | Uint8Array => {
    if (wireType === VARINT) return varint();
    if (wireType === BYTES) return take(Number(varint()));
    if (wireType === FIXED64) return take(8);
    if (wireType === FIXED32) return take(4);
    throw new BadMessage(`unknown wire type ${wireType}`);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    yield {number: tag >>> 3, value: valueOf(tag & 7)};
  }
}
