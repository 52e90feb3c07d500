import {Buffer} from 'node:buffer';
import type {Kind} from '../../src/crds/kind.ts';
import {KINDS} from '../../src/crds/kinds.ts';
import {crdManifest} from '../../src/crds/manifest.ts';
import {createKubeClient, type KubeClientOptions} from '../../src/kube/client.ts';
import type {Endpoint, HttpFailure, HttpRequest, Open} from '../../src/kube/http-call.ts';
import {CUSTOM_RESOURCE_DEFINITIONS} from '../../src/kube/kinds.ts';
import {explainKubeError, httpError, networkError} from '../../src/kube/kube-error.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {apiVersionOf, queryString, resourcePath} from '../../src/kube/resource-path.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import type {
  DeleteOptions,
  KubeClient,
  KubeError,
  KubeList,
  KubeObject,
  PatchType,
  ResourceKind,
  WatchEvent,
} from '../../src/kube/types.ts';
import type {Clock, Random} from '../../src/lib/clock.ts';
import {err, ok, type Result} from '../../src/lib/result.ts';
import {type Api, openApi} from '../../src/standalone/apiserver/api.ts';
import type {Reply} from '../../src/standalone/apiserver/respond.ts';
import {answer, wholeReply} from '../../src/standalone/apiserver/service.ts';

export type TestKubeOptions = {
  /** Of server and client: timestamps, watch timeouts, the server's controllers. The system's when absent. */
  readonly clock?: Clock;
  readonly random?: Random;
  /** Custom kinds that are there; all of ours when absent. */
  readonly kinds?: readonly Kind[];
  /** Namespaces that are there besides `default` and Kubernetes's own. */
  readonly namespaces?: readonly string[];
};

/** Where a user's helper acts; `default` when no namespace is given. */
type Place = {readonly namespace?: string; readonly subresource?: string};

/** A call of a client, as the network sees it. `body` of a delete: its options. */
export type NetworkCall = {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'raw';
  readonly kind: ResourceKind;
  readonly name: string;
  readonly body: unknown;
  readonly subresource: string | undefined;
};

/** `answer-lost`: the call takes effect, and its caller learns of a broken connection. An error: it takes no effect. */
export type Fault = KubeError | 'answer-lost';

const USER = 'kubectl';
const definitionOf = (kind: Kind): KubeObject => crdManifest(kind) as KubeObject;

/**
 * The embedded API server in this process, objects in memory, our kinds installed: real versions, conflicts, schemas,
 * finalizers, watches. It is there at once, holds no file, port or timer of the process when its clock is virtual, and
 * needs no closing.
 *
 * ```ts
 * const kube = new TestKube({clock, namespaces: ['mesos']});
 * const app = kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: {cmd: 'sleep 9', instances: 1}});   // a user
 * startTheShellUnderTest({client: kube.client, clock});
 * await clock.advanceAsync(1000);
 * kube.patch(MARATHON_APPS, 'web', {spec: {instances: 2}});
 * t.is(kube.find(PODS, 'web-1')?.spec.nodeName, 'a1');
 *
 * kube.fault = ({verb, name}) => (verb === 'patch' && name === 'web' ? refusal(409, 'Conflict') : undefined);
 * kube.cut();   // every watch breaks off
 * ```
 *
 * Helpers are synchronous and throw when the server refuses; refusals are tested through `client`. All that the client
 * does settles in promises alone: `await settle()` (virtual-clock.ts) lets it come to rest. The server's own controllers
 * (garbage, namespaces) act when its clock moves, also by 0.
 */
export class TestKube {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #watches = new Set<(error: KubeError) => void>();
  /** A client of this server over a network that `fault` and `cut` break. */
  readonly client: KubeClient;
  /** Asked before each call of `client`. */
  fault: ((call: NetworkCall) => Fault | undefined | Promise<Fault | undefined>) | undefined;

  constructor({clock = patientClock, random = () => 0.5, kinds = KINDS, namespaces = []}: TestKubeOptions = {}) {
    const api = openApi({clock, random, log: silentLogger});
    if (!api.ok) throw new Error(api.error);
    this.#api = api.value;
    this.#clock = clock;
    for (const kind of kinds) this.create(CUSTOM_RESOURCE_DEFINITIONS, definitionOf(kind));
    for (const name of namespaces) this.create(NAMESPACES, {metadata: {name}});
    this.client = this.clientFor();
  }

