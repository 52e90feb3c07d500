import {limitOf} from './limits.ts';
import type {Result} from './result.ts';
import {err, ok} from './result.ts';

const NEWLINE = 10;
const ZERO = 48;
/** More digits than any record that fits in memory needs. */
const MAX_DIGITS = 15;

/**
 * One record in Mesos's RecordIO framing: its length in bytes as decimal digits, a newline, the bytes. Nothing follows
 * a record, so records are simply put behind each other.
 */
export function encodeRecord(payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const head = new TextEncoder().encode(`${bytes.length}\n`);
  const record = new Uint8Array(head.length + bytes.length);
  record.set(head);
  record.set(bytes, head.length);
  return record;
}

/**
 * Cuts a byte stream into records, however the stream was cut into chunks.
 *
 * @param maxBytes a longer record is refused before it is buffered
 */
export class RecordDecoder {
  readonly #maxBytes: number;
  /** Bytes of the record still to come; undefined while the length itself is being read. */
  #missing: number | undefined = undefined;
  #length = 0;
  #digits = 0;
  #parts: Uint8Array[] = [];

  constructor(maxBytes = limitOf('recordBytes')) {
    this.#maxBytes = maxBytes;
  }

  /** The records that `chunk` completes. After an error the stream has no meaning any more. */
  push(chunk: Uint8Array): Result<Uint8Array[], string> {
    const records: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      const next = this.#missing === undefined ? this.#readLength(chunk, at) : ok(this.#readBody(chunk, at));
      if (!next.ok) return next;
      at = next.value;
      if (this.#missing === 0) records.push(this.#take());
    }
    return ok(records);
  }

  /** Whether the stream may end here: not in the middle of a record. */
  get atBoundary(): boolean {
    return this.#missing === undefined && this.#digits === 0;
  }

  #readLength(chunk: Uint8Array, from: number): Result<number, string> {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte === NEWLINE && this.#digits > 0) {
        this.#missing = this.#length;
        return ok(at + 1);
      }
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) return err(`RecordIO: want a length in digits, got byte ${byte}`);
      this.#length = this.#length * 10 + digit;
      if (++this.#digits > MAX_DIGITS || this.#length > this.#maxBytes) {
        return err(`RecordIO: a record is longer than ${this.#maxBytes} bytes`);
      }
    }
    return ok(chunk.length);
  }

  #readBody(chunk: Uint8Array, from: number): number {
    const part = chunk.subarray(from, from + (this.#missing ?? 0));
    // Copied: whoever reads the stream may reuse its buffer.
    this.#parts.push(part.slice());
    this.#missing = (this.#missing ?? 0) - part.length;
    return from + part.length;
  }

  #take(): Uint8Array {
    const record = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      record.set(part, at);
      at += part.length;
    }
    this.#missing = undefined;
    this.#length = 0;
    this.#digits = 0;
    this.#parts = [];
    return record;
  }
}
