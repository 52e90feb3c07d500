import test from 'ava';
import fc from 'fast-check';
import {toAgentId, toFrameworkId} from '../../../../src/allocator/ids.ts';
import {Resources} from '../../../../src/allocator/resources.ts';
import type {Offer, TaskStatus} from '../../../../src/api/mesos/v1/common.ts';
import type {Launch} from '../../../../src/controller/mesos/core/tasks/task.ts';
import {agentRecord, cpusAndMem, groupOf, type Launched, launchOf, task, World} from './world.ts';

const CORDONED = {reason: 'NodeCordoned', message: 'The node is cordoned'};
const AGENTS = 3;
/** Executors of groups take a disk. */
const TOTAL = 'cpus:4;mem:1024;disk:10;ports:[31000-31009]';
const FRAMEWORKS = 3;
const STATES = ['TASK_RUNNING', 'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED'] as const;

type Action = {readonly kind: string; readonly a: number; readonly b: number; readonly c: number};
const KINDS = [
  'subscribe',
  'disconnect',
  'resubscribe',
  'teardown',
  'agent',
  'lose',
  'unregister',
  'resize',
  'cordon',
  ...Array.from({length: 12}, () => 'allocate'),
  ...Array.from({length: 20}, () => 'accept'),
  ...Array.from({length: 8}, () => 'pod'),
  ...Array.from({length: 8}, () => 'acknowledge'),
  'agent',
  'agent',
  'decline',
  'kill',
  'pod-gone',
  'refuse',
  'suppress',
  'revive',
  'pass',
  'reconcile',
];
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...KINDS),
  a: fc.nat(5),
  b: fc.nat(5),
  c: fc.nat(5),
});

/** Drives a world with actions, as frameworks and nodes would that remember everything they were told. */
class History {
  readonly world = new World({offerTimeoutMs: 20_000, maxUnreachableTasksPerFramework: 2});
  readonly streams = new Map<string, string>();
  readonly offers = new Map<string, Offer[]>();
  readonly pending: {framework: string; status: TaskStatus}[] = [];
  readonly ended = new Set<string>();

  run(actions: readonly Action[]): void {
    for (const next of actions) {
      this.#do(next);
      this.listen();
      this.check();
    }
  }

  listen(): void {
    for (const [framework, stream] of this.streams) {
      for (const event of this.world.take(stream)) {
        if (event.type === 'OFFERS')
          this.offers.set(framework, [...this.#offersOf(framework), ...(event.offers.offers ?? [])]);
        if (event.type === 'UPDATE' && event.update.status.uuid !== undefined) {
          this.pending.push({framework, status: event.update.status});
        }
      }
      if (this.world.closed.has(stream)) this.streams.delete(framework);
    }
  }

  #offersOf(framework: string): Offer[] {
    return this.offers.get(framework) ?? [];
  }

  /** A pod that exists and has not ended. */
  #pod(n: number): Launched | undefined {
    const live = [...this.world.pods.values()].filter(({launch}) => !this.ended.has(launch.launchId));
    return live[n % Math.max(1, live.length)]?.launch;
  }

