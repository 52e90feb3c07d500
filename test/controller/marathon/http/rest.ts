import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {ExecutionContext} from 'ava';
import {marathonPort} from '../../../../src/controller/marathon/http/marathon-port.ts';
import {servicesOf} from '../../../../src/controller/marathon/http/services.ts';
import {connectionOptions} from '../../../../src/lib/connections.ts';
import {answerByTable} from '../../../../src/controller/web/port.ts';
import {openGate} from '../../../support/open-gate.ts';
import {type LevelSwitch, type LogLevel, silentLogger} from '../../../../src/kube/log.ts';
import {settle} from '../../../support/virtual-clock.ts';
import {MarathonCluster} from '../marathon-cluster.ts';

export type Json = Readonly<Record<string, unknown>>;
export type Answer = {readonly status: number; readonly headers: Headers; readonly text: string; readonly body: Json};
export type Ask = {readonly body?: unknown; readonly raw?: string; readonly headers?: Readonly<Record<string, string>>};

export const LEADER = 'leader.example:8080';

/** /v2 of a Marathon on the embedded API server, on a free port. Virtual time passes while an answer is awaited. */
export class Rest {
  readonly cluster: MarathonCluster;
  leader: string | undefined = LEADER;
  abdications = 0;
  logging: LevelSwitch | undefined;
  url = '';

  readonly #gate: typeof openGate;

  /** @param argv Marathon's flags @param gate who is let in */
  constructor(argv: readonly string[] = [], gate = openGate) {
    this.#gate = gate;
    this.cluster = new MarathonCluster({argv});
  }

  async start(t: Pick<ExecutionContext, 'teardown'>): Promise<this> {
    const access = this.cluster.marathon;
    const doors = {
      access,
      ...servicesOf(access),
      leadership: {phase: () => 'leading' as const, leaderAddress: () => this.leader},
      info: () => ({name: 'marathon'}),
      metrics: () => ({}),
      flags: () => ({}),
      logging: {
        get: () => this.logging?.get() ?? 'info',
        set: (level: LogLevel) => this.logging?.set(level),
      },
      clock: this.cluster.clock,
      abdicate: () => void (this.abdications += 1),
      prometheus: async () => '',
    };
    const common = {log: silentLogger, self: () => LEADER, served: () => ({names: [], strict: false}), ...this.#gate};
    const server = createServer(connectionOptions(), answerByTable(marathonPort(doors, common)));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    t.teardown(async () => {
      await this.cluster.marathon.stop();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    });
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await this.cluster.start();
    return this;
  }

  async ask(method: string, path: string, {body, raw, headers = {}}: Ask = {}): Promise<Answer> {
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const type = body === undefined ? {} : {'content-type': 'application/json'};
    let answered = false;
    const pending = fetch(this.url + path, {
      method,
      headers: {...type, ...headers},
      ...(text === undefined ? {} : {body: new TextEncoder().encode(text)}),
    }).finally(() => {
      answered = true;
    });
    while (!answered) {
      await settle();
      await this.cluster.clock.advanceAsync(1);
    }
    const response = await pending;
    const answer = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json') === true && answer !== '';
    return {status: response.status, headers: response.headers, text: answer, body: json ? JSON.parse(answer) : {}};
  }

  /** The answer to a request that should work. */
  async must(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.ask(method, path, {body});
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** Creates an app and lets its tasks start. */
  async run(fields: Json): Promise<Json> {
    const created = await this.must('POST', '/v2/apps', {cmd: 'sleep 1000', cpus: 0.1, mem: 16, ...fields});
    await this.cluster.pass(3000);
    return created;
  }

  async app(id: string): Promise<Json> {
    const {app} = await this.must('GET', `/v2/apps/${id}`);
    return asJson(app);
  }

  async tasks(path: string): Promise<Json[]> {
    return listOf(await this.must('GET', path), 'tasks');
  }
}

export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? {}));
export const listOf = (json: Json, name: string): Json[] => [json[name] ?? []].flat().map(asJson);
export const idsOf = (list: readonly Json[]): unknown[] => list.map(item => item['id']);

export const rest = (t: Pick<ExecutionContext, 'teardown'>, argv?: readonly string[]): Promise<Rest> =>
  new Rest(argv).start(t);
