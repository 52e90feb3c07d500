import {open, readdir, realpath, stat} from 'node:fs/promises';
import {join, sep} from 'node:path';
import type {Stats} from 'node:fs';
import {err, ok, type Result} from '../../lib/result.ts';
import {trimEndOf} from '../../lib/trim.ts';

/** `wrong-path`: no absolute path. `directory`: it is one, and a file is wanted. */
export type FileError = {readonly kind: 'wrong-path' | 'not-found' | 'directory'; readonly path: string};

/** A file or directory. Times in milliseconds since the epoch, `mode` as in `stat`. */
export type FileEntry = {
  readonly path: string;
  readonly nlink: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

/** Part of a file, and how long the whole is. */
export type FilePart = {readonly size: number; readonly data: Buffer};

/** A file or directory that is shown under a path. `links`: other directories that links in it may lead to. */
export type Shown = {readonly path: string; readonly real: string; readonly links?: readonly string[]};

/**
 * Files that are shown under paths of their own; where one path lies below another, the longer counts. Links lead nowhere
 * outside of what is shown.
 */
export class VirtualFiles {
  readonly #shown: () => Iterable<Shown>;

  constructor(shown: () => Iterable<Shown>) {
    this.#shown = shown;
  }

  /** Virtual paths with the real ones. */
  all(): Record<string, string> {
    return Object.fromEntries(Array.from(this.#shown(), ({path, real}) => [path, real]));
  }

  /** What is in a directory, by path; of a file the file alone. */
  async list(path: string): Promise<Result<readonly FileEntry[], FileError>> {
    const found = await this.#find(path);
    if (!found.ok) return found;
    const {real, stats} = found.value;
    if (!stats.isDirectory()) return ok([entryOf(path, stats)]);
    const names = await readdir(real).catch(() => []);
    const entries = await Promise.all(
      names.map(async name => {
        const inside = await stat(join(real, name)).catch(() => undefined);
        return inside === undefined ? [] : [entryOf(`${trimEndOf(path, '/')}/${name}`, inside)];
      }),
    );
    return ok(entries.flat().sort((a, b) => (a.path < b.path ? -1 : 1)));
  }

  /** @param length undefined: as much as there is, up to `most` */
  async read(
    path: string,
    {offset, length = Infinity, most}: {readonly offset: number; readonly length?: number; readonly most: number},
  ): Promise<Result<FilePart, FileError>> {
    const found = await this.file(path);
    if (!found.ok) return found;
    const file = await open(found.value.real, 'r').catch(() => undefined);
    if (file === undefined) return err({kind: 'not-found', path});
    try {
      const {size} = await file.stat();
      const wanted = Math.max(0, Math.min(length, most, size - offset));
      const buffer = Buffer.alloc(wanted);
      const {bytesRead} = wanted === 0 ? {bytesRead: 0} : await file.read(buffer, 0, wanted, offset);
      return ok({size, data: buffer.subarray(0, bytesRead)});
    } finally {
      await file.close();
    }
  }

  /** Where a file is, and how long. */
  async file(path: string): Promise<Result<{readonly real: string; readonly size: number}, FileError>> {
    const found = await this.#find(path);
    if (!found.ok) return found;
    const {real, stats} = found.value;
    if (stats.isDirectory()) return err({kind: 'directory', path});
    return stats.isFile() ? ok({real, size: stats.size}) : err({kind: 'not-found', path});
  }

  async #find(path: string): Promise<Result<{readonly real: string; readonly stats: Stats}, FileError>> {
    if (!path.startsWith('/') || path.includes('\0')) return err({kind: 'wrong-path', path});
    const root = this.#rootOf(path);
    if (root === undefined) return err({kind: 'not-found', path});
    try {
      const real = await realpath(join(root.real, root.rest));
      const bases = await Promise.all([root.real, ...(root.links ?? [])].map(base => realpath(base).catch(() => '')));
      if (!bases.some(base => base !== '' && isWithin(real, base))) return err({kind: 'not-found', path});
      return ok({real, stats: await stat(real)});
    } catch {
      return err({kind: 'not-found', path});
    }
  }

  #rootOf(path: string): (Shown & {readonly rest: string}) | undefined {
    const fitting = [...this.#shown()].filter(shown => path === shown.path || path.startsWith(`${shown.path}/`));
    const [best] = fitting.sort((one, other) => other.path.length - one.path.length);
    return best && {...best, rest: path.slice(best.path.length)};
  }
}

const isWithin = (real: string, base: string): boolean => real === base || real.startsWith(base + sep);

const entryOf = (path: string, {nlink, size, mtimeMs, mode, uid, gid}: Stats): FileEntry => ({
  path,
  nlink,
  size,
  mtimeMs,
  mode,
  uid,
  gid,
});