  #do({kind, a, b, c}: Action): void {
    const {world} = this;
    const framework = `M-000${a % FRAMEWORKS}`;
    const agentId = toAgentId(`S${b % AGENTS}`);
    const stream = this.streams.get(framework);
    switch (kind) {
      case 'subscribe': {
        if (this.world.master.nextFramework >= FRAMEWORKS) return;
        const id = `M-000${this.world.master.nextFramework}`;
        this.streams.set(id, world.subscribe({role: `r${a % 2}`, failover_timeout: b * 10}));
        return;
      }
      case 'resubscribe':
        if (!world.master.frameworks.has(toFrameworkId(framework))) return;
        this.offers.delete(framework);
        this.streams.set(framework, world.subscribe({id: {value: framework}, role: `r${b % 2}`, failover_timeout: 30}));
        return;
      case 'disconnect':
        if (stream === undefined) return;
        world.disconnect(stream);
        this.streams.delete(framework);
        return;
      case 'teardown':
        if (c === 0) world.do({kind: 'teardown', frameworkId: toFrameworkId(framework)});
        return;
      case 'agent':
        return world.addAgent(agentRecord(b % AGENTS, TOTAL));
      case 'lose':
        return world.loseAgent(agentId, 'unreachable');
      case 'unregister':
        if (c === 0) world.loseAgent(agentId, 'unregistered');
        return;
      case 'resize':
        return world.seeAgent(agentRecord(b % AGENTS, `cpus:${1 + c};mem:2048;disk:10`));
      case 'cordon':
        return world.seeAgent({...agentRecord(b % AGENTS, TOTAL), deactivated: CORDONED});
      case 'allocate':
        return world.allocate(c > 0);
      case 'accept': {
        const offers = this.#offersOf(framework);
        const offer = offers[b % Math.max(1, offers.length)];
        if (offer === undefined) return;
        // The same few ids again and again, and now and then more than there is.
        const launches = [c, c + 1].map(n =>
          task(`t${(n + a) % 10}`, offer.agent_id.value, {resources: cpusAndMem(1 + a / 2, 64)}),
        );
        const operation = a % 2 === 0 ? launchOf(...launches) : groupOf(...launches);
        return world.accept(framework, [offer], [operation], b < 4 ? 0 : b);
      }
      case 'decline':
        return world.accept(framework, this.#offersOf(framework).slice(0, 1), [], c);
      case 'kill':
        return world.call({type: 'KILL', framework_id: {value: framework}, kill: {task_id: {value: `t${c + b}`}}});
      case 'pod':
      case 'pod-gone': {
        const launch = this.#pod(b);
        if (launch === undefined) return;
        const {launchId} = launch;
        const state = STATES[c % STATES.length] ?? 'TASK_RUNNING';
        if (kind === 'pod-gone' || state !== 'TASK_RUNNING') this.ended.add(launchId);
        if (kind === 'pod-gone') return world.do({kind, launch});
        return world.seePod(launch, {state, source: 'SOURCE_EXECUTOR'});
      }
      case 'refuse': {
        const launch = this.#pod(b);
        if (launch === undefined || c > 0) return;
        this.ended.add(launch.launchId);
        return world.do({kind: 'launch-refused', launch, state: 'TASK_ERROR', message: 'no'});
      }
      case 'acknowledge': {
        const [next] = this.pending.splice(b % Math.max(1, this.pending.length), 1);
        if (next !== undefined) world.acknowledge(next.framework, next.status);
        return;
      }
      case 'suppress':
        return world.call({type: 'SUPPRESS', framework_id: {value: framework}});
      case 'revive':
        return world.call({type: 'REVIVE', framework_id: {value: framework}});
      case 'pass':
        return world.pass(c * 3000);
      case 'reconcile':
        return world.call({type: 'RECONCILE', framework_id: {value: framework}, reconcile: {}});
      default:
        throw new Error(kind);
    }
  }

  /** What must hold after every step. */
  check(): void {
    const {master} = this.world;
    const tasks = this.#holders();
    for (const agent of master.agents.values()) {
      let sum = master.allocator.view().agent(agent.record.id)?.offeredOrAllocated ?? Resources.EMPTY;
      const used = tasks.filter(held => held.agentId === agent.record.id).map(held => held.resources);
      const offered = [...agent.offers.values()].map(offer => offer.resources);
      const known = [...used, ...offered].reduce((a, b) => a.add(b), Resources.EMPTY);
      // Exactly what tasks and offers have is handed out: nothing twice, nothing forgotten.
      if (!known.equals(sum)) fail('handed out is not held', agent.record.id);
      sum = sum.add(master.allocator.view().agent(agent.record.id)?.free ?? Resources.EMPTY);
      // Offers of what the agent has no more are rescinded, offers of an agent that should get none too.
      const inUse = used.reduce((a, b) => a.add(b), Resources.EMPTY);
      if (!agent.record.total.add(inUse).contains(known))
        fail('on offer is what the agent has no more', agent.record.id);
      if (agent.record.deactivated !== undefined && agent.offers.size > 0) fail('offers though deactivated', '');
      if (!sum.contains(agent.record.total)) fail('free and handed out are less than the total', agent.record.id);
    }
    for (const offer of master.offers.values()) {
      if (!master.agents.get(offer.agentId)?.offers.has(offer.id)) fail('offer without agent', offer.id);
      if (master.frameworks.get(offer.frameworkId)?.streamId === undefined) fail('offer without session', offer.id);
    }
    for (const framework of master.frameworks.values()) {
      for (const live of framework.tasks.values()) {
        if (live.phase.kind === 'away' || live.phase.kind === 'history')
          fail(`filed as ${live.phase.kind}`, live.taskId);
        if (live.inFlight !== undefined && live.updates.length === 0) fail('nothing is in flight', live.taskId);
        if ((live.inFlight !== undefined) !== master.unacknowledged.has(live)) fail('in flight unseen', live.taskId);
      }
    }
    const launchIds = this.world.effects.flatMap(effect =>
      effect.kind === 'create-pod' ? [effect.order.launchId] : [],
    );
    if (new Set(launchIds).size !== launchIds.length) fail('launched twice', '');
  }

