import {resolve} from 'node:path';
import {fetcherInfoSchema} from '../api/mesos/fetcher-info.ts';
import {decodeJson} from '../api/mesos/v1/json.ts';
import {fetchUris} from '../executor-shim/fetch/fetch-uris.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import type {FlagValues} from '../lib/flags.ts';
import {err, ok, type Result} from '../lib/result.ts';
import type {FETCH_FLAGS} from './fetch-flags.ts';
import type {Surroundings} from './program.ts';

/** The init container of a task with URIs. The last line that it writes says why it failed. */
export async function runFetch(
  {sandbox, fetcher_info}: FlagValues<typeof FETCH_FLAGS>,
  {print, complain, stopRequested}: Surroundings,
): Promise<number> {
  const info = parseJson(fetcher_info);
  const decoded = info.ok ? decodeJson(fetcherInfoSchema, info.value) : info;
  if (!decoded.ok) {
    complain(`--fetcher_info: ${decoded.error}`);
    return 1;
  }
  const stop = new AbortController();
  void stopRequested.then(signal => stop.abort(new Error(`stopped by ${signal}`)));
  const fetched = await fetchUris({
    sandbox: resolve(sandbox),
    info: decoded.value,
    clock: systemClock,
    random: systemRandom,
    stop: stop.signal,
    onFetched: path => print(`Fetched ${path}`),
  });
  if (fetched.ok) return 0;
  complain(fetched.error);
  return 1;
}

function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err('want JSON');
  }
}
