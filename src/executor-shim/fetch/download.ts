import {createHash, type Hash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {rename, rm} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {Checksum, FetchUri} from '../../api/mesos/fetch-uri.ts';
import type {Clock} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {causeOf, type FetchError, hopeless, httpGet} from './http-get.ts';
import {createFile} from './sandbox-path.ts';
import {StallGuard} from './stall-guard.ts';

export type Limits = {
  /** Without a byte for so long, an attempt is given up. */
  readonly stallMs: number;
  /** Of one download, and of all that comes out of one archive. */
  readonly maxBytes: number;
};

/**
 * Brings a file into the sandbox: it appears under `target` whole and checked, or not at all.
 *
 * @param target absolute; its directory exists
 */
export async function download(
  uri: FetchUri,
  target: string,
  limits: Limits,
  clock: Clock,
  stop: AbortSignal,
): Promise<Result<void, FetchError>> {
  const guard = new StallGuard(clock, limits.stallMs, stop);
  const part = `${target}.part`;
  try {
    const source = await open(uri, limits, guard.signal);
    if (!source.ok) return source;
    const hash = uri.checksum === undefined ? undefined : createHash(uri.checksum.algorithm);
    await pipeline(
      source.value,
      chunks => watch(chunks, limits, guard, hash),
      (await createFile(part)).createWriteStream(),
      {signal: guard.signal},
    );
    const wrong = checksumProblem(uri.checksum, hash);
    if (wrong !== undefined) return hopeless(wrong);
    await rename(part, target);
    return ok(undefined);
  } catch (error) {
    return error instanceof TooLarge
      ? hopeless(error.message)
      : err({message: causeOf(guard.signal.aborted ? guard.signal.reason : error), retry: !stop.aborted});
  } finally {
    guard.end();
    await rm(part, {force: true});
  }
}

async function open(uri: FetchUri, limits: Limits, signal: AbortSignal): Promise<Result<Readable, FetchError>> {
  if (uri.scheme === 'file') return openFile(uri.location);
  const answer = await httpGet(uri.location, signal);
  if (!answer.ok) return answer;
  const length = Number(answer.value.headers['content-length'] ?? 0);
  if (length <= limits.maxBytes) return answer;
  answer.value.destroy();
  return hopeless(new TooLarge(limits.maxBytes).message);
}

async function openFile(path: string): Promise<Result<Readable, FetchError>> {
  const stream = createReadStream(path);
  return new Promise(resolve => {
    stream.once('open', () => resolve(ok(stream)));
    stream.once('error', error => resolve(hopeless(error.message)));
  });
}

async function* watch(
  chunks: AsyncIterable<Buffer>,
  {maxBytes}: Limits,
  guard: StallGuard,
  hash: Hash | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new TooLarge(maxBytes);
    guard.progress();
    hash?.update(chunk);
    yield chunk;
  }
}

/** More than a task may fetch. */
export class TooLarge extends Error {
  constructor(maxBytes: number) {
    super(`larger than ${maxBytes} bytes`);
  }
}

function checksumProblem(checksum: Checksum | undefined, hash: Hash | undefined): string | undefined {
  const found = hash?.digest('hex');
  return checksum === undefined || found === checksum.hex
    ? undefined
    : `its ${checksum.algorithm} is ${found}, not ${checksum.hex}`;
}
