import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import type {FetcherInfo} from '../../../src/api/mesos/fetcher-info.ts';
import {fetchUris} from '../../../src/executor-shim/fetch/fetch-uris.ts';
import type {Result} from '../../../src/lib/result.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Uri = NonNullable<FetcherInfo['items']>[number]['uri'];

/** A directory that is gone after the test. */
export async function scratch(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mesos-fetch-'));
  t.teardown(() => rm(directory, {recursive: true, force: true}));
  await chmod(directory, 0o777);
  return directory;
}

/** An HTTP server that is stopped after the test. @returns its origin */
export async function serve(t: ExecutionContext, handler: Handler): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Fetches into a sandbox; time passes as soon as the fetcher waits. */
export async function fetchInto(
  sandbox: string,
  uris: readonly Uri[],
  limits: Omit<FetcherInfo, 'items'> = {},
  stop: AbortSignal = new AbortController().signal,
): Promise<Result<void, string>> {
  const clock = new VirtualClock();
  let result: Result<void, string> | undefined;
  const done = fetchUris({
    sandbox,
    info: {items: uris.map(uri => ({uri})), stall_timeout: {nanoseconds: 3_600_000e9}, ...limits},
    clock,
    random: () => 0.5,
    stop,
    onFetched: () => undefined,
  }).then(value => {
    result = value;
  });
  // The waits between attempts take seconds, those for a byte an hour.
  while (result === undefined) {
    await settle();
    clock.advance(clock.nextDueMs !== undefined && clock.nextDueMs - clock.monotonic() < 60_000 ? 60_000 : 0);
  }
  await done;
  return result;
}
