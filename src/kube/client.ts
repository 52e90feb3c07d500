import type {KubeConfig} from '@kubernetes/client-node';
import type {Clock, Random} from '../lib/clock.ts';
import {ok, type Result} from '../lib/result.ts';
import {configLoader, type Connection, createConnection} from './connection.ts';
import type {Endpoint} from './http-call.ts';
import type {Logger} from './log.ts';
import {type RateLimit, RateLimiter} from './rate-limit.ts';
import {apiVersionOf, queryString, resourcePath} from './resource-path.ts';
import type {Environment} from './service-account.ts';
import {systemRandom} from './system-clock.ts';
import {Transport, type Call, type RequestObservation} from './transport.ts';
import type {
  DeleteOptions,
  KubeClient,
  KubeError,
  KubeList,
  KubeObject,
  PatchType,
  ResourceKind,
  WriteOptions,
} from './types.ts';

export type KubeClientOptions = {
  /** Without it and without `kubeConfig`: KUBECONFIG, ~/.kube/config, in-cluster. A missing file is tried again. */
  readonly kubeconfigPath?: string;
  /** This process's variables: where a pod finds its API server. */
  readonly environment?: Environment;
  readonly kubeConfig?: KubeConfig;
  /** A server that is reached without any configuration: one in this process. */
  readonly endpoint?: Endpoint;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random?: Random;
  /** May this process write now? Asked before every attempt of every write. */
  readonly fence?: () => boolean;
  /** Aborted when this process may write no more, for good: writes under way are broken off. */
  readonly fenced?: AbortSignal;
  readonly userAgent?: string;
  /** Of all requests but those that must not queue: watches, Leases. Unlimited when absent. */
  readonly rateLimit?: RateLimit;
  readonly observe?: (observation: RequestObservation) => void;
};

const REQUEST_MS = 30_000;
const LIST_MS = 60_000;
/** A watch that outlives its own limit by this much is on a dead connection. */
const WATCH_GRACE_MS = 30_000;

const CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml', // JSON is YAML
};

/**
 * A Kubernetes client over raw JSON. It never throws for what the network or the server does, also not when its
 * kubeconfig is missing or wrong: calls answer with a `network` error until it can be read.
 */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const transport = transportOf(options);
  const json = <T>(call: Call): Promise<Result<T, KubeError>> => transport.json<T>(call);

  return {
    get: <T = KubeObject>(kind: ResourceKind, name: string, namespace?: string) =>
      json<T>(callOf('get', 'GET', kind, resourcePath(kind, {namespace, name}))),

    list: async (kind, {namespace, ...query}) => {
      const path = resourcePath(kind, {namespace}) + queryString(query);
      const list = await json<KubeList<never>>({...callOf('list', 'GET', kind, path), timeoutMs: LIST_MS});
      if (list.ok) nameItems(kind, list.value);
      return list;
    },

    create: <T = KubeObject>(kind: ResourceKind, object: KubeObject, write: WriteOptions = {}) => {
      const {namespace, name} = object.metadata;
      const {subresource} = write;
      const place = subresource === undefined ? {namespace} : {namespace, name, subresource};
      return json<T>(writeOf('create', 'POST', kind, resourcePath(kind, place), object, write));
    },

    update: <T = KubeObject>(kind: ResourceKind, object: KubeObject, write: WriteOptions = {}) => {
      const {namespace, name} = object.metadata;
      const path = resourcePath(kind, {namespace, name, subresource: write.subresource});
      return json<T>(writeOf('update', 'PUT', kind, path, object, write));
    },

    patch: <T = KubeObject>(
      kind: ResourceKind,
      name: string,
      namespace: string | undefined,
      type: PatchType,
      body: unknown,
      write: WriteOptions = {},
    ) => {
      const path = resourcePath(kind, {namespace, name, subresource: write.subresource});
      return json<T>({...writeOf('patch', 'PATCH', kind, path, body, write), contentType: CONTENT_TYPES[type]});
    },

    delete: async (kind, name, namespace, remove = {}) => {
      const path = resourcePath(kind, {namespace, name});
      const deleted = await transport.send(writeOf('delete', 'DELETE', kind, path, deleteBody(remove), {}));
      return deleted.ok ? ok(undefined) : deleted;
    },

    watch: (kind, {namespace, signal, timeoutSeconds = 300, ...query}, onEvent) => {
      const parameters = {...query, timeoutSeconds, watch: true, allowWatchBookmarks: true};
      const path = resourcePath(kind, {namespace}) + queryString(parameters);
      const timeoutMs = timeoutSeconds * 1000 + WATCH_GRACE_MS;
      return transport.watch({...callOf('watch', 'GET', kind, path), lane: 'prompt', timeoutMs, signal}, onEvent);
    },

    raw: (method, path, body) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      return transport.exchange({
        verb: 'other',
        resource: '',
        method,
        path,
        body: text,
        lane: 'prompt',
        timeoutMs: REQUEST_MS,
      });
    },
  };
}

function transportOf(options: KubeClientOptions): Transport {
  const {log, clock, random = systemRandom} = options;
  const connection = connectionOf(options);
  const {fence = () => true, fenced, userAgent = 'mesos-operator', observe = () => {}} = options;
  const limiter = options.rateLimit === undefined ? undefined : new RateLimiter(options.rateLimit, clock);
  return new Transport({connection, log, clock, random, fence, fenced, userAgent, observe, limiter});
}

function connectionOf({kubeConfig, kubeconfigPath, environment, endpoint, clock}: KubeClientOptions): Connection {
  if (endpoint !== undefined) return {endpoint: async () => ok(endpoint), renew: async () => undefined};
  return createConnection(kubeConfig ? async () => kubeConfig : configLoader(kubeconfigPath, environment), clock);
}

function callOf(verb: Call['verb'], method: string, kind: ResourceKind, path: string): Call {
  // A Lease must not wait behind a thousand pods: whoever renews it late loses it.
  const lane = kind.plural === 'leases' ? 'prompt' : 'bulk';
  return {verb, resource: kind.plural, method, path, lane, timeoutMs: REQUEST_MS};
}

function writeOf(
  verb: Call['verb'],
  method: string,
  kind: ResourceKind,
  path: string,
  body: unknown,
  {fieldManager, force, dryRun}: WriteOptions,
): Call {
  const query = queryString({fieldManager, force, dryRun: dryRun ? 'All' : undefined});
  return {...callOf(verb, method, kind, path + query), body: JSON.stringify(body)};
}

function deleteBody({gracePeriodSeconds, propagationPolicy, uid, resourceVersion}: DeleteOptions): unknown {
  const preconditions = uid === undefined && resourceVersion === undefined ? undefined : {uid, resourceVersion};
  return {apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds, propagationPolicy, preconditions};
}

/** Lists of built-in kinds leave `apiVersion` and `kind` out of their items. */
function nameItems(kind: ResourceKind, list: KubeList<object>): void {
  const names = {apiVersion: apiVersionOf(kind), kind: kind.kind};
  for (const item of list.items) {
    if (!('kind' in item)) Object.assign(item, names);
  }
}
