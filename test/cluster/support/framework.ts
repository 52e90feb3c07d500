import {type ChildProcess, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {isTerminal, type Offer, type TaskInfo, type TaskStatus} from '../../../src/api/mesos/v1/common.ts';
import {binaryPath} from '../binaries.ts';
import {call, frameworkInfo, type Stream, subscribe} from '../../support/scheduler-client.ts';

/** A task without what every task of a test has: ids, an agent, resources. */
export type Task = Omit<TaskInfo, 'name' | 'task_id' | 'agent_id' | 'resources'> & {
  readonly mem?: number;
  /** How many ports of the host it gets; the task is made from their numbers. */
  readonly ports?: number;
};
export type TaskMaker = Task | ((ports: readonly number[]) => Task);

type Wanted = {readonly id: string; readonly ports: number; readonly make: (ports: readonly number[]) => Task};

/** A framework outside of the cluster, by way of `kubectl port-forward`: it launches what tests want and keeps all updates. */
export class TestFramework {
  readonly #forward: ChildProcess;
  readonly #url: string;
  readonly #stream: Stream;
  readonly #queue: Wanted[] = [];
  readonly #idle: Offer[] = [];
  readonly #statuses = new Map<string, TaskStatus[]>();
  #waiters: (() => void)[] = [];
  #closed = false;

  private constructor(forward: ChildProcess, url: string, stream: Stream) {
    this.#forward = forward;
    this.#url = url;
    this.#stream = stream;
    void this.#takeOffers();
    void this.#takeUpdates();
  }

  static async start(kubeconfigPath: string, namespace: string): Promise<TestFramework> {
    const args = [
      `--kubeconfig=${kubeconfigPath}`,
      `--namespace=${namespace}`,
      'port-forward',
      'svc/mesos-master',
      ':5050',
    ];
    const forward = spawn(await binaryPath('kubectl'), args, {stdio: ['ignore', 'pipe', 'inherit']});
    const port = await forwardedPort(forward);
    const url = `http://127.0.0.1:${port}`;
    return new TestFramework(forward, url, await subscribe(url, frameworkInfo('tests', {capabilities: CAPABILITIES})));
  }

  get id(): string {
    return this.#stream.frameworkId();
  }

  /** Ends the framework, and with it its tasks. */
  async stop(): Promise<void> {
    this.#closed = true;
    await call(this.#url, this.#stream, {type: 'TEARDOWN'});
    this.#stream.close();
    this.#forward.kill();
  }

  /** Launches a task with the next offer that comes. */
  launch(id: string, make: TaskMaker, ports = 0): void {
    this.#queue.push({id, ports, make: typeof make === 'function' ? make : () => make});
    void this.#launchQueued();
  }

  async kill(id: string): Promise<void> {
    await call(this.#url, this.#stream, {type: 'KILL', kill: {task_id: {value: id}}});
  }

  statusesOf(id: string): readonly TaskStatus[] {
    return this.#statuses.get(id) ?? [];
  }

  /** The task's end. */
  end(id: string, withinMs?: number): Promise<TaskStatus> {
    return this.status(id, ({state}) => isTerminal(state), withinMs);
  }

  /** The first status, also of those that came before, for which `holds`. */
  async status(id: string, holds: (status: TaskStatus) => boolean, withinMs = 120_000): Promise<TaskStatus> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, withinMs);
    try {
      for (;;) {
        const found = this.statusesOf(id).find(holds);
        if (found !== undefined) return found;
        if (late) throw new Error(`${id}: not within ${withinMs} ms: ${JSON.stringify(this.statusesOf(id))}`);
        await new Promise<void>(resolve => this.#waiters.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  async #takeOffers(): Promise<void> {
    for (;;) {
      const {offers} = await this.#stream.next('OFFERS');
      this.#idle.push(...(offers.offers ?? []));
      await this.#launchQueued();
    }
  }

  async #takeUpdates(): Promise<void> {
    for (;;) {
      const {update} = await this.#stream.next('UPDATE');
      const {status} = update;
      const id = status.task_id.value;
      this.#statuses.set(id, [...this.statusesOf(id), status]);
      this.#wake();
      const {uuid, agent_id} = status;
      if (uuid === undefined || agent_id === undefined || this.#closed) continue;
      await call(this.#url, this.#stream, {
        type: 'ACKNOWLEDGE',
        acknowledge: {agent_id, task_id: status.task_id, uuid},
      });
    }
  }

  async #launchQueued(): Promise<void> {
    if (this.#queue.length === 0) return;
    const offer = this.#idle.shift();
    if (offer === undefined) return;
    const tasks = this.#queue.splice(0);
    const ports = portsOf(offer);
    const task_infos = tasks.map(task => infoOf(task, offer, ports.splice(0, task.ports)));
    const answer = await call(this.#url, this.#stream, {
      type: 'ACCEPT',
      accept: {
        offer_ids: [offer.id],
        operations: [{type: 'LAUNCH', launch: {task_infos}}],
        filters: {refuse_seconds: 0},
      },
    });
    if (answer !== 202) throw new Error(`ACCEPT was answered ${answer}`);
  }
}

/** Nodes have regions, and a master that was told none counts every one of them as remote. */
const CAPABILITIES = (['MULTI_ROLE', 'PARTITION_AWARE', 'REGION_AWARE', 'TASK_KILLING_STATE'] as const).map(type => ({
  type,
}));

const portsOf = ({resources = []}: Offer): number[] =>
  resources.flatMap(({ranges}) =>
    (ranges?.range ?? []).flatMap(({begin, end}) =>
      Array.from({length: Math.min(50, end - begin + 1)}, (_, at) => begin + at),
    ),
  );

/** Tasks take no cores: those of a shared cluster may all be taken. */
function infoOf({id, make}: Wanted, offer: Offer, ports: readonly number[]): TaskInfo {
  const {mem = 16, ports: _ports, ...task} = make(ports);
  return {
    name: id,
    task_id: {value: id},
    agent_id: offer.agent_id,
    resources: [
      {name: 'mem', type: 'SCALAR', scalar: {value: mem}},
      ...ports.map(port => ({name: 'ports', type: 'RANGES' as const, ranges: {range: [{begin: port, end: port}]}})),
    ],
    ...task,
  };
}

async function forwardedPort(forward: ChildProcess): Promise<number> {
  if (forward.stdout === null) throw new Error('kubectl port-forward has no output');
  for await (const line of createInterface({input: forward.stdout})) {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port !== undefined) return Number(port);
  }
  throw new Error('kubectl port-forward ended');
}
