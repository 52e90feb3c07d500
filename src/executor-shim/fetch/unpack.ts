import {createReadStream} from 'node:fs';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {basename, dirname} from 'node:path';
import {createGunzip} from 'node:zlib';
import unbzip2 from 'unbzip2-stream';
import {err, ok, type Result} from '../../lib/result.ts';
import {TooLarge} from './download.ts';
import {createFile} from './sandbox-path.ts';
import {untar} from './untar.ts';
import {unzip} from './unzip.ts';
import {unxz} from './unxz.ts';

type Format = (archive: string, directory: string, maxBytes: number) => Promise<void>;

const tarFrom =
  (decode: (packed: Readable) => Readable): Format =>
  (archive, directory, maxBytes) =>
    untar(decode(createReadStream(archive)), directory, maxBytes);

const gunzipped = (packed: Readable): Readable => {
  const plain = createGunzip();
  packed.on('error', error => plain.destroy(error));
  return packed.pipe(plain);
};

const unbzipped = (packed: Readable): Readable => Readable.from(decodeBzip2(packed));

/** The decoder is a stream of the old kind, which works while it is written to. */
async function* decodeBzip2(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = unbzip2();
  const plain: Buffer[] = [];
  const problems: Error[] = [];
  decoder.on('data', (chunk: Buffer) => plain.push(chunk));
  decoder.on('error', (error: Error) => problems.push(error));
  for await (const chunk of packed) {
    decoder.write(chunk);
    yield* plain.splice(0);
  }
  decoder.end();
  if (problems[0] !== undefined) throw problems[0];
  yield* plain;
}

/** By the end of the file's name, as Mesos knows them; the longer names first. */
const FORMATS: readonly (readonly [ending: string, format: Format])[] = [
  ['.tar', tarFrom(packed => packed)],
  ['.tar.gz', tarFrom(gunzipped)],
  ['.tgz', tarFrom(gunzipped)],
  ['.tar.bz2', tarFrom(unbzipped)],
  ['.tbz2', tarFrom(unbzipped)],
  ['.tar.xz', tarFrom(unxz)],
  ['.txz', tarFrom(unxz)],
  ['.zip', unzip],
  ['.gz', gunzipFile],
];

const formatOf = (path: string): Format | undefined => FORMATS.find(([ending]) => path.endsWith(ending))?.[1];

/**
 * Unpacks an archive into its own directory; the archive stays.
 *
 * @param maxBytes the most that may come out of it
 * @returns whether it is an archive at all, or what is wrong with it
 */
export async function unpack(archive: string, maxBytes: number): Promise<Result<boolean, string>> {
  const format = formatOf(archive);
  if (format === undefined) return ok(false);
  try {
    await format(archive, dirname(archive), maxBytes);
    return ok(true);
  } catch (error) {
    return err(`${basename(archive)} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function gunzipFile(archive: string, _directory: string, maxBytes: number): Promise<void> {
  const file = await createFile(archive.slice(0, -'.gz'.length));
  await pipeline(createReadStream(archive), createGunzip(), counted(maxBytes), file.createWriteStream());
}

const counted = (maxBytes: number) =>
  async function* count(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new TooLarge(maxBytes);
      yield chunk;
    }
  };
