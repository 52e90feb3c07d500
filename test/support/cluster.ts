import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {createKubeClient} from '../../src/kube/client.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import {installKinds} from '../../src/programs/standalone-objects.ts';
import {ChildProgram} from './child-program.ts';
import {eventually} from './eventually.ts';
import {type Answer, type Json, killAll, processesOf, request} from './standalone.ts';

const MESOS = fileURLToPath(new URL('../../bin/mesos.js', import.meta.url));
const API_SERVER = fileURLToPath(new URL('../standalone/apiserver/main.ts', import.meta.url));
const PORTS_PER_AGENT = 100;

export type Controller = {
  readonly program: ChildProgram;
  readonly mesosUrl: string;
  readonly marathonUrl: string;
};

/** A process of a task; the start time tells it from a later one under the same pid. */
export type TaskProcess = {readonly taskId: string; readonly pid: number; readonly startedAt: string};

/** What the leading master says it has. Ids are sorted. */
export type View = {
  readonly frameworkIds: readonly string[];
  readonly taskIds: readonly string[];
  /** Resources in use, by agent id. */
  readonly used: Readonly<Record<string, Json>>;
  readonly total: Readonly<Record<string, Json>>;
};

/**
 * An API server, controllers and agents, each a process of its own that a test may end. Every task process appends its
 * id to one journal when it starts.
 */
export class Cluster {
  readonly dataDir: string;
  readonly agents = new Map<string, ChildProgram>();
  controllers: Controller[] = [];
  kubeconfig = '';
  #api: ChildProgram | undefined;
  /** All that were ever started. */
  readonly #programs: ChildProgram[] = [];

  readonly #leaseFlags: readonly string[];

  readonly #watchNodes: boolean;

  private constructor(dataDir: string, leaseFlags: readonly string[], watchNodes: boolean) {
    this.dataDir = dataDir;
    this.#watchNodes = watchNodes;
    this.#leaseFlags = leaseFlags;
  }

