import {type FetchUri, parseFetchUri, withoutSecrets} from '../../api/mesos/fetch-uri.ts';
import type {FetcherInfo} from '../../api/mesos/fetcher-info.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {download, type Limits} from './download.ts';
import type {FetchError} from './http-get.ts';
import {sandboxFile, share, shareTree} from './sandbox-path.ts';
import {unpack} from './unpack.ts';

export type FetchOptions = {
  /** Absolute. */
  readonly sandbox: string;
  readonly info: FetcherInfo;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends everything. */
  readonly stop: AbortSignal;
  readonly onFetched: (path: string) => void;
};

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 1000;
const DEFAULT_STALL_MS = 60_000;
const DEFAULT_MAX_BYTES = 2 * 2 ** 30;

type Item = FetcherInfo['items'] extends readonly (infer T)[] | undefined ? T : never;

/**
 * Brings the URIs of a task into its sandbox, one after the other: downloads each, checks it, unpacks archives or makes
 * programs executable.
 *
 * @returns one sentence on the first that failed
 */
export async function fetchUris(options: FetchOptions): Promise<Result<void, string>> {
  for (const {uri} of options.info.items ?? []) {
    const done = await fetchOne(uri, options);
    if (!done.ok) return err(`Failed to fetch '${withoutSecrets(uri.value)}': ${done.error}`);
  }
  await shareTree(options.sandbox);
  return ok(undefined);
}

async function fetchOne(uri: Item['uri'], options: FetchOptions): Promise<Result<void, string>> {
  const parsed = parseFetchUri(uri.value, uri.output_file);
  if (!parsed.ok) return parsed;
  const limits = limitsOf(options.info);
  try {
    const target = await sandboxFile(options.sandbox, parsed.value.path);
    const downloaded = await repeatedly(() => attempt(parsed.value, target, limits, options), options);
    if (!downloaded.ok) return err(downloaded.error.message);
    options.onFetched(parsed.value.path);
    if (uri.executable === true) await share(target, true);
    else if (uri.extract ?? true) {
      const unpacked = await unpack(target, limits.maxBytes);
      if (!unpacked.ok) return unpacked;
    }
    return ok(undefined);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

const limitsOf = ({stall_timeout, max_size}: FetcherInfo): Limits => ({
  stallMs: stall_timeout === undefined ? DEFAULT_STALL_MS : stall_timeout.nanoseconds / 1e6,
  maxBytes: max_size ?? DEFAULT_MAX_BYTES,
});

const attempt = (
  uri: FetchUri,
  target: string,
  limits: Limits,
  {clock, stop}: FetchOptions,
): Promise<Result<void, FetchError>> => download(uri, target, limits, clock, stop);

/** Tries again what may be better the next time, after waits that double and vary. */
async function repeatedly(
  run: () => Promise<Result<void, FetchError>>,
  {clock, random, stop}: FetchOptions,
): Promise<Result<void, FetchError>> {
  for (let count = 1; ; count++) {
    const result = await run();
    if (result.ok || !result.error.retry || count === ATTEMPTS) return result;
    const waitMs = FIRST_WAIT_MS * 2 ** (count - 1) * (0.5 + random());
    await waitFor(clock, waitMs, stop);
    if (stop.aborted) return result;
  }
}

const waitFor = (clock: Clock, ms: number, stop: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const timer = clock.after(ms, resolve);
    const stopped = (): void => {
      timer.cancel();
      resolve();
    };
    if (stop.aborted) stopped();
    else stop.addEventListener('abort', stopped, {once: true});
  });
