import {mkdtemp, readFile, rm} from 'node:fs/promises';
import type {IncomingMessage} from 'node:http';
import {Agent, request} from 'node:https';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {ExecutionContext} from 'ava';
import {parse} from 'yaml';
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock} from '../../../src/kube/system-clock.ts';
import {startApiServer} from '../../../src/standalone/apiserver/server.ts';

/** A decoded answer; `at` looks into it. */
export type Json = Readonly<Record<string, unknown>>;

/** The value under a chain of field names or indexes; undefined as soon as one is missing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, step);
  }
  return found;
}

export const versionOf = (object: unknown): string => String(at(object, 'metadata', 'resourceVersion'));

/** Names of a list's items, in order. */
export function namesOf(list: unknown): readonly unknown[] {
  const items = at(list, 'items');
  return Array.isArray(items) ? items.map(item => at(item, 'metadata', 'name')) : [];
}

export type Answer = {
  readonly status: number;
  /** Parsed JSON; `{}` when the answer is none. */
  readonly body: Json;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
};

export type CallOptions = {
  readonly contentType?: string;
  readonly accept?: string;
  /** Sent as it is instead of `body` as JSON. */
  readonly raw?: string;
};

/** Events of one watch, in order; `next` waits for one more. */
export type WatchStream = {
  readonly next: () => Promise<{type: string; object: Json} | undefined>;
  readonly close: () => void;
};

const GIVEN = process.env['CONTRACT_KUBECONFIG'];
/** A real garbage collector looks for new kinds every 30 s. */
const PATIENCE_MS = 75_000;
const LOOK_EVERY_MS = 25;

/** The API server under test: any that a kubeconfig leads to. */
export class Target {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #token: string | undefined;
  readonly kubeconfigPath: string;

  private constructor(kubeconfigPath: string, server: string, agent: Agent, token: string | undefined) {
    this.kubeconfigPath = kubeconfigPath;
    this.#server = server;
    this.#agent = agent;
    this.#token = token;
  }

  /** The one that CONTRACT_KUBECONFIG names, or an embedded one of its own in a directory that goes with it. */
  static async open(): Promise<Target & {stop: () => Promise<void>}> {
    if (GIVEN !== undefined) return Object.assign(await Target.ofKubeconfig(GIVEN), {stop: async () => {}});
    const dataDir = await mkdtemp(join(tmpdir(), 'mesos-contract-'));
    const started = await startApiServer({dataDir, ip: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger});
    if (!started.ok) throw new Error(started.error.message);
    const target = await Target.ofKubeconfig(started.value.kubeconfigPath);
    const stop = async () => {
      await started.value.close();
      await rm(dataDir, {recursive: true, force: true});
    };
    return Object.assign(target, {stop});
  }

  static async ofKubeconfig(path: string): Promise<Target> {
    const config = parse(await readFile(path, 'utf8'));
    const context = config.contexts.find((each: Json) => each['name'] === config['current-context']).context;
    const cluster = config.clusters.find((each: Json) => each['name'] === context.cluster).cluster;
    const user = config.users.find((each: Json) => each['name'] === context.user).user;
    const pem = (text?: string) => (text === undefined ? undefined : Buffer.from(text, 'base64'));
    const agent = new Agent({
      keepAlive: true,
      ca: pem(cluster['certificate-authority-data']),
      cert: pem(user['client-certificate-data']),
      key: pem(user['client-key-data']),
    });
    return new Target(path, cluster.server, agent, user.token);
  }

  async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
    const res = await this.#send(method, path, body, options);
    const chunks: Buffer[] = [];
    for await (const chunk of res) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const isJson = (res.headers['content-type'] ?? '').includes('json');
    return {status: res.statusCode ?? 0, headers: res.headers, text, body: isJson ? JSON.parse(text) : {}};
  }

  /** A call that must succeed. */
  async must(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Json> {
    const answer = await this.call(method, path, body, options);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  async watch(path: string, options: CallOptions = {}): Promise<WatchStream> {
    const res = await this.#send('GET', path, undefined, options);
    const lines = createInterface({input: res})[Symbol.asyncIterator]();
    res.on('error', () => {});
    return {
      next: async () => {
        const line = await lines.next();
        return line.done === true ? undefined : JSON.parse(line.value);
      },
      close: () => res.destroy(),
    };
  }

  /** A namespace of its own for a test, once it takes pods: a real one needs a service account for that. */
  async namespace(): Promise<string> {
    const made = await this.must('POST', '/api/v1/namespaces', {metadata: {generateName: 'contract-'}});
    const name = String(at(made, 'metadata', 'name'));
    if (GIVEN !== undefined) await untilStatus(this, `/api/v1/namespaces/${name}/serviceaccounts/default`, 200);
    return name;
  }

  #send(method: string, path: string, body: unknown, options: CallOptions): Promise<IncomingMessage> {
    const payload = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      accept: options.accept ?? 'application/json',
      'user-agent': 'contract/1.0',
      ...(this.#token === undefined ? {} : {authorization: `Bearer ${this.#token}`}),
      ...(payload === undefined
        ? {}
        : {
            'content-type': options.contentType ?? 'application/json',
            'content-length': Buffer.byteLength(payload),
          }),
    };
    return new Promise((resolve, reject) => {
      const req = request(`${this.#server}${path}`, {method, headers, agent: this.#agent}, resolve);
      req.on('error', reject);
      req.end(payload);
    });
  }
}

export const MERGE = {contentType: 'application/merge-patch+json'};
export const JSON_PATCH = {contentType: 'application/json-patch+json'};
export const STRATEGIC = {contentType: 'application/strategic-merge-patch+json'};
export const APPLY = {contentType: 'application/apply-patch+yaml'};
export const TABLE = {accept: 'application/json;as=Table;v=v1;g=meta.k8s.io'};

/** Added to the errors of an object whose form keeps the rules of its definition from running. */
export const NOT_CHECKED =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Reads a watch until an event fulfils the wish; what came before is returned too. */
export async function until(
  t: ExecutionContext,
  stream: WatchStream,
  wish: (event: {type: string; object: Json}) => boolean,
): Promise<{type: string; object: Json}[]> {
  const seen: {type: string; object: Json}[] = [];
  for (;;) {
    const event = await stream.next();
    if (event === undefined) {
      t.fail(`the watch ended after ${JSON.stringify(seen)}`);
      return seen;
    }
    seen.push(event);
    if (wish(event)) return seen;
  }
}

/** Asks until the path answers with this status: for what controllers do in their own time. */
export async function untilStatus(target: Target, path: string, status: number): Promise<void> {
  for (let left = PATIENCE_MS / LOOK_EVERY_MS; left > 0; left--) {
    if ((await target.call('GET', path)).status === status) return;
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`${path} did not become ${status}`);
}
