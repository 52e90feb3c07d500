/**
 * How long resources that came free wait for their next offer: from the status of a pod that ended, as the API server's
 * watch brings it, to OFFERS read from a framework's HTTP stream. Master, API server (in memory) and frameworks share
 * this process. `node test/perf/latency.ts [--agents=1000] [--frameworks=200] [--rate=200] [--seconds=10] [--json FILE]`;
 * `--rate` is how many tasks end each second. Measured twice: offered at once, and in the next periodic run as in Mesos.
 */
import {writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import type {Offer, TaskStatus} from '../../src/api/mesos/v1/common.ts';
import {PODS} from '../../src/kube/kinds.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import {seeded} from '../allocator/cluster.ts';
import {TestKube} from '../support/test-kube.ts';
import {call, frameworkInfo, type Stream, subscribe} from '../support/scheduler-client.ts';
import {addAgent, setPodState, testMaster} from '../support/test-master.ts';

const {values: flags} = parseArgs({
  options: {
    agents: {type: 'string', default: '1000'},
    frameworks: {type: 'string', default: '200'},
    rate: {type: 'string', default: '200'},
    seconds: {type: 'string', default: '10'},
    json: {type: 'string'},
  },
});
const [agents, frameworks, rate, seconds] = [flags.agents, flags.frameworks, flags.rate, flags.seconds].map(Number) as [
  number,
  number,
  number,
  number,
];

type Row = {
  readonly case: 'offeredAtOnce' | 'offeredPeriodically';
  readonly agents: number;
  readonly frameworks: number;
  readonly endsPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly runs: number;
};

/** Takes every offer as a whole for one task; ends tasks, and sees when what they had is offered again. */
class Load {
  readonly #url: string;
  readonly #cluster: TestKube;
  readonly #random = seeded(7);
  /** Agents that came free, and when. */
  readonly #freed = new Map<string, number>();
  readonly #running: {readonly pod: string; readonly agentId: string}[] = [];
  readonly waits: number[] = [];
  isOver = false;
  /** Calls under way when the master stops end in errors. */
  readonly #onError = (error: unknown): void => {
    if (!this.isOver) throw error;
  };
  #tasks = 0;

  constructor(url: string, cluster: TestKube) {
    this.#url = url;
    this.#cluster = cluster;
  }

  get running(): number {
    return this.#running.length;
  }

  async framework(number: number): Promise<void> {
    const stream = await subscribe(this.#url, frameworkInfo(`f${number}`, {roles: [`role-${number}`]}));
    void this.#takeOffers(stream);
    void this.#acknowledgeAll(stream);
  }

  async #takeOffers(stream: Stream): Promise<void> {
    for (;;) {
      const {offers} = await stream.next('OFFERS');
      const now = performance.now();
      for (const offer of offers.offers ?? []) {
        const since = this.#freed.get(offer.agent_id.value);
        if (since !== undefined) this.waits.push(now - since);
        this.#freed.delete(offer.agent_id.value);
        this.#launch(stream, offer).catch(this.#onError);
      }
    }
  }

  async #acknowledgeAll(stream: Stream): Promise<void> {
    for (;;) {
      const {update} = await stream.next('UPDATE');
      this.#acknowledge(stream, update.status).catch(this.#onError);
    }
  }

  async #launch(stream: Stream, offer: Offer): Promise<void> {
    const id = `task-${this.#tasks++}`;
    const {resources = [], agent_id} = offer;
    const info = {name: id, task_id: {value: id}, agent_id, resources, command: {value: 'true'}};
    const operations = [{type: 'LAUNCH', launch: {task_infos: [info]}}] as const;
    await call(this.#url, stream, {type: 'ACCEPT', accept: {offer_ids: [offer.id], operations}});
  }

  async #acknowledge(stream: Stream, {agent_id, task_id, uuid}: TaskStatus): Promise<void> {
    if (agent_id === undefined || uuid === undefined) return;
    await call(this.#url, stream, {type: 'ACKNOWLEDGE', acknowledge: {agent_id, task_id, uuid}});
  }

  /** Which pods there are to end. */
  look(): void {
    this.#running.length = 0;
    for (const pod of this.#cluster.objects(PODS)) {
      const agentId = pod.metadata.labels?.['mesos.dev/agent'];
      const phase = (pod.status as {phase?: string} | undefined)?.phase;
      if (agentId !== undefined && phase === undefined) this.#running.push({pod: pod.metadata.name, agentId});
    }
  }

  async endOne(agentIdOf: (name: string) => string): Promise<void> {
    const [task] = this.#running.splice(Math.floor(this.#random() * this.#running.length), 1);
    if (task === undefined) return;
    this.#freed.set(agentIdOf(task.agentId), performance.now());
    await setPodState(this.#cluster.client, task.pod, 0);
  }
}

async function measure(atOnce: boolean): Promise<Row> {
  const cluster = new TestKube({clock: systemClock});
  for (let i = 0; i < agents; i++) await addAgent(cluster.client, systemClock, `agent-${i}`, 'cpus:4;mem:4096');
  const argv = [`--offer_freed_at_once=${atOnce}`];
  const master = await testMaster({client: cluster.client, clock: systemClock, argv});
  const load = new Load(master.url, cluster);
  for (let i = 0; i < frameworks; i++) await load.framework(i);
  while (load.running < agents) {
    await new Promise(resolve => setTimeout(resolve, 200));
    load.look();
  }
  const state = (await (await fetch(`${master.url}/slaves`)).json()) as {slaves: {id: string; hostname: string}[]};
  const ids = new Map(state.slaves.map(({id, hostname}) => [hostname.replace('.example', ''), id]));
  const began = performance.now();
  for (let n = 0; n < rate * seconds; n++) {
    if (n % rate === rate - 1 || load.running === 0) load.look();
    await load.endOne(name => ids.get(name) ?? name);
    const ahead = began + (n * 1000) / rate - performance.now();
    if (ahead > 1) await new Promise(resolve => setTimeout(resolve, ahead));
  }
  await new Promise(resolve => setTimeout(resolve, 1500));
  load.isOver = true;
  await master.close();
  const times = load.waits.sort((a, b) => a - b);
  const at = (part: number): number => Math.round((times[Math.floor(times.length * part)] ?? 0) * 100) / 100;
  return {
    case: atOnce ? 'offeredAtOnce' : 'offeredPeriodically',
    agents,
    frameworks,
    endsPerSecond: rate,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    runs: times.length,
  };
}

const rows: Row[] = [];
for (const atOnce of [true, false]) {
  const row = await measure(atOnce);
  rows.push(row);
  console.log(
    `${row.case.padEnd(20)} ${agents} agents, ${frameworks} frameworks, ${rate}/s: median ${row.medianMs} ms, p99 ${row.p99Ms} ms, ${row.runs} offers`,
  );
}
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(rows, undefined, 1)}\n`);
process.exit();
