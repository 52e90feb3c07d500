import {Agent, request as httpRequest} from 'node:http';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {RouteEntry} from '../../src/controller/web/route.ts';
import {ROUTE_TABLE} from '../../src/controller/web/route-table.ts';
import {type HostileRequest, hostileRequests} from './hostile-requests.ts';
import {Standalone} from './standalone.ts';

/** What a hostile request came to. `status` 0: the connection was closed. Times in milliseconds. */
export type Seen = {
  readonly route: string;
  readonly title: string;
  readonly status: number;
  readonly answer: string;
  /** The longest time for which the loop stood still, and the part of it that it worked. */
  readonly stall: {readonly wallMs: number; readonly cpuMs: number};
};

/** For a request that is not sent whole: how long to look whether it disturbs others. */
const UNFINISHED_MS = 50;

/** Who gets no answer for so long has found a request that hangs. */
const SILENT_MS = 60_000;

/** A standalone with a probe in its main process, and somebody hostile beside it. */
export class HostilePlay {
  readonly system: Standalone;
  readonly #folder: string;
  readonly #agent = new Agent({keepAlive: true, maxSockets: 4});

  private constructor(system: Standalone, folder: string) {
    this.system = system;
    this.#folder = folder;
  }

  static async start(t: {readonly teardown: (end: () => unknown) => void}): Promise<HostilePlay> {
    const folder = await mkdtemp(join(tmpdir(), 'probe-'));
    t.teardown(() => rm(folder, {recursive: true, force: true}));
    const probe = fileURLToPath(new URL('./loop-probe.ts', import.meta.url));
    const env = {LOOP_PROBE: folder, NODE_OPTIONS: `--import=${probe} --disable-warning=ExperimentalWarning`};
    const system = await Standalone.start(t, ['--agents=1'], env);
    const play = new HostilePlay(system, folder);
    t.teardown(() => play.#agent.destroy());
    await play.stall();
    return play;
  }

  /**
   * Sends everything hostile to each route of the table, one request after the other.
   *
   * @param twiceFromMs stalls from here on are measured twice; a benchmark shows every first one
   * @param only        a part of the routes: method and path
   */
  async *all({twiceFromMs = Infinity, only = ''}: {twiceFromMs?: number; only?: string} = {}): AsyncGenerator<Seen> {
    for (const [port, routes] of Object.entries(ROUTE_TABLE)) {
      const url = port === 'master' ? this.system.at.mesosUrl : this.system.at.marathonUrl;
      for (const entry of routes.filter(({method, path}) => `${method} ${path}`.includes(only)))
        for (const hostile of hostileRequests(entry)) yield await this.#least(url, entry, hostile, twiceFromMs);
    }
  }

  /** A long one is sent once more, and the shorter stall counts: once may be the collector's, twice is the request's. */
  async #least(url: string, entry: RouteEntry, hostile: HostileRequest, twiceFromMs: number): Promise<Seen> {
    const first = await this.#play(url, entry, hostile);
    if (first.stall.cpuMs < twiceFromMs) return first;
    const second = await this.#play(url, entry, hostile);
    return second.stall.cpuMs < first.stall.cpuMs ? second : first;
  }

  async #play(url: string, {method, path}: RouteEntry, hostile: HostileRequest): Promise<Seen> {
    await this.stall();
    const {status, answer} = await this.#send(url, hostile);
    return {route: `${method} ${path}`, title: hostile.title, status, answer, stall: await this.stall()};
  }

  #send(url: string, {method, path, headers, body, unfinished = false}: HostileRequest) {
    const {hostname, port} = new URL(url);
    const length = body === undefined ? {} : {'content-length': String(body.length + (unfinished ? 1 : 0))};
    return new Promise<{status: number; answer: string}>(resolve => {
      const options = {hostname, port, method, path, headers: {...headers, ...length}, agent: this.#agent};
      const request = httpRequest(options, response => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (answer.length < 2000) answer += chunk;
          // A stream of events has no end.
          if (answer.includes('SUBSCRIBED')) request.destroy();
        });
        for (const event of ['end', 'close'])
          response.on(event, () => resolve({status: response.statusCode ?? 0, answer}));
      });
      request.setTimeout(SILENT_MS, () => request.destroy(new Error('no answer')));
      request.on('error', error => resolve({status: 0, answer: String(error)}));
      if (unfinished) {
        request.write(body);
        setTimeout(() => request.destroy(), UNFINISHED_MS);
      } else request.end(body);
    });
  }

  /** The longest stall of the main process since this was asked last. */
  async stall(): Promise<Seen['stall']> {
    const socketPath = join(this.#folder, `${this.system.pid}.sock`);
    return new Promise((resolve, reject) => {
      httpRequest({socketPath}, response => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(JSON.parse(text)));
      })
        .on('error', error =>
          readdir(this.#folder).then(files => reject(new Error(`no probe: ${files}`, {cause: error}))),
        )
        .end();
    });
  }
}
