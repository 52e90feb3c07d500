import {err, ok, type Result} from './result.ts';

// Protobuf's wire format without messages: varints, fixed numbers and bytes behind each other. 64-bit integers are
// numbers: beyond 2^53 the last digits are lost.

/** How a field's value is laid out. Groups (3 and 4) have not been in use since protobuf 2 and are refused. */
export const WIRE = {varint: 0, fixed64: 1, bytes: 2, fixed32: 5} as const;

const WORD = 2 ** 32;

/** Both halves of 64 bits. */
export type Bits = {readonly low: number; readonly high: number};

export const unsigned = ({low, high}: Bits): number => high * WORD + low;
export const signed = ({low, high}: Bits): number =>
  high < WORD / 2 ? unsigned({low, high}) : -unsigned(negated({low, high}));

const negated = ({low, high}: Bits): Bits => ({
  low: -low >>> 0,
  high: (~high + (low === 0 ? 1 : 0)) >>> 0,
});

/** Two's complement; a number beyond 64 bits becomes the largest. */
function bitsOf(value: number): Bits {
  const amount = Math.abs(value);
  const high = Math.floor(amount / WORD);
  const bits = high < WORD ? {low: amount % WORD, high} : {low: WORD - 1, high: WORD - 1};
  return value < 0 ? negated(bits) : bits;
}

/** Reads one buffer from front to back. After an error nothing more can be read. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): Result<Bits, string> {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return err('a number is cut off');
      const part = byte & 0x7f;
      if (index < 4) low |= part << (7 * index);
      else if (index === 4) {
        low |= part << 28;
        high = part >>> 4;
      } else if (index < 9) high |= part << (7 * index - 32);
      else high |= (part & 1) << 31;
      if (byte < 0x80) return ok({low: low >>> 0, high: high >>> 0});
    }
    return err('a number is longer than 10 bytes');
  }

  /** A field's number and how its value is laid out. */
  tag(): Result<{readonly number: number; readonly wire: number}, string> {
    const tag = this.varint();
    if (!tag.ok) return tag;
    const number = tag.value.low >>> 3;
    if (tag.value.high !== 0 || number === 0) return err('a field has no valid number');
    return ok({number, wire: tag.value.low & 7});
  }

  double(): Result<number, string> {
    const at = this.#at;
    this.#at += 8;
    return this.#at > this.#bytes.length ? err('a number is cut off') : ok(this.#view.getFloat64(at, true));
  }

  /** Bytes behind their length; a view, not a copy. */
  bytes(): Result<Uint8Array, string> {
    const length = this.varint();
    if (!length.ok) return length;
    const at = this.#at;
    const end = at + unsigned(length.value);
    if (end > this.#bytes.length) return err(`a value of ${end - at} bytes is cut off`);
    this.#at = end;
    return ok(this.#bytes.subarray(at, end));
  }

  /** Passes over a value that nobody knows. */
  skip(wire: number): Result<unknown, string> {
    switch (wire) {
      case WIRE.varint:
        return this.varint();
      case WIRE.bytes:
        return this.bytes();
      case WIRE.fixed64:
      case WIRE.fixed32:
        this.#at += wire === WIRE.fixed64 ? 8 : 4;
        return this.#at > this.#bytes.length ? err('a number is cut off') : ok(undefined);
      default:
        return err(wire === 3 || wire === 4 ? 'groups are not supported' : `there is no wire type ${wire}`);
    }
  }
}

/**
 * Writes one buffer from back to front: what is written last comes first. So the length of a nested message is known
 * when it is written, and nothing is copied for it.
 */
export class WireWriter {
  #buffer = new Uint8Array(256);
  /** Where what was written begins. */
  #start = 256;

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  tag(number: number, wire: number): void {
    this.varint(number * 8 + wire);
  }

  varint(value: number): void {
    let {low, high} = bitsOf(value);
    const bytes: number[] = [];
    while (high !== 0 || low > 0x7f) {
      bytes.push((low & 0x7f) | 0x80);
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.raw(Uint8Array.of(...bytes, low));
  }

  double(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.raw(bytes);
  }

  /** Without their length. */
  raw(bytes: Uint8Array): void {
    if (bytes.length > this.#start) this.#grow(bytes.length);
    this.#start -= bytes.length;
    this.#buffer.set(bytes, this.#start);
  }

  finish(): Uint8Array {
    return this.#buffer.slice(this.#start);
  }

  #grow(more: number): void {
    const grown = new Uint8Array(Math.max(2 * this.#buffer.length, this.length + more));
    grown.set(this.#buffer.subarray(this.#start), grown.length - this.length);
    this.#start = grown.length - this.length;
    this.#buffer = grown;
  }
}
