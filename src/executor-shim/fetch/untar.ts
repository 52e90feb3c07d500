import type {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {type ReadEntry, Unpack} from 'tar';
import {TooLarge} from './download.ts';
import {linkProblem} from './sandbox-path.ts';

/** Entries that are no files: what they would take counts too. */
const ENTRY_BYTES = 512;

/**
 * Unpacks a tar into a directory. Paths stay below it: one with `..` is an error, of an absolute one the root is
 * stripped, as tar does.
 */
export async function untar(tar: Readable, directory: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  let problem: Error | undefined;
  const unpacker = new Unpack({
    cwd: directory,
    preserveOwner: false,
    // The directory itself is the sandbox, which the archive does not own.
    filter: (path, entry) => {
      const leadsOut = 'linkpath' in entry ? linkOut(entry) : undefined;
      if (leadsOut !== undefined) fail(new Error(leadsOut));
      return leadsOut === undefined && !/^[./]*$/.test(path);
    },
    onReadEntry: entry => {
      bytes += entry.size + ENTRY_BYTES;
      if (bytes > maxBytes) fail(new TooLarge(maxBytes));
    },
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO' && code !== 'TAR_ENTRY_UNSUPPORTED') fail(toError(message));
    },
  });
  const fail = (error: Error): void => {
    problem ??= error;
    tar.destroy(problem);
  };
  try {
    await pipeline(tar, unpacker);
  } catch (error) {
    throw problem ?? error;
  }
  if (problem !== undefined) throw problem;
}

/** A hard link names a path from the root of the archive. */
function linkOut({type, path, linkpath = ''}: ReadEntry): string | undefined {
  if (type !== 'SymbolicLink' && type !== 'Link') return undefined;
  const from = type === 'Link' ? 'link' : namesOf(path);
  return linkProblem(from, linkpath);
}

const namesOf = (path: string): string =>
  path
    .split('/')
    .filter(name => name !== '' && name !== '.')
    .join('/');

const toError = (message: string | Error): Error => (message instanceof Error ? message : new Error(message));
