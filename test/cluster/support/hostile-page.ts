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

/**
 * What a page tries against the ports of somebody's laptop, as a script whose value is what it could read.
 *
 * @param mesos origin of the master's port, `marathon` that of Marathon's
 */
export function laptopAttack(mesos: string, marathon: string): string {
  return `(async () => {
    const [mesos, marathon] = ${JSON.stringify([mesos, marathon])};
    const evil = JSON.stringify({id: '/evil', cmd: 'touch evil', cpus: 0.01, mem: 1});
    const changes = [
      [marathon + '/v2/apps', 'POST', evil],
      [marathon + '/v2/apps/web', 'DELETE', undefined],
      [marathon + '/v2/apps/web/restart', 'POST', 'a=1'],
      [marathon + '/v2/tasks/delete?scale=true', 'POST', '{"ids":[]}'],
      [mesos + '/machine/down', 'POST', '[{"hostname":"agent1.localhost"}]'],
      [mesos + '/quota', 'POST', '{"role":"r","guarantee":[]}'],
      [mesos + '/weights', 'PUT', '[{"role":"*","weight":9}]'],
      [mesos + '/api/v1', 'POST', '{"type":"GET_STATE"}'],
    ];
    const read = [];
    const ask = async (url, init) => {
      const text = await fetch(url, init).then(answer => (answer.type === 'opaque' ? '' : answer.text()), () => '');
      if (text !== '') read.push(url + ': ' + text.slice(0, 100));
    };
    const submit = async (url, enctype) => {
      const frame = Object.assign(document.createElement('iframe'), {name: 'f' + Math.random()});
      const form = Object.assign(document.createElement('form'), {action: url, enctype, method: 'post', target: frame.name});
      // As text/plain this is the JSON of an app.
      form.append(Object.assign(document.createElement('input'), {name: evil.slice(0, -1) + ',"x":"', value: '"}'}));
      document.body.append(frame, form);
      const loaded = new Promise(resolve => { frame.onload = resolve; setTimeout(resolve, 2000); });
      form.submit();
      await loaded;
    };
    for (const [url, method, body] of changes) {
      await ask(url, {method, mode: 'no-cors', body: body && new TextEncoder().encode(body)});
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json'])
        for (const mode of ['no-cors', 'cors']) await ask(url, {method, mode, body, headers: {'content-type': type}});
      navigator.sendBeacon(url, body);
      for (const type of ['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded']) await submit(url, type);
    }
    const element = (tag, src) => new Promise(resolve => {
      const made = document.createElement(tag);
      made.onload = made.onerror = resolve;
      made.src = src;
      document.body.append(made);
    });
    for (const url of [marathon + '/v2/apps', mesos + '/state']) {
      await element('img', url);
      await ask(url, {mode: 'cors'});
    }
    window.taken = state => read.push('jsonp: ' + JSON.stringify(state).slice(0, 100));
    for (const path of ['state', 'master/state', 'slaves', 'frameworks']) await element('script', mesos + '/' + path + '?jsonp=taken');
    return read;
  })()`;
}
