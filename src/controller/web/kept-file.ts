import {readdir, readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Logger} from '../../kube/log.ts';
import type {Clock, Timer} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';

/** As often as the whitelist: a Secret that is mounted takes longer to change anyway. */
const REREAD_MS = 5000;

/** How to make something of a text that somebody else writes. */
export type KeptFileOptions<T> = {
  /** The flag that names it, for messages. */
  readonly flagName: string;
  /** May throw; what it throws is said, so it holds no secret. */
  readonly read: () => Promise<string>;
  readonly parse: (text: string) => Result<T, string>;
  readonly onChange?: (value: T) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/** What a file says, read again every few seconds. While it can't be read, what it last said holds. */
export class KeptFile<T> {
  readonly #options: KeptFileOptions<T>;
  #text: string;
  #value: T;
  #failing = false;
  #timer: Timer | undefined;

  private constructor(options: KeptFileOptions<T>, text: string, value: T) {
    this.#options = options;
    this.#text = text;
    this.#value = value;
    this.#wait();
  }

  /** @returns an error that names the flag when the first reading fails */
  static async open<T>(options: KeptFileOptions<T>): Promise<Result<KeptFile<T>, string>> {
    const {flagName} = options;
    try {
      const text = await options.read();
      const value = options.parse(text);
      return value.ok ? ok(new KeptFile(options, text, value.value)) : err(`--${flagName}: ${value.error}`);
    } catch (error) {
      return err(`--${flagName}: can't be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  get value(): T {
    return this.#value;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer = this.#options.clock.after(REREAD_MS, () => {
      this.#wait();
      void this.#reread();
    });
  }

  async #reread(): Promise<void> {
    const {read, parse, onChange, flagName, log} = this.#options;
    try {
      const text = await read();
      if (text === this.#text) return;
      const value = parse(text);
      if (!value.ok) throw new Error(value.error);
      [this.#text, this.#value, this.#failing] = [text, value.value, false];
      log.info('file read again', {flag: flagName});
      onChange?.(value.value);
    } catch (error) {
      if (!this.#failing)
        log.warn('file cannot be read; what it said before holds', {flag: flagName, error: String(error)});
      this.#failing = true;
    }
  }
}

/** A file; or a directory, as a Secret is mounted: the name of each file, and what it holds without the line end. */
export async function readFileOrDirectory(
  path: string,
  asOne: (files: readonly (readonly [name: string, content: string])[]) => string,
): Promise<string> {
  if (!(await stat(path)).isDirectory()) return readFile(path, 'utf8');
  const names = (await readdir(path)).filter(name => !name.startsWith('.')).sort();
  const files = names.map(async name => [name, (await readFile(join(path, name), 'utf8')).trimEnd()] as const);
  return asOne(await Promise.all(files));
}
