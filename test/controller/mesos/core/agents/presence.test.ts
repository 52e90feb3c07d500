import test from 'ava';
import {toAgentId} from '../../../../../src/allocator/ids.ts';
import type {AgentSighting} from '../../../../../src/controller/mesos/core/agents/agent-record.ts';
import {seenAgent} from '../../../../../src/controller/mesos/core/agents/presence.ts';
import type {Command} from '../../../../../src/controller/mesos/core/commands.ts';
import {recoveredAgents, toAgentView, toSighting} from '../../../../../src/controller/mesos/objects/agent-object.ts';
import {World} from '../world.ts';

type Spec = {readonly name?: string; readonly resources?: string; readonly uid?: string; readonly status?: object};

const view = ({name = 'a1', resources = 'cpus:4;mem:1024', uid = 'u1', status}: Spec = {}) =>
  toAgentView({
    apiVersion: 'mesos.dev/v1',
    kind: 'MesosAgent',
    metadata: {name, namespace: 'default', uid, resourceVersion: '1', generation: 1},
    spec: {nodeName: name, hostname: `${name}.example`, resources},
    status,
  });
const ready = (reason: string) => [
  {type: 'Ready', status: 'False', reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'},
];
const SILENCE_MS = 75_000;

/** A master whose agents are seen when the test says so; `news` are its notes about them. */
class Watched {
  readonly world: World;

  constructor(agentRemovalIntervalMs?: number) {
    this.world = new World({
      agentSilenceMs: SILENCE_MS,
      ...(agentRemovalIntervalMs !== undefined && {agentRemovalIntervalMs}),
    });
  }

  see(spec?: Spec): void {
    const agent: AgentSighting = toSighting(view(spec));
    this.world.do({kind: 'agent-seen', agent});
  }

  renew(name = 'a1', holder = name): void {
    const renewTime = new Date(this.world.nowMs).toISOString();
    this.world.do({kind: 'lease-seen', name, lease: {holder, renewTime}});
  }

  /** The ids that were asked for. */
  get asked(): readonly string[] {
    return this.world.effects.flatMap(effect => (effect.kind === 'assign-agent-id' ? [effect.agentId] : []));
  }

  store(name = 'a1', stored = true): void {
    this.world.do({kind: 'agent-id-stored', name, agentId: toAgentId(this.asked.at(-1) ?? ''), stored});
  }

  register(name = 'a1'): void {
    this.see({name});
    this.renew(name);
    this.store(name);
  }

  /** Seconds go by. */
  pass(seconds: number): void {
    for (let s = 0; s < seconds; s++) this.world.pass(1000);
  }

  phase(name = 'a1'): string {
    return seenAgent(this.world.master, name).phase;
  }

  counted(counter: string): number {
    return this.world.effects.filter(effect => effect.kind === 'count' && effect.counter === counter).length;
  }
}

function registered(): Watched {
  const all = new Watched();
  all.register();
  return all;
}

test('a new agent registers once its id was stored', t => {
  const all = new Watched();
  all.see();
  all.renew();
  t.is(all.world.master.agents.size, 0);
  t.deepEqual(all.asked, ['M-S0']);
  all.store();
  t.deepEqual([...all.world.master.agents.keys()].map(String), ['M-S0']);
  t.is(all.phase(), 'registered');
});

test('Lease and object may come in any order', t => {
  const all = new Watched();
  all.renew();
  all.see();
  all.store();
  t.is(all.phase(), 'registered');
});

test('an id is asked for once, and again when it could not be stored', t => {
  const all = new Watched();
  all.see();
  all.renew();
  all.pass(1);
  t.is(all.asked.length, 1);
  all.store('a1', false);
  all.pass(1);
  t.is(all.asked.length, 2);
});

test('other resources are an update; a description that cannot be understood changes nothing', t => {
  const all = registered();
  const cpus = () => all.world.master.agents.get(toAgentId('M-S0'))?.record.total.scalar('cpus');
  all.see({resources: 'cpus:8;mem:1024'});
  t.is(cpus(), 8);
  all.see({resources: 'cpus:many'});
  t.is(cpus(), 8);
  t.is(all.phase(), 'registered');
});

test('a silent agent is lost once, and back with its next renewal', t => {
  const all = registered();
  all.pass(74);
  t.is(all.phase(), 'registered');
  all.pass(6);
  t.is(all.phase(), 'unreachable');
  t.is(all.counted('agents-unreachable'), 1);
  t.is(seenAgent(all.world.master, 'a1').unreachableSinceMs, all.world.nowMs - 5000);
  all.renew();
  t.is(all.phase(), 'registered');
  t.true(all.world.master.agents.has(toAgentId('M-S0')));
});

/** Agents of three nodes, with offers. */
function three(agentRemovalIntervalMs?: number): Watched {
  const all = new Watched(agentRemovalIntervalMs);
  for (const name of ['a1', 'a2', 'a3']) all.register(name);
  return all;
}
const THREE = ['a1', 'a2', 'a3'];
const tellNode = (all: Watched, name: string, ready?: boolean): void =>
  void all.world.do({kind: 'node-seen', name, ...(ready !== undefined && {ready})});
const isActive = (all: Watched, index: number): boolean | undefined =>
  all.world.master.agents.get(toAgentId(`M-S${index}`))?.active;

test('agents that are silent together while their nodes are ready keep what they have, and get no offers', t => {
  const all = three();
  for (const name of THREE) tellNode(all, name, true);
  all.pass(3600);
  t.deepEqual(
    THREE.map(name => all.phase(name)),
    ['registered', 'registered', 'registered'],
  );
  t.deepEqual(
    THREE.map((_, index) => isActive(all, index)),
    [false, false, false],
  );
  t.is(all.counted('agents-unreachable') + all.counted('agents-unreachable-scheduled'), 0);
  all.renew('a1');
  t.deepEqual(
    THREE.map((_, index) => isActive(all, index)),
    [true, false, false],
  );
});

for (const [title, ready] of [
  ['is not ready any more', false],
  ['is gone', undefined],
] as const) {
  test(`a silent agent whose node ${title} is lost, and gets offers when it is back`, t => {
    const all = registered();
    tellNode(all, 'a1', true);
    all.pass(100);
    t.is(all.phase(), 'registered');
    tellNode(all, 'a1', ready);
    all.pass(1);
    t.is(all.phase(), 'unreachable');
    all.renew();
    t.is(all.phase(), 'registered');
    t.is(isActive(all, 0), true);
  });
}

test('a node that is not ready says nothing about an agent that reports', t => {
  const all = registered();
  tellNode(all, 'a1', false);
  for (let n = 0; n < 20; n++) {
    all.pass(10);
    all.renew();
  }
  t.is(all.phase(), 'registered');
  t.is(isActive(all, 0), true);
});

test('a brake holds for agents whose nodes are not known', t => {
  const all = three(60_000);
  all.pass(80);
  t.deepEqual(THREE.map(name => all.phase(name)).toSorted(), ['registered', 'registered', 'unreachable']);
  all.pass(60);
  t.deepEqual(THREE.map(name => all.phase(name)).toSorted(), ['registered', 'unreachable', 'unreachable']);
});

test('the wait for a Lease begins with the object; an old Lease proves nothing', t => {
  const all = new Watched();
  const renewTime = new Date(all.world.nowMs - 2 * SILENCE_MS).toISOString();
  all.world.do({kind: 'lease-seen', name: 'a1', lease: {holder: 'a1', renewTime}});
  all.see();
  t.deepEqual(all.asked, []);
  all.renew();
  t.deepEqual(all.asked, ['M-S0']);
});

test('after a pause of the process nobody is blamed for it', t => {
  const all = registered();
  all.world.pass(600_000);
  t.is(all.phase(), 'registered');
  all.pass(76);
  t.is(all.phase(), 'unreachable');
});

test('a released Lease loses the agent at once; silence after that says nothing new', t => {
  const all = registered();
  all.renew('a1', '');
  t.is(all.phase(), 'unregistered');
  all.pass(80);
  t.is(all.phase(), 'unregistered');
  t.is(all.counted('agents-removed'), 1);
});

test('deleting the object removes the agent; another object of its name is another agent', t => {
  const all = registered();
  all.world.do({kind: 'agent-object-gone', name: 'a1'});
  t.true(all.world.master.goneAgents.has(toAgentId('M-S0')));
  all.see({uid: 'u2'});
  all.renew();
  all.store();
  t.deepEqual([...all.world.master.agents.keys()].map(String), ['M-S1']);
});

test('a deletion and a new object seen as one change are both', t => {
  const all = registered();
  all.see({uid: 'u2'});
  t.true(all.world.master.goneAgents.has(toAgentId('M-S0')));
  t.is(all.phase(), 'new');
});

test('an agent whose machine is down is lost, and registers again when it is up', t => {
  const all = registered();
  const say = (...down: {hostname: string}[]): void => {
    const command: Command = {kind: 'maintenance', maintenance: {schedule: {}, down}};
    all.world.do(command);
  };
  say({hostname: 'a1.example'});
  t.is(all.phase(), 'down');
  all.renew();
  t.is(all.phase(), 'down');
  say();
  t.is(all.phase(), 'registered');
});

/** What a new leader is told first. */
function recovered(status: object): Watched {
  const all = new Watched();
  const found = recoveredAgents([view({status: {agentId: 'OLD-S7', ...status}})]);
  all.world.do({kind: 'restore', frameworks: [], ...found, launches: [], roles: {wishes: [], inEffect: []}});
  all.see({status: {agentId: 'OLD-S7', ...status}});
  return all;
}

test('an agent of an earlier master comes back under its id', t => {
  const all = recovered({conditions: ready('AgentReady')});
  t.is(all.phase(), 'recovered');
  all.renew();
  t.deepEqual([...all.world.master.agents.keys()].map(String), ['OLD-S7']);
});

test('a recovered agent that stays silent is lost', t => {
  const all = recovered({conditions: ready('AgentReady')});
  all.pass(76);
  t.is(all.phase(), 'unreachable');
});

test('one that was unreachable stays so until it is heard of', t => {
  const all = recovered({conditions: ready('AgentUnreachable'), unreachableTime: '2026-01-01T00:00:00Z'});
  t.is(all.phase(), 'unreachable');
  t.is(seenAgent(all.world.master, 'a1').unreachableSinceMs, Date.UTC(2026, 0, 1));
  all.renew();
  t.is(all.phase(), 'registered');
});

test('one that said goodbye is still known to have done so, and may come back', t => {
  const all = recovered({conditions: ready('AgentShutdown')});
  t.is(all.phase(), 'unregistered');
  t.is(all.world.master.recoveredAgents.size, 0);
  all.renew();
  t.deepEqual([...all.world.master.agents.keys()].map(String), ['OLD-S7']);
});

test('agents that fall silent together are lost no faster than the rate limit says', t => {
  const all = new Watched(60_000);
  for (const name of ['a1', 'a2', 'a3']) all.register(name);
  const lost = () => ['a1', 'a2', 'a3'].filter(name => all.phase(name) === 'unreachable').length;
  all.pass(76);
  t.is(lost(), 1);
  t.is(all.counted('agents-unreachable-scheduled'), 3);
  all.pass(58);
  t.is(lost(), 1);
  all.pass(2);
  t.is(lost(), 2);
  // What comes back in time was never lost.
  const last = ['a1', 'a2', 'a3'].find(name => all.phase(name) === 'registered') ?? '';
  all.renew(last);
  t.is(all.counted('agents-unreachable-canceled'), 1);
  all.pass(60);
  t.is(lost(), 2);
});

test('an unreachable agent that says goodbye is not waited for any more', t => {
  const all = registered();
  all.pass(80);
  t.is(all.phase(), 'unreachable');
  all.renew('a1', '');
  t.is(all.phase(), 'unregistered');
  t.is(seenAgent(all.world.master, 'a1').unreachableSinceMs, undefined);
  t.is(all.world.master.unreachableAgents.size, 0);
});

test('an unreachable agent that stays silent is lost once only', t => {
  const all = registered();
  all.pass(80);
  const since = seenAgent(all.world.master, 'a1').unreachableSinceMs;
  all.pass(80);
  t.is(seenAgent(all.world.master, 'a1').unreachableSinceMs, since);
  t.is(all.counted('agents-unreachable'), 1);
});

test('a pause of half the timeout is forgiven, a shorter one is not', t => {
  for (const [pauseMs, want] of [
    [SILENCE_MS / 2, 'registered'],
    [SILENCE_MS / 2 - 1, 'unreachable'],
  ] as const) {
    const all = registered();
    all.pass(40);
    all.world.pass(pauseMs);
    t.is(all.phase(), want);
  }
});

test('a Lease of nobody that goes leaves nothing behind', t => {
  const all = new Watched();
  all.renew('stranger');
  t.true(all.world.master.seenAgents.has('stranger'));
  all.world.do({kind: 'lease-seen', name: 'stranger', lease: undefined});
  t.false(all.world.master.seenAgents.has('stranger'));
  all.world.do({kind: 'lease-seen', name: 'nobody', lease: undefined});
  t.false(all.world.master.seenAgents.has('nobody'));
});

test('an agent without a Lease is still known by its object', t => {
  const all = registered();
  all.world.do({kind: 'lease-seen', name: 'a1', lease: undefined});
  t.is(all.phase(), 'registered');
});

test('an agent that is marked as gone is lost once, and its id stays known', t => {
  const all = registered();
  const gone: AgentSighting = {...toSighting(view()), gone: true};
  for (let i = 0; i < 2; i++) all.world.do({kind: 'agent-seen', agent: gone});
  t.is(all.phase(), 'gone');
  t.is(all.counted('agents-removed'), 1);
  t.true(all.world.master.goneAgents.has(toAgentId('M-S0')));
});
