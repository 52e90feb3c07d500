import test from 'ava';
import fc from 'fast-check';
import type {TaskStatus} from '../../../../../src/api/mesos/v1/common.ts';
import {isTerminal} from '../../../../../src/api/mesos/v1/common.ts';
import type {Effect} from '../../../../../src/controller/mesos/core/effects.ts';
import type {LaunchKey, ObservedStatus} from '../../../../../src/controller/mesos/core/tasks/task-record.ts';
import {agentRecord, groupOf, type Launched, launchOf, task, World} from '../world.ts';

// Kubernetes tells late, and the master reads early: a pod is seen as it was some time ago, read as it is now.

type KubePod = {
  readonly launch: Launched;
  /** What a watch would say, in order; the last is how the pod is now. */
  readonly versions: {status: ObservedStatus; held: boolean}[];
  /** How many of them the watch has told. */
  told: number;
  gone: boolean;
  goneTold: boolean;
};

const of = (state: ObservedStatus['state'], rest: Partial<ObservedStatus> = {}): ObservedStatus => ({
  state,
  source: 'SOURCE_EXECUTOR',
  ...rest,
});

class Cluster {
  readonly world = new World();
  readonly stream: string;
  readonly pods: KubePod[] = [];
  /** Terminal updates by launch: which uuids. */
  readonly ends = new Map<string, Set<string>>();
  readonly pending: TaskStatus[] = [];
  #seen = 0;
  #launches = 0;
  readonly #reads: (Effect & {kind: 'read-pod'})[] = [];

  constructor() {
    this.world.holdReleases = true;
    this.world.addAgent(agentRecord(0, 'cpus:8;mem:8000;disk:100'));
    this.stream = this.world.subscribe();
    this.world.allocate();
  }

  /** One thing happens; `n` chooses to whom. */
  do(what: string, n: number): void {
    const {world} = this;
    const pod = this.pods[n % Math.max(1, this.pods.length)];
    switch (what) {
      case 'launch':
        world.allocate();
        for (const offer of world.takeOffers(this.stream)) {
          const info = () => task(`t${n % 3}-${this.#launches++}`, offer.agent_id.value);
          world.accept('M-0000', [offer], [n % 2 === 0 ? launchOf(info()) : groupOf(info(), info())], 0);
        }
        break;
      case 'run':
        if (pod !== undefined) this.#change(pod, of('TASK_RUNNING'));
        break;
      case 'end':
        if (pod !== undefined)
          this.#change(pod, of(n % 2 === 0 ? 'TASK_FAILED' : 'TASK_KILLED', {deleted: n % 2 === 1}));
        break;
      case 'tell':
        if (pod !== undefined) this.#tell(pod);
        break;
      case 'read':
        this.#read(n);
        break;
      case 'release': {
        const [key] = world.releases.splice(n % Math.max(1, world.releases.length), 1);
        if (key !== undefined) this.#release(key);
        break;
      }
      case 'acknowledge': {
        const [status] = this.pending.splice(n % Math.max(1, this.pending.length), 1);
        if (status !== undefined) world.acknowledge('M-0000', status);
        break;
      }
      case 'kill':
        if (pod !== undefined) {
          const kill = {task_id: {value: pod.launch.taskId}};
          world.call({type: 'KILL', framework_id: {value: 'M-0000'}, kill});
        }
        break;
      case 'lose':
        world.loseAgent('S0', n % 2 === 0 ? 'unreachable' : 'unregistered');
        break;
      case 'return':
        world.addAgent(agentRecord(0, 'cpus:8;mem:8000;disk:100'));
        break;
      case 'pass':
        world.pass(n * 5000);
        break;
      default:
        throw new Error(what);
    }
    this.#listen();
  }

