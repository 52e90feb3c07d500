import {createWriteStream, renameSync, statSync, type WriteStream} from 'node:fs';
import type {Entry, Segment} from '../../../allocator/journal/journal.ts';
import {entryLine} from '../../../allocator/journal/lines.ts';
import {ResourceTexts} from '../../../allocator/journal/resources-json.ts';
import {snapshotLines} from '../../../allocator/journal/snapshot-json.ts';
import type {Logger} from '../../../kube/log.ts';

/** Lines to make in a row before others have their turn. */
const LINES_AT_ONCE = 200;
/** Text that waits for the disk; more is made only when it has taken some. */
const UNWRITTEN_BYTES = 4 * 1024 * 1024;
/** Entries that wait to be written; when the disk is slower than that, some are left out. */
const MOST_WAITING = 200_000;

export type JournalFileOptions = {
  readonly path: string;
  /** Beyond it a new file begins; the one before is kept as `<path>.1`. */
  readonly maxBytes: number;
  readonly log: Logger;
};

/** Writes a journal to a file, a little behind what happens. Each file begins with a state, so that each replays. */
export class JournalFile {
  readonly #options: JournalFileOptions;
  #texts = new ResourceTexts();
  #stream: WriteStream | undefined;
  /** Lines to come, made when they are written. */
  #lines: Iterator<string>[] = [];
  #entries: Entry[] = [];
  #bytes = 0;
  #scheduled = false;
  #failed = false;

  constructor(options: JournalFileOptions) {
    this.#options = options;
  }

  /**
   * @param first the state before the entry, and the entry, when it is the first of all
   * @param begin the state behind the entry
   */
  write(entry: Entry, first: Segment | undefined, begin: () => Segment): void {
    if (this.#failed) return;
    if (this.#stream === undefined) this.#open(first ?? begin());
    if (this.#stream === undefined) return;
    this.#entries.push(entry);
    if (this.#entries.length > MOST_WAITING) this.#leaveOut(begin());
    else if (this.#bytes > this.#options.maxBytes) this.#rotate(begin());
    this.#schedule();
  }

  /** Writes what waits, and resolves when the disk has it. */
  close(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || this.#failed) return Promise.resolve();
    this.#flush();
    this.#stream = undefined;
    this.#failed = true;
    return new Promise(resolve => stream.end(resolve));
  }

  #open(segment: Segment): void {
    const {path, log} = this.#options;
    // A journal of an earlier leader is worth keeping, too.
    if (exists(path)) this.#keepOld();
    const stream = createWriteStream(path);
    stream.on('error', error => {
      if (!this.#failed) log.error('the journal of the allocator is not written any more', {path, error});
      this.#failed = true;
      this.#entries = [];
      this.#lines = [];
    });
    stream.on('drain', () => this.#schedule());
    this.#stream = stream;
    this.#bytes = 0;
    this.#texts = new ResourceTexts();
    this.#lines = [snapshotLines(segment)[Symbol.iterator]()];
  }

  #rotate(segment: Segment): void {
    this.#flush();
    this.#stream?.end();
    this.#open(segment);
  }

  #leaveOut(segment: Segment): void {
    this.#options.log.warn('the disk is too slow for the journal: some of it is left out', {
      left: this.#entries.length,
    });
    this.#entries = [];
    this.#stream?.end();
    this.#open(segment);
  }

  #keepOld(): void {
    const {path, log} = this.#options;
    try {
      renameSync(path, `${path}.1`);
    } catch (error) {
      log.warn('could not keep the older journal', {path, error});
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#writeSome(LINES_AT_ONCE);
      const stream = this.#stream;
      const waits = this.#entries.length > 0 || this.#lines.length > 0;
      if (waits && stream !== undefined && stream.writableLength < UNWRITTEN_BYTES) this.#schedule();
    });
  }

  #flush(): void {
    while (this.#entries.length > 0 || this.#lines.length > 0) this.#writeSome(Number.POSITIVE_INFINITY);
  }

  #writeSome(most: number): void {
    const text: string[] = [];
    while (text.length < most && this.#lines[0] !== undefined) {
      const next = this.#lines[0].next();
      if (next.done === true) this.#lines.shift();
      else text.push(next.value);
    }
    const taken = this.#entries.splice(0, Math.max(0, most - text.length));
    for (const entry of taken) text.push(entryLine(entry, this.#texts));
    if (text.length === 0) return;
    const chunk = `${text.join('\n')}\n`;
    this.#bytes += chunk.length;
    this.#stream?.write(chunk);
  }
}

function exists(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false}) !== undefined;
}
