import test from 'ava';
import fc from 'fast-check';
import type {FrameworkCall, SchedulerEvent} from '../../../src/api/mesos/v1/scheduler.ts';
import type {SchedulerSession} from '../../../src/api/mesos/v1/transport.ts';
import {masterStep} from '../../../src/controller/mesos/leading-master.ts';
import type {MasterStep} from '../../../src/controller/mesos/master-context.ts';
import {subjectOf} from '../../../src/controller/mesos/objects/subjects.ts';
import {PODS} from '../../../src/kube/kinds.ts';
import {seeded} from '../../../src/lib/seeded.ts';
import {frameworkInfo} from '../../support/scheduler-client.ts';
import {TestKube} from '../../support/test-kube.ts';
import {
  addAgent,
  endDeletedPods,
  renewLease,
  setPodState,
  type TestMaster,
  testMaster,
} from '../../support/test-master.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

type Master = Parameters<MasterStep>[0];

/** The framework adds its id. */
type Unaddressed<Call> = Call extends unknown ? Omit<Call, 'framework_id'> : never;

const TASKS = 4;
const ENDS = new Set(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_LOST', 'TASK_ERROR', 'TASK_DROPPED', 'TASK_GONE', 'TASK_UNKNOWN']); // prettier-ignore

/** Makes the state throw at its n-th use, wherever the step is then. @returns puts it right */
function trip(master: Master, uses: number): () => void {
  let left = uses;
  const maps = Object.values(master).filter(field => field instanceof Map);
  const methods = ['get', 'set', 'has', 'delete'] as const;
  for (const map of maps) {
    for (const method of methods) {
      const value = (...given: unknown[]): unknown => {
        if (left-- <= 0) throw new Error('in the middle');
        return Reflect.apply(Map.prototype[method], map, given);
      };
      Object.defineProperty(map, method, {configurable: true, value});
    }
  }
  return () => maps.forEach(map => methods.forEach(method => Reflect.deleteProperty(map, method)));
}

/** The master's step, that throws at random: before it, in the middle, or after it, when everything but its effects is done. */
function throwing(random: () => number) {
  const blamed = new Set<string>();
  const state = {on: true, throws: 0};
  const whole = (...given: Parameters<MasterStep>): void => {
    const done = masterStep(...given);
    if ('next' in done) while (done.next().done !== true);
  };
  const step: MasterStep = (master, command, nowMs) => {
    const subject = subjectOf(command);
    const name = subject === undefined ? `${command.kind} ${state.throws}` : `${subject.kind}/${subject.name}`;
    // A subject that fails twice is set aside, and that is another test.
    if (!state.on || random() > 0.05 || blamed.has(name)) return masterStep(master, command, nowMs);
    blamed.add(name);
    state.throws++;
    const place = Math.floor(random() * 3);
    if (place === 0) throw new Error('before');
    const mend = place === 1 ? trip(master, Math.floor(random() * 12)) : () => {};
    try {
      whole(master, command, nowMs);
    } catch {
      // Whom the core would blame for it may have been blamed before; that a second time sets aside is another test.
      throw new Error('in the middle');
    } finally {
      mend();
    }
    throw new Error('after');
  };
  return {state, step};
}

/** A framework that wants some tasks finished, and asks after them as one should. */
class Framework {
  readonly #name: string;
  readonly #told = new Map<string, string>();
  #id: string | undefined;
  #session: SchedulerSession | undefined;
  #subscribing = false;
  #given = 0;
  /** What was told of tasks at their end, in order. */
  readonly ends: {readonly task: string; readonly state: string}[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  get finished(): number {
    return new Set(this.ends.flatMap(({task, state}) => (state === 'TASK_FINISHED' ? [task] : []))).size;
  }

  get active(): readonly string[] {
    return [...this.#told.keys()];
  }

  async turn({service}: TestMaster, reconciles: boolean): Promise<void> {
    if (this.#session === undefined) await this.#subscribe(service);
    else if (reconciles) await this.#reconcile();
  }

  async #subscribe(service: TestMaster['service']): Promise<void> {
    if (this.#subscribing) return;
    this.#subscribing = true;
    const id = this.#id === undefined ? {} : {framework_id: {value: this.#id}};
    const info = frameworkInfo(this.#name, {failover_timeout: 3600, ...(this.#id && {id: {value: this.#id}})});
    const session = await service.schedulerTransport.subscribe(
      {type: 'SUBSCRIBE', ...id, subscribe: {framework_info: info}},
      {onEvent: event => void this.#hear(event), onClosed: () => (this.#session = undefined)},
    );
    this.#subscribing = false;
    if (session.ok) this.#session = session.value;
  }

  async #reconcile(): Promise<void> {
    const tasks = this.active.map(value => ({task_id: {value}}));
    await this.#call({type: 'RECONCILE', reconcile: {tasks}});
  }

  async #hear(event: SchedulerEvent): Promise<void> {
    if (event.type === 'SUBSCRIBED') {
      this.#id = event.subscribed.framework_id.value;
      await this.#reconcile();
    } else if (event.type === 'OFFERS') {
      for (const offer of event.offers.offers ?? []) await this.#answer(offer.id, offer.agent_id.value);
    } else if (event.type === 'UPDATE') {
      const {agent_id, task_id, state, uuid} = event.update.status;
      if (ENDS.has(state)) {
        if (this.#told.delete(task_id.value)) this.ends.push({task: task_id.value, state});
      } else this.#told.set(task_id.value, state);
      if (uuid === undefined || agent_id === undefined) return;
      await this.#call({type: 'ACKNOWLEDGE', acknowledge: {agent_id, task_id, uuid}});
    }
  }

  async #answer(offerId: {value: string}, agent: string): Promise<void> {
    const filters = {refuse_seconds: 1};
    if (this.#told.size >= 2 || this.finished + this.#told.size >= TASKS) {
      return this.#call({type: 'DECLINE', decline: {offer_ids: [offerId], filters}});
    }
    const id = `${this.#name}-${this.#given++}`;
    this.#told.set(id, 'TASK_STAGING');
    const resources = [
      {name: 'cpus', type: 'SCALAR' as const, scalar: {value: 1}},
      {name: 'mem', type: 'SCALAR' as const, scalar: {value: 32}},
    ];
    const info = {name: id, task_id: {value: id}, agent_id: {value: agent}, command: {value: 'true'}, resources};
    const operations = [{type: 'LAUNCH' as const, launch: {task_infos: [info]}}];
    await this.#call({type: 'ACCEPT', accept: {offer_ids: [offerId], operations, filters}});
  }

  async #call(call: Unaddressed<FrameworkCall>): Promise<void> {
    await this.#session?.call({...call, framework_id: {value: this.#id ?? ''}} as FrameworkCall);
  }
}

const taskOf = (pod: {metadata: {annotations?: Readonly<Record<string, string>>}}): string =>
  pod.metadata.annotations?.['mesos.dev/task-id'] ?? '';

async function history(seed: number) {
  const random = seeded(seed).next;
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const {state, step} = throwing(random);
  const created: string[] = [];
  const ended: string[] = [];
  kube.fault = ({verb, kind, name}) => {
    if (verb === 'create' && kind.plural === 'pods' && kube.find(PODS, name) === undefined) created.push(name);
    return undefined;
  };
  for (const name of ['a1', 'a2']) await addAgent(kube.client, clock, name, 'cpus:4;mem:8192');
  const frameworks = [new Framework('f'), new Framework('g')];
  const start = async (): Promise<TestMaster> => {
    const next = await testMaster({client: kube.client, clock, step, started: false});
    void next.service.start();
    return next;
  };
  const node = async (): Promise<void> => {
    for (const pod of kube.objects(PODS)) {
      const phase =
        typeof pod.status === 'object' && pod.status !== null ? Reflect.get(pod.status, 'phase') : undefined;
      if (phase === undefined || phase === 'Pending') await setPodState(kube.client, pod.metadata.name);
      else if (phase === 'Running' && random() < 0.3) {
        ended.push(taskOf(pod));
        await setPodState(kube.client, pod.metadata.name, 0);
      }
    }
    await endDeletedPods(kube.client, kube.objects(PODS));
  };
  let master = await start();
  const isDone = (): boolean => frameworks.every(({finished, active}) => finished >= TASKS && active.length === 0);
  for (let turn = 0; turn < 600 && !(isDone() && turn > 100); turn++) {
    state.on = turn < 100;
    if (master.fatal.length > 0) {
      await Promise.all([master.close(), clock.advanceAsync(4000)]);
      master = await start();
    }
    for (const framework of frameworks) await framework.turn(master, turn % 20 === 19);
    if (turn % 4 === 0) for (const name of ['a1', 'a2']) await renewLease(kube.client, clock, name);
    await node();
    await clock.advanceAsync(500);
    for (let i = 0; i < 10; i++) await settle();
  }
  await Promise.all([master.close(), clock.advanceAsync(4000)]);
  return {frameworks, created, ended, throws: state.throws, isDone: isDone()};
}

test('whatever step throws wherever, nothing is launched twice, nothing is lost, and all make progress', async t => {
  let throws = 0;
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(fc.integer(), async seed => {
        const seen = await history(seed);
        throws += seen.throws;
        const ends = seen.frameworks.flatMap(framework => framework.ends);
        const finished = ends.filter(({state}) => state === 'TASK_FINISHED').map(({task}) => task);
        if (!seen.isDone) throw new Error(`no progress: ${JSON.stringify(ends)}`);
        if (new Set(seen.created).size < seen.created.length) throw new Error(`twice: ${seen.created.join()}`);
        if (new Set(ends.map(({task}) => task)).size < ends.length)
          throw new Error(`ended twice: ${JSON.stringify(ends)}`);
        const lost = seen.ended.filter(task => !finished.includes(task));
        if (lost.length > 0) throw new Error(`ended, and their framework was not told: ${lost.join()}`);
      }),
      {numRuns: 12},
    ),
  );
  t.true(throws > 50, `only ${throws} throws`);
});
