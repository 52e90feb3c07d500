import test from 'ava';
import {takesRoom} from '../../../../../src/controller/mesos/core/tasks/task.ts';
import fc from 'fast-check';
import {toAgentId, toFrameworkId} from '../../../../../src/allocator/ids.ts';
import {Resources} from '../../../../../src/allocator/resources.ts';
import type {FrameworkInfo, Offer} from '../../../../../src/api/mesos/v1/common.ts';
import type {Operation} from '../../../../../src/api/mesos/v1/scheduler.ts';
import {totalOf} from '../../../../../src/controller/mesos/core/operations/checkpoint.ts';
import {remembered} from '../../../../../src/controller/mesos/core/operations/conversions.ts';
import type {Effect} from '../../../../../src/controller/mesos/core/effects.ts';
import {agentRecord, fromWire, launchOf, task, World} from '../world.ts';
import {create, destroy, dynamic, reserve, scalarOf, unreserve, volumeOf} from './reserve.ts';

const TOTAL = 'cpus:4;mem:1024;disk:200';
const AGENTS = [0, 1];
const FRAMEWORK = 'M-0000';
const INFO: Partial<FrameworkInfo> = {
  roles: ['eng'],
  principal: 'p',
  failover_timeout: 1e6,
  capabilities: [{type: 'MULTI_ROLE'}, {type: 'RESERVATION_REFINEMENT'}, {type: 'PARTITION_AWARE'}],
};
const ENG = [dynamic('eng')];

type Save = Effect & {readonly kind: 'save-reservations'};
type Action = {readonly kind: string; readonly a: number; readonly b: number};
const KINDS = [
  ...Array.from({length: 8}, () => 'accept'),
  ...Array.from({length: 8}, () => 'allocate'),
  ...Array.from({length: 8}, () => 'save'),
  ...Array.from({length: 3}, () => 'operate'),
  'refuse-save',
  'crash',
  'lose',
  'return',
  'kill',
  'end',
  'teardown',
];
const action: fc.Arbitrary<Action> = fc.record({kind: fc.constantFrom(...KINDS), a: fc.nat(7), b: fc.nat(7)});

/** A framework and an operator who reserve, use and give back; objects that are written late or not; leaders that die. */
class History {
  world = new World();
  stream = '';
  offers: Offer[] = [];
  /** Per agent what its object has; survives the leader. */
  readonly objects = new Map<string, Save>();
  pods = new Map<string, World['pods'] extends Map<string, infer Pod> ? Pod : never>();
  /** Writes under way. */
  saves: Save[] = [];
  readonly asked = new Set<string>();
  readonly ended = new Set<string>();
  #leaders = 0;
  #tasks = 0;

  constructor() {
    this.#lead();
    this.stream = this.world.subscribe(INFO);
    for (const number of AGENTS) this.world.addAgent(this.#record(number));
  }

  #lead(): void {
    this.world = new World(this.#leaders === 0 ? {} : {masterId: `N${this.#leaders}`});
    this.world.holdReservations = true;
    this.#leaders++;
  }

  #record(number: number) {
    const saved = this.objects.get(`S${number}`);
    const made = saved && {resources: fromWire([...saved.resources]), operations: saved.operations};
    return {...agentRecord(number, TOTAL), ...(made !== undefined && {made})};
  }

  run(actions: readonly Action[]): void {
    for (const next of actions) {
      this.#do(next);
      this.#listen();
      this.check();
    }
  }

