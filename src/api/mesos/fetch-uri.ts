import {err, ok} from '../../lib/result.ts';
import type {Result} from '../../lib/result.ts';
import {trimEndOf} from '../../lib/trim.ts';

/** What a URI of a task's CommandInfo asks for, before anything is fetched. */
export type FetchUri = {
  /** Without the fragment: what is asked for. An absolute path for `file`. */
  readonly location: string;
  readonly scheme: 'http' | 'https' | 'file';
  /** Relative to the sandbox; made of names only. */
  readonly path: string;
  readonly checksum?: Checksum;
};

/** `hex` in lower case. */
export type Checksum = {readonly algorithm: 'sha256' | 'sha512'; readonly hex: string};

const HEX_DIGITS = {sha256: 64, sha512: 128} as const;

/**
 * Reads a URI as Mesos's fetcher does, with one addition: a fragment `#sha256=…` or `#sha512=…` is what the content has
 * to hash to.
 *
 * @param outputFile the name wanted in the sandbox; else the last part of the URI's path
 * @returns what is wrong with the URI
 */
export function parseFetchUri(uri: string, outputFile: string | undefined): Result<FetchUri, string> {
  const [location = '', fragment] = splitAt(uri.trim(), '#');
  const scheme = schemeOf(location);
  if (!scheme.ok) return scheme;
  const checksum = checksumOf(fragment);
  if (!checksum.ok) return checksum;
  const target = scheme.value === 'file' ? filePath(location) : ok(location);
  if (!target.ok) return target;
  const path = sandboxPath(outputFile ?? fileName(target.value));
  if (!path.ok) return path;
  return ok({
    location: target.value,
    scheme: scheme.value,
    path: path.value,
    ...(checksum.value !== undefined && {checksum: checksum.value}),
  });
}

/** A URI for messages: without user, password and query, which may be secrets. */
export const withoutSecrets = (uri: string): string =>
  (splitAt(splitAt(uri, '#')[0] ?? '', '?')[0] ?? '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');

function splitAt(text: string, mark: string): [string, string?] {
  const index = text.indexOf(mark);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

/** A plain path is a file of the node. */
function schemeOf(location: string): Result<FetchUri['scheme'], string> {
  const [, name = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(location) ?? [];
  const scheme = name.toLowerCase();
  if (scheme === 'http' || scheme === 'https') {
    return /^https?:\/\/[^/?]+/i.test(location) ? ok(scheme) : err('the URI has no host');
  }
  if (scheme === 'file' || (scheme === '' && location.startsWith('/'))) return ok('file');
  return err(scheme === '' ? 'want an http, https or file URI' : `scheme '${scheme}' is not supported`);
}

function filePath(location: string): Result<string, string> {
  const path = location.replace(/^file:\/\/(localhost(?=\/))?/i, '');
  if (!path.startsWith('/')) return err('want an absolute path');
  return path.split('/').includes('..') ? err("the path must not contain '..'") : ok(path);
}

function checksumOf(fragment: string | undefined): Result<Checksum | undefined, string> {
  const [, algorithm = '', hex = ''] = /^(md5|sha\d+)=(.*)$/i.exec(fragment ?? '') ?? [];
  const name = algorithm.toLowerCase();
  if (name === '') return ok(undefined);
  if (name !== 'sha256' && name !== 'sha512') return err(`checksum ${name} is not supported: want sha256 or sha512`);
  const digits = HEX_DIGITS[name];
  return hex.length === digits && /^[0-9a-f]+$/i.test(hex)
    ? ok({algorithm: name, hex: hex.toLowerCase()})
    : err(`checksum ${name}: want ${digits} hexadecimal digits`);
}

function fileName(location: string): string {
  const path = (splitAt(location, '?')[0] ?? '').replace(/^[a-z]+:\/\/[^/]*/i, '');
  const last = trimEndOf(path, '/').split('/').at(-1) ?? '';
  try {
    const decoded = decodeURIComponent(last);
    return decoded.includes('/') ? last : decoded;
  } catch {
    return last;
  }
}

function sandboxPath(path: string): Result<string, string> {
  if (path === '') return err('the URI has no file name: set output_file');
  if (path.startsWith('/')) return err(`output file '${path}' must be relative to the sandbox`);
  const names = path.split('/').filter(name => name !== '' && name !== '.');
  if (names.length === 0 || names.includes('..') || path.includes('\0')) {
    return err(`output file '${path}' must stay in the sandbox`);
  }
  return ok(names.join('/'));
}
