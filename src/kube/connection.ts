import {readFile} from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';

import type {Clock} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {type Endpoint, type HttpRequest, openHttp} from './http-call.ts';
import {networkError} from './kube-error.ts';
import {type Environment, serviceAccountConfig} from './service-account.ts';
import {type ConnectionConfig, readTokenConfig} from './token-config.ts';
import type {KubeError} from './types.ts';

export type Connection = {
  /** How to reach the server now. The same object is returned for as long as nothing changed. */
  readonly endpoint: () => Promise<Result<Endpoint, KubeError>>;
  /** Reads the configuration anew, because `used` did not work; undefined when nothing has changed since. */
  readonly renew: (used: Endpoint) => Promise<Endpoint | undefined>;
};

/** Tokens and certificates rotate; client-node's plugins cache what is costly, so asking often is cheap. */
const CREDENTIALS_MS = 10_000;
const BULK_SOCKETS = 32;
/** Below the idle timeouts of the kube-apiserver (90 s) and of usual load balancers (60 s). */
const IDLE_SOCKET_MS = 30_000;

/**
 * Reads a kubeconfig file; without a path, what kubectl would use: KUBECONFIG, ~/.kube/config, in-cluster. A pod's own
 * service account is read without client-node, when its environment is given.
 */
export function configLoader(kubeconfigPath?: string, environment: Environment = {}): () => Promise<ConnectionConfig> {
  return async () => {
    if (kubeconfigPath === undefined && !environment['KUBECONFIG']) {
      const own = await serviceAccountConfig(environment);
      if (own !== undefined) return own;
    }
    const plain = kubeconfigPath === undefined ? undefined : readTokenConfig(await readFile(kubeconfigPath, 'utf8'));
    if (plain !== undefined) return plain;
    const {KubeConfig} = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    if (kubeconfigPath === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfigPath);
    return config;
  };
}

type Resolved = {readonly endpoint: Endpoint; readonly fingerprint: string; readonly untilMs: number};

/** A connection over what `load` returns; `load` may reject, for example while its file is being written. */
export function createConnection(load: () => Promise<ConnectionConfig>, clock: Clock): Connection {
  let config: ConnectionConfig | undefined;
  let current: Resolved | undefined;
  let pending: Promise<Resolved> | undefined;

  const resolve = (from: ConnectionConfig): Promise<Resolved> => {
    pending ??= resolveEndpoint(from, current, clock)
      .then(resolved => {
        config = from;
        return (current = resolved);
      })
      .finally(() => (pending = undefined));
    return pending;
  };

  const endpoint = async (): Promise<Result<Endpoint, KubeError>> => {
    if (current && clock.monotonic() < current.untilMs) return ok(current.endpoint);
    try {
      return ok((await resolve(config ?? (await load()))).endpoint);
    } catch (error) {
      return err(networkError(`kubeconfig: ${messageOf(error)}`));
    }
  };

  const renew = async (used: Endpoint): Promise<Endpoint | undefined> => {
    if (current && current.endpoint !== used) return current.endpoint;
    try {
      const {endpoint: renewed} = await resolve(await load());
      return renewed === used ? undefined : renewed;
    } catch {
      return undefined; // Half-written or gone: the old one stays until a later attempt reads it whole.
    }
  };
  return {endpoint, renew};
}

async function resolveEndpoint(
  config: ConnectionConfig,
  before: Resolved | undefined,
  clock: Clock,
): Promise<Resolved> {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`no cluster for the current context "${config.getCurrentContext()}"`);
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers = stringHeaders(options.headers);
  const auth = options.auth ?? undefined;
  const {ca, cert, key, servername, rejectUnauthorized} = options;
  const tls = {ca, cert, key, servername, rejectUnauthorized};
  const fingerprint = JSON.stringify([cluster.server, cluster.proxyUrl, headers, auth, tls]);
  const untilMs = clock.monotonic() + CREDENTIALS_MS;
  if (before?.fingerprint === fingerprint) return {...before, untilMs};
  const url = new URL(cluster.server);
  const proxy = cluster.proxyUrl && options.agent instanceof http.Agent ? options.agent : undefined;
  const agents = {bulk: proxy ?? pool(url, tls, BULK_SOCKETS), prompt: proxy ?? pool(url, tls, Infinity)};
  const open = (request: HttpRequest) => openHttp({url, headers, auth, agents}, request, clock);
  return {endpoint: {url, headers, open}, fingerprint, untilMs};
}

// A replaced pool is left to drain: its calls in flight go on, its idle sockets time out.
function pool(url: URL, tls: https.AgentOptions, maxSockets: number): http.Agent {
  const common = {keepAlive: true, maxSockets, scheduling: 'lifo', timeout: IDLE_SOCKET_MS} as const;
  return url.protocol === 'http:' ? new http.Agent(common) : new https.Agent({...common, ...tls});
}

function stringHeaders(headers: https.RequestOptions['headers']): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) out[name] = String(value);
  }
  return out;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