  /** What has ended never runs again, but may look ended in another way: a deletion that comes late. */
  #change(pod: KubePod, status: ObservedStatus): void {
    const last = pod.versions.at(-1);
    if (pod.gone || last === undefined) return;
    if (isTerminal(last.status.state) && (!isTerminal(status.state) || pod.versions.length > 6)) return;
    pod.versions.push({status, held: last.held});
  }

  #tell(pod: KubePod): void {
    const version = pod.versions[pod.told];
    const {launch} = pod;
    if (version !== undefined) {
      pod.told++;
      this.world.seePod(launch, version.status, version.held);
    } else if (pod.gone && !pod.goneTold) {
      pod.goneTold = true;
      this.world.do({kind: 'pod-gone', launch});
    }
  }

  #read(n: number): void {
    const [read] = this.#reads.splice(n % Math.max(1, this.#reads.length), 1);
    if (read === undefined) return;
    const pod = this.pods.find(({launch}) => launch.launchId === read.launch.launchId);
    const now = pod?.gone === false ? pod.versions.at(-1) : undefined;
    const found =
      pod === undefined || now?.held !== true
        ? undefined
        : {
            ...pod.launch,
            agentId: pod.launch.agent.id,
            tasks: pod.launch.tasks.map(info => ({info, status: now.status})),
          };
    this.world.do({kind: 'pod-read', launch: read.launch, ...(found !== undefined && {found})});
  }

  /** The finalizer goes, and with it a pod that somebody has deleted. */
  #release(key: LaunchKey): void {
    const pod = this.pods.find(({launch}) => launch.launchId === key.launchId);
    const last = pod?.versions.at(-1);
    if (pod !== undefined && last !== undefined) {
      pod.versions.push({status: last.status, held: false});
      if (last.status.deleted === true) pod.gone = true;
    }
    this.world.released(key);
  }

  #listen(): void {
    const {world} = this;
    for (const effect of world.effects.slice(this.#seen)) {
      if (effect.kind === 'read-pod') this.#reads.push(effect);
      if (effect.kind === 'create-pod') {
        const versions = [of('TASK_STAGING'), of('TASK_STARTING')].map(status => ({status, held: true}));
        const launch = world.pods.get(effect.order.launchId)?.launch;
        if (launch !== undefined) this.pods.push({launch, versions, told: 0, gone: false, goneTold: false});
      }
    }
    this.#seen = world.effects.length;
    for (const event of world.events.get(this.stream)?.splice(0) ?? []) {
      if (event.type !== 'UPDATE') continue;
      const {status} = event.update;
      if (status.uuid === undefined) continue;
      this.pending.push(status);
      if (isTerminal(status.state)) this.#ended(status);
    }
  }

  #ended(status: TaskStatus): void {
    const uuids = this.ends.get(status.task_id.value) ?? new Set<string>();
    this.ends.set(status.task_id.value, uuids.add(status.uuid ?? ''));
  }
}

const WHAT = [
  'launch',
  'run',
  'end',
  'end',
  'tell',
  'tell',
  'tell',
  'read',
  'release',
  'acknowledge',
  'acknowledge',
  'kill',
];
const happening = (...more: readonly string[]) => fc.record({what: fc.constantFrom(...WHAT, ...more), n: fc.nat(7)});

/** Runs a history, then tells everything that has not been told yet. */
function play(history: readonly {readonly what: string; readonly n: number}[]): Cluster {
  const cluster = new Cluster();
  cluster.do('launch', 0);
  for (const {what, n} of history) cluster.do(what, n);
  cluster.do('return', 0);
  for (let round = 0; round < 8; round++) {
    for (const what of [
      'end',
      'tell',
      'tell',
      'read',
      'acknowledge',
      'acknowledge',
      'acknowledge',
      'tell',
      'release',
      'tell',
      'pass',
    ])
      for (let n = 0; n < Math.max(2, cluster.pods.length); n++) cluster.do(what, n);
  }
  return cluster;
}

test('a launch has one terminal update, in whatever order its pod is seen, acknowledged and released', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(happening('pass'), {maxLength: 80, size: 'max'}), history => {
        const {ends} = play(history);
        for (const [taskId, uuids] of ends) if (uuids.size > 1) throw new Error(`${taskId} ended ${uuids.size} times`);
      }),
      {numRuns: 300},
    );
  });
});

test('the same on an agent that comes and goes, and nothing is remembered of pods that were released', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(happening('lose', 'return', 'pass'), {maxLength: 80, size: 'max'}), history => {
        const {ends, world} = play(history);
        for (const [taskId, uuids] of ends) if (uuids.size > 1) throw new Error(`${taskId} ended ${uuids.size} times`);
        if (world.master.launches.size > 0) throw new Error('something is still remembered');
      }),
      {numRuns: 300},
    );
  });
});