  #holders(): readonly Launch[] {
    return this.world.launches().filter(launch => this.world.holds(launch));
  }

  /** Everybody comes back, everything ends and is acknowledged. */
  settle(): void {
    const {world} = this;
    for (let number = 0; number < AGENTS; number++) world.addAgent(agentRecord(number, TOTAL));
    for (const id of [...world.master.frameworks.keys()])
      this.#do({kind: 'resubscribe', a: Number(id.slice(-1)), b: 0, c: 0});
    for (const {launch} of [...world.pods.values()]) {
      world.seePod(launch, {state: 'TASK_FINISHED', source: 'SOURCE_EXECUTOR'});
    }
    for (let round = 0; round < 5; round++) {
      world.pass(700_000);
      this.listen();
      for (const {framework, status} of this.pending.splice(0)) world.acknowledge(framework, status);
    }
    this.listen();
    this.check();
  }
}

const fail = (what: string, which: string): never => {
  throw new Error(`${what}: ${which}`);
};

test('after every step of any history: nothing held twice, nothing forgotten, no offer without agent and session', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(action, {maxLength: 120, size: 'max'}), actions => {
        new History().run([{kind: 'agent', a: 0, b: 0, c: 0}, {kind: 'subscribe', a: 0, b: 5, c: 0}, ...actions]);
      }),
      {numRuns: 300},
    );
  });
});

test('after any history, when all ended and was acknowledged: everything is free and no pod is left', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(action, {maxLength: 80, size: 'max'}), actions => {
        const history = new History();
        history.run([{kind: 'agent', a: 0, b: 0, c: 0}, {kind: 'subscribe', a: 0, b: 5, c: 0}, ...actions]);
        history.settle();
        const {master, pods} = history.world;
        if (pods.size > 0) fail('pods left', [...pods.values()].map(({launch}) => launch.taskId).join());
        if (master.launches.size > 0) fail('launches left', [...master.launches.keys()].join());
        if (master.starting.size > 0) fail('waited for', '');
        if (master.unacknowledged.size > 0) fail('unacknowledged', '');
        for (const framework of master.frameworks.values()) {
          if (framework.tasks.size > 0) fail('task left', [...framework.tasks.keys()].join());
          if (framework.unreachableTasks.size > 0) fail('unreachable task left', framework.id);
        }
        for (const agent of master.agents.values())
          if (agent.launches.size > 0) fail('launch left on agent', agent.record.id);
      }),
      {numRuns: 300},
    );
  });
});

test('no two pods of one task id run at the same time for one framework', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(action, {maxLength: 120, size: 'max'}), actions => {
        const history = new History();
        for (const next of [{kind: 'agent', a: 0, b: 0, c: 0}, {kind: 'subscribe', a: 0, b: 5, c: 0}, ...actions]) {
          // Agents that leave for good are told so: their pods may linger while a new one starts.
          if (next.kind === 'unregister' || next.kind === 'lose') continue;
          history.run([next]);
          const running = [...history.world.pods.values()].filter(({launch}) => !history.ended.has(launch.launchId));
          const keys = running.flatMap(({launch}) => launch.taskIds.map(id => `${launch.frameworkId} ${id}`));
          if (new Set(keys).size !== keys.length) fail('twice', keys.join());
        }
      }),
      {numRuns: 200},
    );
  });
});