  #listen(): void {
    this.offers.push(...this.world.takeOffers(this.stream));
    this.offers = this.offers.filter(({id}) => [...this.world.master.offers.keys()].some(known => known === id.value));
    this.saves.push(...this.world.reservationSaves.splice(0));
    this.pods = this.world.pods;
  }

  #operation(b: number): Operation {
    const amounts = scalarOf('cpus', 1 + (b % 2), ENG);
    const volume = volumeOf(`v${b % 3}`, 32);
    const disk = scalarOf('disk', 32, ENG);
    const all = [
      reserve([amounts], `op${b}`),
      reserve([disk]),
      create([volume]),
      destroy([volume]),
      unreserve([scalarOf('cpus', 1, ENG)]),
      unreserve([disk]),
    ];
    return all[b % all.length] ?? reserve([amounts]);
  }

  #do({kind, a, b}: Action): void {
    const {world} = this;
    const agentId = toAgentId(`S${a % AGENTS.length}`);
    switch (kind) {
      case 'allocate':
        world.nowMs += 6000;
        return world.allocate();
      case 'accept': {
        const offer = this.offers[a % Math.max(1, this.offers.length)];
        if (offer === undefined) return;
        const held = offer.resources?.find(({disk}) => disk?.persistence !== undefined);
        const resources = [scalarOf('cpus', 1), scalarOf('mem', 32), ...(held === undefined ? [] : [held])];
        const launch = launchOf(task(`t${this.#tasks++}`, offer.agent_id.value, {resources}));
        const operations = [this.#operation(b), ...(b > 4 ? [launch] : []), this.#operation(a + b)];
        return world.accept(FRAMEWORK, [offer], operations, a > 3 ? 0 : 3);
      }
      case 'operate': {
        const requestId = `r${this.asked.size}`;
        this.asked.add(requestId);
        return world.do({kind: 'operate', requestId, agentId, operation: this.#operation(b)});
      }
      case 'save': {
        const [save] = this.saves.splice(0, 1);
        if (save === undefined) return;
        this.objects.set(save.agentId, save);
        return world.savedReservations(save);
      }
      case 'refuse-save': {
        const [save] = this.saves.splice(0, 1);
        if (save === undefined || b > 2) return void (save && this.saves.unshift(save));
        return world.do({kind: 'reservations-not-saved', agentId: save.agentId, saveId: save.saveId, message: 'no'});
      }
      case 'crash':
        return this.#crash(b % 2 === 0);
      case 'lose':
        return world.loseAgent(agentId, b > 3 ? 'unreachable' : 'unregistered');
      case 'return':
        return world.addAgent(this.#record(a % AGENTS.length));
      case 'kill':
        return world.call({type: 'KILL', framework_id: {value: FRAMEWORK}, kill: {task_id: {value: `t${a + b}`}}});
      case 'end': {
        const [pod] = world.pods.values();
        if (pod === undefined) return;
        const {frameworkId, taskId, launchId} = pod.launch;
        const key = {frameworkId, taskId, launchId};
        this.ended.add(launchId);
        return world.seePod(key, {state: 'TASK_FINISHED', source: 'SOURCE_EXECUTOR'});
      }
      case 'teardown':
        if (b > 0 || !world.master.frameworks.has(toFrameworkId(FRAMEWORK))) return;
        world.do({kind: 'disconnected', streamId: world.framework(FRAMEWORK).streamId ?? fail('no session', '')});
        this.stream = world.subscribe({...INFO, id: {value: FRAMEWORK}});
        return;
      default:
        throw new Error(kind);
    }
  }

  /** @param landed the write that was under way took effect all the same */
  #crash(landed: boolean): void {
    const {pods} = this;
    const [first] = this.saves;
    if (landed && first !== undefined) this.objects.set(first.agentId, first);
    this.saves = [];
    this.offers = [];
    this.#lead();
    const {world} = this;
    for (const [id, pod] of pods) world.pods.set(id, pod);
    world.do({
      kind: 'restore',
      frameworks: [
        {
          id: toFrameworkId(FRAMEWORK),
          uid: 'uid',
          info: {user: 'u', name: 'f', ...INFO, id: {value: FRAMEWORK}},
          suppressedRoles: [],
          registeredMs: 1,
        },
      ],
      agents: AGENTS.map(number => this.#record(number)),
      unreachable: [],
      launches: [...pods.values()].map(({launch: {frameworkId, launchId, pod, agent, info}}) => {
        const state = this.ended.has(launchId) ? 'TASK_FINISHED' : 'TASK_RUNNING';
        const tasks = [{info, status: {state, source: 'SOURCE_EXECUTOR'} as const}];
        return {frameworkId, launchId, pod, agentId: agent.id, tasks};
      }),
      roles: {wishes: [], inEffect: []},
    });
    for (const number of AGENTS) world.addAgent(this.#record(number));
    this.stream = world.subscribe({...INFO, id: {value: FRAMEWORK}});
  }

  check(): void {
    const {master} = this.world;
    for (const agent of master.agents.values()) {
      const {id} = agent.record;
      const view = master.allocator.view().agent(id);
      const checkpoint = master.checkpoints.get(id);
      const total = totalOf(master, agent.record);
      if (view === undefined || !view.total.equals(total)) fail('the allocator has another total', id);
      const returns = [checkpoint?.saving?.batch, checkpoint?.next].flatMap(batch => batch?.returns ?? []);
      const launches = [...agent.launches.values()].filter(takesRoom);
      const held = sum([...launches, ...agent.offers.values(), ...returns]);
      if (view !== undefined && !view.offeredOrAllocated.equals(held)) fail('handed out is not held', id);
      if (!total.contains(held)) fail('more is held than there is', id);
      const object = this.objects.get(id);
      const saved = object === undefined ? Resources.EMPTY : fromWire([...object.resources]);
      if (!saved.contains(remembered(sum([...agent.offers.values()])))) fail('offered before it was saved', id);
      const running = launches.filter(({launchId}) => this.pods.has(launchId));
      if (!saved.contains(remembered(sum(running)))) fail('used before it was saved', id);
      if (checkpoint !== undefined && !checkpoint.saved.equals(saved)) fail('another is known as saved', id);
      for (const [name, amount] of agent.record.total.quantities()) {
        if (total.scalar(name) !== amount) fail(`${name} got lost`, id);
      }
    }
  }

  /** Every write ends, and so does every call of the operator. */
  settle(): void {
    for (let round = 0; round < 100; round++) {
      this.#do({kind: 'save', a: 0, b: 0});
      this.#listen();
      this.check();
    }
    for (const [id, {saving, next}] of this.world.master.checkpoints) {
      if (saving !== undefined || next !== undefined) fail('not saved', id);
    }
    if (this.world.launches().some(({phase}) => phase.kind === 'waiting')) fail('a launch waits for nothing', '');
  }
}

const sum = (list: readonly {readonly resources: Resources}[]): Resources =>
  list.reduce((all, {resources}) => all.add(resources), Resources.EMPTY);

const fail = (what: string, which: string): never => {
  throw new Error(`${what}: ${which}`);
};

test('an agent that left and came back still has the pods that were not seen to end', t => {
  const history = new History();
  const actions: readonly Action[] = [
    {kind: 'allocate', a: 0, b: 0},
    {kind: 'accept', a: 0, b: 2},
    {kind: 'accept', a: 6, b: 0},
    {kind: 'save', a: 0, b: 0},
    {kind: 'allocate', a: 0, b: 0},
    {kind: 'accept', a: 0, b: 5},
    {kind: 'lose', a: 0, b: 0},
    {kind: 'return', a: 0, b: 0},
    {kind: 'allocate', a: 0, b: 0},
    {kind: 'accept', a: 3, b: 5},
    {kind: 'operate', a: 0, b: 0},
    {kind: 'crash', a: 0, b: 0},
  ];
  t.notThrows(() => history.run(actions));
});

test('after every step, with leaders that die at any time: nothing is lost, made up, or told before it was saved', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(action, {maxLength: 80, size: 'max'}), actions => {
        const history = new History();
        history.run([{kind: 'allocate', a: 0, b: 0}, ...actions]);
        history.settle();
      }),
      {numRuns: 300},
    );
  });
});
