import test from 'ava';
import {toAgentView} from '../../../../src/controller/mesos/objects/agent-object.ts';
import {AgentWatch} from '../../../../src/controller/mesos/inbox/agent-watch.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

type Spec = {readonly resources?: string; readonly uid?: string; readonly status?: object};

const view = ({resources = 'cpus:4;mem:1024', uid = 'u1', status}: Spec = {}) =>
  toAgentView({
    apiVersion: 'mesos.dev/v1',
    kind: 'MesosAgent',
    metadata: {name: 'a1', namespace: 'default', uid, resourceVersion: '1', generation: 1},
    spec: {nodeName: 'a1', hostname: 'a1.example', resources},
    status,
  });

/** An agent watch whose news are lines, and whose ids are stored when the test says so. */
function watched() {
  const clock = new VirtualClock();
  const news: string[] = [];
  const toStore: string[] = [];
  const down = new Set<string>();
  let given = 0;
  const watch = new AgentWatch({
    clock,
    silenceMs: 75_000,
    newAgentId: () => `M-S${given++}`,
    assign: (_name, agentId) => toStore.push(agentId),
    isDown: ({description}) => description.ok && down.has(description.value.hostname),
    onAdded: agent => news.push(`added ${agent.id} ${agent.total.scalar('cpus')}`),
    onUpdated: agent => news.push(`updated ${agent.id} ${agent.total.scalar('cpus')}`),
    onLost: (agentId, reason) => news.push(`lost ${agentId} ${reason}`),
    onPhase: () => {},
  });
  const renew = (holder = 'a1') => watch.leaseSeen('a1', {holder, renewTime: new Date(clock.now()).toISOString()});
  return {clock, news, toStore, watch, renew, down};
}

function registered() {
  const all = watched();
  all.watch.agentSeen('a1', view());
  all.renew();
  all.watch.assigned('a1', all.toStore[0] ?? '');
  all.news.length = 0;
  return all;
}

test('a new agent is added once its id was stored', t => {
  const {news, toStore, watch, renew} = watched();
  watch.agentSeen('a1', view());
  renew();
  t.deepEqual(news, []);
  t.deepEqual(toStore, ['M-S0']);
  watch.assigned('a1', 'M-S0');
  t.deepEqual(news, ['added M-S0 4']);
});

test('Lease and object may come in any order', t => {
  const {news, toStore, watch, renew} = watched();
  renew();
  watch.agentSeen('a1', view());
  watch.assigned('a1', toStore[0] ?? '');
  t.deepEqual(news, ['added M-S0 4']);
});

test('an id is asked for once, and again when it could not be stored', t => {
  const {toStore, watch, renew} = watched();
  watch.agentSeen('a1', view());
  renew();
  watch.tick();
  t.is(toStore.length, 1);
  watch.notAssigned('a1');
  watch.tick();
  t.is(toStore.length, 2);
});

test('other resources are an update; the same again is nothing', t => {
  const {news, watch} = registered();
  watch.agentSeen('a1', view());
  watch.agentSeen('a1', view({resources: 'cpus:8;mem:1024'}));
  t.deepEqual(news, ['updated M-S0 8']);
});

test('a description that cannot be understood changes nothing for a registered agent', t => {
  const {news, watch} = registered();
  watch.agentSeen('a1', view({resources: 'cpus:many'}));
  t.deepEqual(news, []);
  t.is(watch.phaseOf('a1'), 'registered');
});

test('a silent agent is lost once, and back with its next renewal', t => {
  const {clock, news, watch, renew} = registered();
  for (let s = 0; s < 80; s++) {
    clock.advance(1000);
    watch.tick();
  }
  t.deepEqual(news, ['lost M-S0 unreachable']);
  renew();
  t.deepEqual(news, ['lost M-S0 unreachable', 'added M-S0 4']);
});

test('a released Lease loses the agent at once; silence after that says nothing new', t => {
  const {clock, news, watch, renew} = registered();
  renew('');
  t.deepEqual(news, ['lost M-S0 unregistered']);
  clock.advance(80_000);
  watch.tick();
  t.is(news.length, 1);
});

test('deleting the object removes the agent; another object is another agent', t => {
  const {news, toStore, watch, renew} = registered();
  watch.agentSeen('a1', undefined);
  t.deepEqual(news, ['lost M-S0 removed-by-operator']);
  watch.agentSeen('a1', view({uid: 'u2'}));
  renew();
  watch.assigned('a1', toStore[1] ?? '');
  t.deepEqual(news, ['lost M-S0 removed-by-operator', 'added M-S1 4']);
});

test('a deletion and a new object seen as one change are both', t => {
  const {news, watch} = registered();
  watch.agentSeen('a1', view({uid: 'u2'}));
  t.deepEqual(news, ['lost M-S0 removed-by-operator']);
});

const ready = (reason: string) => [
  {type: 'Ready', status: 'False', reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'},
];

test('agents of an earlier master are recovered under their ids, by what their status says', t => {
  const {news, watch, renew} = watched();
  const recovered = watch.recover([view({status: {agentId: 'OLD-S7', conditions: ready('AgentReady')}})]);
  t.deepEqual(
    recovered.agents.map(({id}) => `${id}`),
    ['OLD-S7'],
  );
  t.deepEqual(news, []);
  renew();
  watch.agentSeen('a1', view({status: {agentId: 'OLD-S7'}}));
  t.deepEqual(news, ['added OLD-S7 4']);
});

test('one that was unreachable stays so until it is heard of', t => {
  const {watch} = watched();
  const status = {
    agentId: 'OLD-S7',
    conditions: ready('AgentUnreachable'),
    unreachableTime: '2026-01-01T00:00:00Z',
  };
  const recovered = watch.recover([view({status})]);
  t.is(recovered.agents.length, 0);
  t.is(recovered.unreachable[0]?.sinceMs, Date.UTC(2026, 0, 1));
  t.is(watch.phaseOf('a1'), 'unreachable');
});

test('one that said goodbye is not recovered at all', t => {
  const {watch} = watched();
  const recovered = watch.recover([view({status: {agentId: 'OLD-S7', conditions: ready('AgentShutdown')}})]);
  t.deepEqual(recovered, {agents: [], unreachable: []});
});

test('a recovered agent that stays silent is lost', t => {
  const {clock, news, watch} = watched();
  const found = view({status: {agentId: 'OLD-S7', conditions: ready('AgentReady')}});
  watch.recover([found]);
  watch.agentSeen('a1', found);
  for (let s = 0; s < 76; s++) {
    clock.advance(1000);
    watch.tick();
  }
  t.deepEqual(news, ['lost OLD-S7 unreachable']);
});

test('an agent whose machine is down is lost, and added again when it is up', t => {
  const {watch, news, renew, down} = registered();
  down.add('a1.example');
  watch.tick();
  t.deepEqual(news, ['lost M-S0 machine-down']);
  renew();
  t.is(news.length, 1);
  down.clear();
  watch.tick();
  t.deepEqual(news.slice(1), ['added M-S0 4']);
});