  /** A client with options of its own: a fence, a rate limit, another clock. */
  clientFor(options: Partial<KubeClientOptions> = {}): KubeClient {
    const client = createKubeClient({endpoint: this.#endpoint(), log: silentLogger, clock: this.#clock, ...options});
    return breakable(client, {
      fault: async call => this.fault?.(call),
      watches: this.#watches,
    });
  }

  /** The revision of the latest change. */
  get version(): string {
    return String(this.#api.cluster.store.revision());
  }

  /** Forgets what happened up to now: a watch from an older version ends with 410. */
  compact(): void {
    this.#api.cluster.store.compact();
  }

  /** Every watch of the clients breaks off. */
  cut(error: KubeError = networkError('cut')): void {
    for (const end of [...this.#watches]) end(error);
  }

  /** Every object of a kind, in the order of their names. */
  objects<T = KubeObject>(kind: ResourceKind): readonly T[] {
    const {items} = this.#call<KubeList<T>>('GET', resourcePath(kind, {}));
    return items.map(item => ({apiVersion: apiVersionOf(kind), kind: kind.kind, ...item}));
  }

  find<T = KubeObject>(kind: ResourceKind, name: string, namespace?: string): T | undefined {
    const found = this.#ask<T>('GET', pathOf(kind, name, {namespace}));
    if (found.ok) return found.value;
    if (found.error.kind === 'http' && found.error.status === 404) return undefined;
    throw new Error(explainKubeError(found.error));
  }

  /** `apiVersion`, `kind` and the namespace `default` are filled in. Where a kind has a status of its own, it is dropped. */
  create<T = KubeObject>(kind: ResourceKind, object: Partial<KubeObject> & Pick<KubeObject, 'metadata'>): T {
    const namespace = kind.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
    const named = {apiVersion: apiVersionOf(kind), kind: kind.kind, ...object};
    return this.#call<T>('POST', resourcePath(kind, {namespace}), {...named, metadata: {...named.metadata, namespace}});
  }

  update<T = KubeObject>(kind: ResourceKind, object: KubeObject, {subresource}: Place = {}): T {
    const {name, namespace} = object.metadata;
    return this.#call<T>('PUT', pathOf(kind, name, {namespace, subresource}), object);
  }

  /** A merge patch, as `kubectl patch --type=merge`. */
  patch<T = KubeObject>(kind: ResourceKind, name: string, body: unknown, place: Place = {}): T {
    return this.#call<T>('PATCH', pathOf(kind, name, place), body, CONTENT_TYPES.merge);
  }

  delete(kind: ResourceKind, name: string, options: DeleteOptions & Place = {}): void {
    const {namespace, uid, resourceVersion, ...others} = options;
    const body = {apiVersion: 'v1', kind: 'DeleteOptions', ...others, preconditions: {uid, resourceVersion}};
    this.#call('DELETE', pathOf(kind, name, {namespace}), body);
  }

  /** Makes the server know a kind that is not ours, whose objects may hold anything and have a status of their own. */
  define({group, version, plural, kind, namespaced}: ResourceKind): void {
    const openAPIV3Schema = {type: 'object', 'x-kubernetes-preserve-unknown-fields': true};
    const subresources = {status: {}};
    this.create(CUSTOM_RESOURCE_DEFINITIONS, {
      metadata: {name: `${plural}.${group}`},
      spec: {
        group,
        scope: namespaced ? 'Namespaced' : 'Cluster',
        names: {plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`},
        versions: [{name: version, served: true, storage: true, subresources, schema: {openAPIV3Schema}}],
      },
    });
  }

  #call<T>(method: string, path: string, body?: unknown, contentType?: string): T {
    const answered = this.#ask<T>(method, path, body, contentType);
    if (answered.ok) return answered.value;
    throw new Error(`${method} ${path}: ${explainKubeError(answered.error)}`);
  }

  #ask<T>(method: string, path: string, body?: unknown, contentType = 'application/json'): Result<T, KubeError> {
    const query = method === 'GET' || method === 'DELETE' ? '' : queryString({fieldManager: USER});
    const text = body === undefined ? '' : JSON.stringify(body);
    const found = this.#answer({method, path: path + query, body: text, headers: {'Content-Type': contentType}});
    if (found.kind !== 'reply') throw new Error(`${method} ${path} is a stream`);
    const {status, text: answered} = found.reply;
    return status < 300 ? ok(JSON.parse(answered) as T) : err(httpError(status, answered));
  }

  /** Where the clients' requests go: no socket in between, and the same handlers as behind one. */
  #endpoint(): Endpoint {
    return {
      url: new URL('https://in.process'),
      headers: {},
      open: async request => {
        if (request.signal?.aborted || request.maySend?.() === false) return unsent('not to be sent any more');
        const found = this.#answer(request);
        return ok(found.kind === 'reply' ? whole(found.reply) : streamed(found.start, request.signal));
      },
    };
  }

  #answer({method, path, headers, body = ''}: Omit<HttpRequest, 'lane'>) {
    const service = {...this.#api, token: '', address: () => 'in.process'};
    const found = answer(service, {
      method,
      url: path,
      accept: 'application/json',
      contentType: headers?.['Content-Type'],
      userAgent: headers?.['User-Agent'],
    });
    switch (found.kind) {
      case 'reply':
        return {kind: found.kind, reply: wholeReply(found.reply)};
      case 'body':
        return {kind: 'reply' as const, reply: wholeReply(found.reply(Buffer.from(body)))};
      case 'events':
        return found;
      default:
        throw new Error('there are no nodes with logs here');
    }
  }
}

/** Real time that keeps no process alive. */
const patientClock: Clock = {
  ...systemClock,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref();
    return {cancel: () => clearTimeout(timer)};
  },
};

const NAMESPACES: ResourceKind = {group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false};
const CONTENT_TYPES: Pick<Record<PatchType, string>, 'merge'> = {merge: 'application/merge-patch+json'};

const pathOf = (kind: ResourceKind, name: string, {namespace = 'default', subresource}: Place): string =>
  resourcePath(kind, {namespace: kind.namespaced ? namespace : undefined, name, subresource});

const unsent = (message: string): Result<never, HttpFailure> => err({message, unsent: true, stale: false});

/** An error as a server would answer it. */
export const refusal = (status: number, reason: string, message = reason): KubeError => ({
  kind: 'http',
  status,
  reason,
  message,
});

function whole({status, text, retryAfterSeconds}: Reply): Open {
  const headers = retryAfterSeconds === undefined ? {} : {'retry-after': String(retryAfterSeconds)};
  return {
    status,
    headers,
    body: (async function* () {
      yield Buffer.from(text);
    })(),
    discard: () => {},
  };
}

type Start = (sink: {write: (line: string) => boolean; end: () => void}) => () => void;

/** A watch's events, as the body of an answer. */
function streamed(start: Start, signal: AbortSignal | undefined): Open {
  const lines: string[] = [];
  let ended = false;
  let wake = (): void => {};
  const stop = start({
    write: line => {
      lines.push(line);
      wake();
      return true;
    },
    end: () => {
      ended = true;
      wake();
    },
  });
  signal?.addEventListener('abort', stop, {once: true});
  const body = async function* () {
    for (;;) {
      // What was written at once arrives at once, as over a socket.
      if (lines.length > 0) yield Buffer.from(lines.splice(0).join(''));
      else if (ended) return;
      else await new Promise<void>(resolve => (wake = resolve));
    }
  };
  return {status: 200, headers: {}, body: body(), discard: stop};
}

type Breakage = {
  readonly fault: (call: NetworkCall) => Promise<Fault | undefined>;
  readonly watches: Set<(error: KubeError) => void>;
};

/** The client over a network that may refuse, lose answers and break watches. */
function breakable(client: KubeClient, {fault, watches}: Breakage): KubeClient {
  const over = async <T>(
    [verb, kind, name, body, subresource]: [NetworkCall['verb'], ResourceKind, string, unknown?, string?],
    act: () => Promise<Result<T, KubeError>>,
  ): Promise<Result<T, KubeError>> => {
    const found = await fault({verb, kind, name, body, subresource});
    if (found !== undefined && found !== 'answer-lost') return err(found);
    const answered = await act();
    return found === undefined ? answered : err(networkError('the answer was lost'));
  };
  return {
    get: <T>(kind: ResourceKind, name: string, namespace?: string) =>
      over(['get', kind, name], () => client.get<T>(kind, name, namespace)),
    list: (kind, options) => over(['list', kind, ''], () => client.list(kind, options)),
    create: (kind, object, options) =>
      over(['create', kind, object.metadata.name, object, options?.subresource], () =>
        client.create(kind, object, options),
      ),
    update: (kind, object, options) =>
      over(['update', kind, object.metadata.name, object, options?.subresource], () =>
        client.update(kind, object, options),
      ),
    patch: (kind, name, namespace, type, body, options) =>
      over(['patch', kind, name, body, options?.subresource], () =>
        client.patch(kind, name, namespace, type, body, options),
      ),
    delete: (kind, name, namespace, options) =>
      over(['delete', kind, name, options], () => client.delete(kind, name, namespace, options)),
    watch: <T>(
      kind: ResourceKind,
      options: Parameters<KubeClient['watch']>[1],
      onEvent: (event: WatchEvent<T>) => void,
    ) => over(['watch', kind, ''], () => watchUntilCut(client, kind, options, onEvent, watches)),
    raw: (method, path, body) => over(['raw', RAW, `${method} ${path}`, body], () => client.raw(method, path, body)),
  };
}

const RAW: ResourceKind = {group: '', version: '', plural: '', kind: '', namespaced: false};

async function watchUntilCut<T>(
  client: KubeClient,
  kind: ResourceKind,
  options: Parameters<KubeClient['watch']>[1],
  onEvent: (event: WatchEvent<T>) => void,
  watches: Set<(error: KubeError) => void>,
): Promise<Result<void, KubeError>> {
  const stopped = new AbortController();
  let end = (_error: KubeError): void => {};
  const broken = new Promise<Result<void, KubeError>>(resolve => (end = error => resolve(err(error))));
  watches.add(end);
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  const watched = client.watch<T>(kind, {...options, signal}, event => {
    if (!signal.aborted) onEvent(event);
  });
  const ended = await Promise.race([watched, broken]);
  watches.delete(end);
  stopped.abort();
  return ended;
}
