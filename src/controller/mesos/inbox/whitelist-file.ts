import {readFile} from 'node:fs/promises';
import type {Logger} from '../../../kube/log.ts';

export type WhitelistFileOptions = {
  /** One host on a line; empty lines mean nothing, an empty file means no host. */
  readonly path: string;
  readonly log: Logger;
  readonly onChange: (hostnames: ReadonlySet<string>) => void;
};

/** The hosts that may be offered, in a file that somebody else writes. While it cannot be read, what it last said holds. */
export class WhitelistFile {
  readonly #options: WhitelistFileOptions;
  #known: string | undefined = undefined;
  #failing = false;

  constructor(options: WhitelistFileOptions) {
    this.#options = options;
  }

  async read(): Promise<void> {
    const {path, log, onChange} = this.#options;
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (!this.#failing) log.warn('whitelist cannot be read', {path, error: String(error)});
      return undefined;
    });
    this.#failing = text === undefined;
    if (text === undefined || text === this.#known) return;
    this.#known = text;
    const hostnames = text.split('\n').map(line => line.trim());
    onChange(new Set(hostnames.filter(line => line !== '')));
  }
}