  /** Two controllers and two agents, ready for apps; all gone when the test ends. */
  static async start(
    t: ExecutionContext,
    agentNames: readonly string[] = ['a1', 'a2'],
    leaseFlags: readonly string[] = SHORT_LEASE,
    {watchNodes = false} = {},
  ): Promise<Cluster> {
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), 'mesos-cluster-')), leaseFlags, watchNodes);
    t.teardown(async () => {
      await cluster.#destroy();
      if (t.passed) return;
      for (const program of cluster.#programs) t.log(program.output);
    });
    await cluster.startApi();
    const client = createKubeClient({
      kubeconfigPath: cluster.kubeconfig,
      log: silentLogger,
      clock: systemClock,
      random: systemRandom,
    });
    const installed = await installKinds(client, systemClock);
    if (!installed.ok) throw new Error(installed.error);
    await Promise.all([cluster.startController(), cluster.startController()]);
    for (const name of agentNames) cluster.startAgent(name);
    await cluster.untilReady(agentNames.length);
    return cluster;
  }

  get api(): ChildProgram {
    if (this.#api === undefined) throw new Error('the API server was not started');
    return this.#api;
  }

  async startApi(): Promise<void> {
    this.#api = this.#run([API_SERVER, this.dataDir]);
    this.kubeconfig = await this.#api.printed(/^(.+)\n/);
  }

  async startController(kubeconfig = this.kubeconfig): Promise<Controller> {
    const program = this.#run([
      MESOS,
      'controller',
      `--kubeconfig=${kubeconfig}`,
      ...CONTROLLER_FLAGS,
      // Here nobody calls a node not ready when its agent has died.
      `--watch_nodes=${this.#watchNodes}`,
      ...this.#leaseFlags,
    ]);
    const mesosUrl = await program.printed(/"mesosUrl":"([^"]+)"/);
    const marathonUrl = await program.printed(/"marathonUrl":"([^"]+)"/);
    const controller = {program, mesosUrl, marathonUrl};
    this.controllers = [...this.running(), controller];
    return controller;
  }

  #run(argv: readonly string[]): ChildProgram {
    const program = new ChildProgram(argv);
    this.#programs.push(program);
    return program;
  }

  running(): Controller[] {
    return this.controllers.filter(({program}) => program.isRunning);
  }

  startAgent(name: string): void {
    const index = [...this.agents.keys(), name].indexOf(name);
    const begin = 31_000 + index * PORTS_PER_AGENT;
    const program = this.#run([
      MESOS,
      'agent',
      `--name=${name}`,
      `--hostname=${name}.localhost`,
      `--data_dir=${this.dataDir}`,
      `--kubeconfig=${this.kubeconfig}`,
      `--resources=cpus:4;mem:4096;disk:4096;ports:[${begin}-${begin + PORTS_PER_AGENT - 1}]`,
      `--token_file=${join(this.dataDir, 'token')}`,
      ...PING_FLAGS,
    ]);
    this.agents.set(name, program);
  }

  /** The controller that leads and serves, by its own word; undefined while none does. */
  async leaderNow(): Promise<Controller | undefined> {
    for (const controller of this.running()) {
      const answer = await fetch(`${controller.mesosUrl}/state-summary`, {redirect: 'manual'}).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.status === 200) return controller;
    }
    return undefined;
  }

  leader(): Promise<Controller> {
    return eventually('a leader', () => this.leaderNow());
  }

  /** A leader, so many agents, and Marathon that answers. */
  async untilReady(agentCount: number): Promise<Controller> {
    return eventually(`a leader with ${agentCount} agents`, async () => {
      const leader = await this.leader();
      const {body} = await request(leader.mesosUrl, 'GET', '/master/state');
      const {status} = await request(leader.marathonUrl, 'GET', '/v2/apps');
      return body['activated_slaves'] === agentCount && status === 200 ? leader : undefined;
    });
  }

  view(): Promise<View> {
    return eventually('the state of a leader', () => this.viewNow());
  }

  /** Undefined while nobody leads. */
  async viewNow(): Promise<View | undefined> {
    const leader = await this.leaderNow();
    const {status, body} =
      leader === undefined ? NO_ANSWER : await request(leader.mesosUrl, 'GET', '/master/state').catch(() => NO_ANSWER);
    if (status !== 200) return undefined;
    const frameworks = body['frameworks'] as Json[];
    const slaves = body['slaves'] as Json[];
    const resources = (key: string): Record<string, Json> =>
      Object.fromEntries(slaves.map(slave => [String(slave['id']), slave[key] as Json]));
    return {
      frameworkIds: idsOf(frameworks),
      taskIds: idsOf(frameworks.flatMap(framework => framework['tasks'] as Json[])),
      used: resources('used_resources'),
      total: resources('resources'),
    };
  }

  /** A call to Marathon, repeated while nobody answers it or its leader is still finding out what runs. */
  async marathon(method: string, path: string, body?: unknown): Promise<Answer> {
    return eventually(`an answer to ${method} ${path}`, async () => {
      for (const {marathonUrl} of this.running()) {
        const answer = await request(marathonUrl, method, path, body).catch(() => NO_ANSWER);
        if (answer.status !== 0 && answer.status < 500) return answer;
      }
      return undefined;
    });
  }

  /** Ids of an app's tasks that run, sorted, once there are exactly so many tasks and all of them run. */
  async untilRunning(appId: string, count: number, withinMs = 30_000): Promise<string[]> {
    return eventually(
      `${count} running tasks of ${appId}`,
      async () => {
        const {body} = await this.marathon('GET', `/v2/apps/${appId}/tasks`);
        const tasks = (body['tasks'] ?? []) as Json[];
        const all = tasks.length === count && tasks.every(task => task['state'] === 'TASK_RUNNING');
        return all ? idsOf(tasks) : undefined;
      },
      withinMs,
    );
  }

  /** The processes that run now, in the order of their task ids. */
  async taskProcesses(): Promise<TaskProcess[]> {
    const found: TaskProcess[] = [];
    for (const pid of await processesOf(this.dataDir)) {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const [command, environment, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')]);
      const taskId = /(?:^|\0)MESOS_TASK_ID=([^\0]+)/.exec(environment)?.[1];
      // Field 22, after the name, which may hold anything but is in parentheses.
      const startedAt = stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '';
      if (command.startsWith('sleep\0') && taskId !== undefined) found.push({taskId, pid, startedAt});
    }
    return found.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
  }

  /** The same, as soon as there are so many: a task runs a moment before its shell has become `sleep`. */
  async untilProcesses(count: number): Promise<TaskProcess[]> {
    return eventually(`${count} processes`, async () => {
      const found = await this.taskProcesses();
      return found.length === count ? found : undefined;
    });
  }

  /** An app whose tasks tell the journal that they started, then sleep. */
  app(id: string, instances: number): Json {
    const cmd = `echo $MESOS_TASK_ID >> ${this.#journal}; exec sleep 4321`;
    return {id, cmd, cpus: 0.1, mem: 32, instances, backoffSeconds: 0.1, maxLaunchDelaySeconds: 1};
  }

  /** Task ids, one for each start of a process, in order. */
  async starts(): Promise<string[]> {
    const text = await readFile(this.#journal, 'utf8').catch(() => '');
    return text.split('\n').filter(line => line !== '');
  }

  get #journal(): string {
    return join(this.dataDir, 'starts');
  }

  async #destroy(): Promise<void> {
    for (const program of this.#programs) program.signal('SIGKILL');
    await Promise.all(this.#programs.map(({ended}) => ended));
    await killAll(this.dataDir);
    await rm(this.dataDir, {recursive: true, force: true, maxRetries: 3});
  }
}

const NO_ANSWER: Answer = {status: 0, body: {}, headers: new Headers()};
const PING_FLAGS = ['--agent_ping_timeout=1secs', '--max_agent_ping_timeouts=4'];
/** A leader that is gone is soon followed. */
export const SHORT_LEASE = ['--lease_duration=4secs', '--lease_renew_deadline=3secs', '--lease_retry_period=500ms'];
/** A leader outlives what takes long on a busy machine. */
export const LONG_LEASE = ['--lease_duration=90secs', '--lease_renew_deadline=80secs', '--lease_retry_period=500ms'];
const CONTROLLER_FLAGS = [
  '--ip=127.0.0.1',
  '--port=0',
  '--http_address=127.0.0.1',
  '--http_port=0',
  '--min_revive_offers_interval=200',
  '--decline_offer_duration=2000',
  '--allocation_interval=500ms',
  '--agent_removal_rate_limit=none',
  ...PING_FLAGS,
];

const idsOf = (list: readonly Json[]): string[] => list.map(each => String(each['id'])).sort();
