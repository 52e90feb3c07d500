import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {answerByTable, type Port} from '../../../src/controller/web/port.ts';
import {NO_BODY, type BoundRoute, type RouteEntry} from '../../../src/controller/web/route.ts';
import {masterRefusal, redirection} from '../../../src/controller/mesos/http/refusals.ts';
import {ROUTE_TABLE} from '../../../src/controller/web/route-table.ts';
import {openGate} from '../../support/open-gate.ts';
import {silentLogger} from '../../../src/kube/log.ts';

/** Both tables on one port, with handlers that only write down that they were reached. */
export class RecordedTable {
  /** `METHOD path` of requests that came, whatever became of them. */
  readonly came: string[] = [];
  /** The same of those that a handler would have answered. */
  readonly reached: string[] = [];
  readonly #server: Server;

  private constructor(script: string) {
    const all = [...ROUTE_TABLE.master, ...ROUTE_TABLE.marathon];
    const once = [...new Map(all.map(entry => [`${entry.method} ${entry.path}`, entry])).values()];
    const answer = answerByTable(port([...once.map(entry => this.#recorded(entry)), page(script)]));
    this.#server = createServer((request, response) => {
      if (request.url !== '/own-page') this.came.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
  }

  /** @param script of the page that it serves itself, at /own-page */
  static async start(script: string): Promise<RecordedTable> {
    const table = new RecordedTable(script);
    await new Promise<void>(resolve => table.#server.listen(0, '127.0.0.1', resolve));
    return table;
  }

  /** Every change of the table, as a request for it looks. */
  get changes(): readonly string[] {
    return changesOf('').map(({method, url}) => `${method} ${url}`);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #recorded(entry: RouteEntry): BoundRoute {
    return {
      ...entry,
      handle: ({response, request}) => {
        this.reached.push(`${request.method} ${request.url}`);
        response.json({});
      },
    };
  }
}

const port = (routes: readonly BoundRoute[]): Port => ({
  routes,
  leadership: {phase: () => 'leading', leaderAddress: () => undefined},
  self: () => '',
  redirection,
  refusal: masterRefusal,
  headers: () => ({}),
  checksAccept: false,
  served: () => ({names: [], strict: false}),
  ...openGate,
  log: silentLogger,
});

const page = (script: string): BoundRoute => ({
  method: 'GET',
  path: '/own-page',
  does: 'Sends what a page of its own would.',
  permission: 'open',
  answeredBy: 'any',
  body: NO_BODY,
  handle: ({response}) => {
    response.removeHeader('Content-Security-Policy');
    response.type('html').send(htmlOf(script));
  },
});

export const htmlOf = (script: string): string => `<!doctype html><body><script>${script}</script></body>`;

/** A path of the table with something in the place of names. */
const examplePath = (path: string): string => path.replaceAll(/\{\w+[+*]?\}/g, 'a');

const changesOf = (base: string): {readonly method: string; readonly url: string}[] =>
  [...ROUTE_TABLE.master, ...ROUTE_TABLE.marathon]
    .filter(({method}) => method !== 'GET')
    .map(({method, path}) => ({method, url: base + examplePath(path)}));

/**
 * What a page can try against a server: every method with every type of body, forms, scripts. The script at
 * the end is the last that it tries.
 *
 * @param base origin of the server
 */
export function attackScript(base: string): string {
  return `
    const changes = ${JSON.stringify(changesOf(base))};
    const types = [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/json'];
    const body = type => type === undefined ? new TextEncoder().encode('{}') : new Blob(['{}'], {type});
    const quietly = promise => promise.catch(() => undefined);
    const form = (url, enctype) => new Promise(done => {
      const frame = document.createElement('iframe');
      frame.name = 'f' + Math.random();
      document.body.append(frame);
      const element = document.createElement('form');
      Object.assign(element, {action: url, method: 'post', enctype, target: frame.name});
      document.body.append(element);
      frame.addEventListener('load', done);
      setTimeout(done, 1000);
      element.submit();
    });
    const script = url => new Promise(done => {
      const element = document.createElement('script');
      element.onload = element.onerror = done;
      element.src = url;
      document.body.append(element);
    });
    (async () => {
      for (const {method, url} of changes) {
        for (const type of types) for (const mode of ['no-cors', 'cors']) {
          await quietly(fetch(url, {method, mode, body: body(type), ...(type && {headers: {'content-type': type}})}));
        }
        await quietly(fetch(url, {method, mode: 'no-cors'}));
        await quietly(fetch(url, {method}));
        navigator.sendBeacon(url, '{}');
        if (method === 'POST') for (const enctype of ['text/plain', 'multipart/form-data']) await form(url, enctype);
      }
      window.taken = 0;
      await script('${base}/state?jsonp=taken');
    })();`;
}
