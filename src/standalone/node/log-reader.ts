import {type FSWatcher, watch} from 'node:fs';
import {type FileHandle, open, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Clock} from '../../lib/clock.ts';

export type LogOptions = {
  readonly follow: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly sinceSeconds?: number;
  readonly timestamps: boolean;
};

export type LogSource = {
  /** The directory with `stdout` and `stderr`. */
  readonly directory: string;
  /** Whether the run has ended and nothing will be written any more. */
  readonly ended: () => boolean;
};

const CHUNK = 64 * 1024;
const NEWLINE = 10;
/** How often a followed log is looked at even though no change was reported. */
const POLL_MS = 500;

/**
 * The output of a run, in whole lines. The two streams are two files without times. Output that is there already comes
 * file by file, the file written last at the end. `sinceSeconds` and `timestamps` use the file's last change. Output that
 * comes while following is in order.
 */
export async function* readLog(
  source: LogSource,
  options: LogOptions,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const chunk of chunksOf(source, options, clock, signal)) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

async function* chunksOf(
  source: LogSource,
  options: LogOptions,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const tails = await Promise.all(['stdout', 'stderr'].map(name => Tail.open(join(source.directory, name), options)));
  const changes = options.follow ? new Changes(source.directory, clock, signal) : undefined;
  try {
    tails.sort((a, b) => a.changedAtMs - b.changedAtMs);
    await skipTo(tails, options.tailLines);
    for (;;) {
      // Asked first: what was written before the end is read after it.
      const last = !options.follow || source.ended() || signal.aborted;
      for (const tail of tails) yield* tail.read(last, options.timestamps ? clock : undefined);
      if (last) return;
      await changes?.next();
    }
  } finally {
    changes?.close();
    for (const tail of tails) await tail.close();
  }
}

/** Leaves the last `lines` of both files together. */
async function skipTo(tails: readonly Tail[], lines: number | undefined): Promise<void> {
  let left = lines;
  if (left === undefined) return;
  for (const tail of [...tails].reverse()) left -= await tail.skipToLast(left);
}

/** One file, read from where the reader has got to. It need not exist yet. */
class Tail {
  readonly #path: string;
  #file: FileHandle | undefined;
  #at = 0;
  #partial: Buffer = Buffer.alloc(0);
  changedAtMs = 0;

  constructor(path: string) {
    this.#path = path;
  }

  static async open(path: string, {sinceSeconds}: LogOptions): Promise<Tail> {
    const tail = new Tail(path);
    await tail.#open();
    const info = await tail.#file?.stat();
    tail.changedAtMs = info?.mtimeMs ?? 0;
    const isOld = sinceSeconds !== undefined && Date.now() - tail.changedAtMs > sinceSeconds * 1000;
    if (isOld) tail.#at = info?.size ?? 0;
    return tail;
  }

  /** Goes to the beginning of the last `lines` lines. @returns how many there were, at most that */
  async skipToLast(lines: number): Promise<number> {
    const size = (await this.#file?.stat())?.size ?? 0;
    const from = this.#at;
    this.#at = size;
    if (lines <= 0) return 0;
    let found = 0;
    for (let end = size; end > from && found <= lines;) {
      const start = Math.max(from, end - CHUNK);
      const chunk = await this.#chunk(start, end - start);
      for (let i = chunk.length - 1; i >= 0; i--) {
        // The newline at the very end closes the last line, it begins none.
        if (chunk[i] !== NEWLINE || start + i === size - 1) continue;
        if (++found >= lines) {
          this.#at = start + i + 1;
          return lines;
        }
      }
      end = start;
    }
    if (size > from) this.#at = from;
    return size > from ? Math.min(lines, found + 1) : 0;
  }

  /** What has come since the last call, up to the last newline; `all`: the rest too, closed with a newline. */
  async *read(all: boolean, stamp: Clock | undefined): AsyncGenerator<Buffer> {
    if (this.#file === undefined) await this.#open();
    // It was rotated: what is there now came after what was read.
    if (((await this.#file?.stat())?.size ?? 0) < this.#at) this.#at = 0;
    for (;;) {
      const chunk = await this.#chunk(this.#at, CHUNK);
      this.#at += chunk.length;
      const text = Buffer.concat([this.#partial, chunk]);
      const end = text.lastIndexOf(NEWLINE) + 1;
      this.#partial = text.subarray(end);
      if (end > 0) yield this.#stamped(text.subarray(0, end), stamp);
      if (chunk.length === 0) break;
    }
    if (!all || this.#partial.length === 0) return;
    yield this.#stamped(Buffer.concat([this.#partial, Buffer.from('\n')]), stamp);
    this.#partial = Buffer.alloc(0);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  #stamped(lines: Buffer, clock: Clock | undefined): Buffer {
    if (clock === undefined) return lines;
    const time = new Date(this.changedAtMs || clock.now()).toISOString();
    const text = lines.toString('latin1').slice(0, -1);
    return Buffer.from(`${text.replace(/^/gm, `${time} `)}\n`, 'latin1');
  }

  async #chunk(position: number, length: number): Promise<Buffer> {
    if (this.#file === undefined || length <= 0) return Buffer.alloc(0);
    const {buffer, bytesRead} = await this.#file.read(Buffer.alloc(length), 0, length, position);
    if (bytesRead > 0 && this.changedAtMs !== 0)
      this.changedAtMs = (await stat(this.#path).catch(() => undefined))?.mtimeMs ?? 0;
    return buffer.subarray(0, bytesRead);
  }

  async #open(): Promise<void> {
    this.#file = await open(this.#path, 'r').catch(() => undefined);
  }
}

/** Wakes a reader when something in a directory changes, and now and then anyway. */
class Changes {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #watcher: FSWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(directory: string, clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#watcher = watchQuietly(directory, () => this.#notify());
    signal.addEventListener('abort', this.#notify);
  }

  async next(): Promise<void> {
    if (!this.#changed && !this.#signal.aborted) {
      await new Promise<void>(resolve => {
        const timer = this.#clock.after(POLL_MS, resolve);
        this.#wake = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#signal.removeEventListener('abort', this.#notify);
  }

  readonly #notify = (): void => {
    this.#changed = true;
    this.#wake?.();
  };
}

/** Watches are limited in number; without one the reader polls. */
function watchQuietly(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, onChange);
    return watcher.on('error', () => watcher.close());
  } catch {
    return undefined;
  }
}
