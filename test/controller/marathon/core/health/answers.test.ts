import test from 'ava';
import {appConditions} from '../../../../../src/controller/marathon/core/apps/status.ts';
import {countTasks} from '../../../../../src/controller/marathon/core/counters.ts';
import {
  probeOf,
  probesOf,
  type CheckName,
  type ProbeAnswer,
} from '../../../../../src/controller/marathon/core/health/probes.ts';
import {readinessResults} from '../../../../../src/controller/marathon/core/health/readiness.ts';
import {checkHealths} from '../../../../../src/controller/marathon/core/health/health.ts';
import {toTaskId} from '../../../../../src/controller/marathon/core/ids.ts';
import type {Instance, LaunchedTask} from '../../../../../src/controller/marathon/core/instances/instance.ts';
import type {Settings} from '../../../../../src/controller/marathon/core/state.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1, backoffSeconds: 1};
const CHECK = {protocol: 'HTTP', gracePeriodSeconds: 3, intervalSeconds: 1, maxConsecutiveFailures: 2};
const OK: ProbeAnswer = {kind: 'status', status: 200};
const BAD: ProbeAnswer = {kind: 'status', status: 500};

function running(fields: object, settings: Partial<Settings> = {}): Simulation {
  const sim = new Simulation({settings});
  sim.connect();
  sim.apply('web', {...APP, ...fields});
  sim.settle();
  return sim;
}

function only(sim: Simulation, name = 'web'): {instance: Instance; task: LaunchedTask} {
  const [instance] = sim.instances(name);
  if (instance?.task === undefined) throw new Error('no task');
  return {instance, task: instance.task};
}

const answer = (sim: Simulation, check: CheckName, given: ProbeAnswer, task = only(sim).task): void =>
  sim.send({kind: 'probe-answer', taskId: task.taskId, check, answer: given});

const counts = (sim: Simulation) => {
  const {tasksHealthy, tasksUnhealthy} = countTasks(sim.app('web').instances.values());
  return [tasksHealthy, tasksUnhealthy];
};

const healths = (sim: Simulation) => {
  const {definition} = sim.app('web');
  return definition === undefined ? [] : checkHealths(definition, only(sim).task);
};

test('a task is healthy when all of its checks are', t => {
  const sim = running({healthChecks: [CHECK, {...CHECK, protocol: 'TCP'}]});
  t.deepEqual(counts(sim), [0, 0]);
  answer(sim, 0, OK);
  t.deepEqual(counts(sim), [0, 0]);
  t.truthy(sim.app('web').deployment); // it waits for the second one
  answer(sim, 1, {kind: 'connected'});
  t.deepEqual(counts(sim), [1, 0]);
  t.is(sim.app('web').deployment, undefined);
});

test('a task is killed for the one check of several that fails', t => {
  const sim = running({
    healthChecks: [
      {...CHECK, path: '/ok'},
      {...CHECK, path: '/bad'},
    ],
  });
  const {task} = only(sim);
  sim.advance(3000);
  for (const _ of [1, 2]) {
    answer(sim, 0, OK);
    answer(sim, 1, BAD);
  }
  t.deepEqual([counts(sim), sim.state.kills.size], [[0, 1], 0]);
  // The third failure is one more than may be.
  answer(sim, 1, BAD);
  t.true(sim.state.kills.has(task.taskId));
  sim.settle();
  const {lastTaskFailure, delay} = sim.app('web');
  t.like(lastTaskFailure, {
    taskId: task.taskId,
    state: 'TASK_KILLED',
    message: 'Task was killed since health check failed. Reason: HTTP 500',
  });
  t.is(delay?.failures, 1);
  sim.advance(3000);
  const next = only(sim);
  t.is(next.task.taskId, toTaskId(task.taskId.replace(/1$/, '2')));
  t.deepEqual([next.task.checks, next.task.healthy], [undefined, undefined]);
});

test('each event of health is told once', t => {
  const sim = running({healthChecks: [{...CHECK, maxConsecutiveFailures: 1}]});
  sim.advance(3000);
  sim.marathonEvents.length = 0;
  for (const given of [OK, OK, BAD, BAD]) answer(sim, 0, given);
  const told = sim.marathonEvents
    .filter(({eventType}) => eventType.includes('health'))
    .map(event => `${event.eventType} ${'alive' in event ? event.alive : ''}`.trim());
  t.deepEqual(told, [
    'health_status_changed_event true',
    'instance_health_changed_event',
    'failed_health_check_event',
    'health_status_changed_event false',
    'instance_health_changed_event',
    'failed_health_check_event',
    'unhealthy_instance_kill_event',
  ]);
});

test('a check that may fail without end never kills', t => {
  const sim = running({healthChecks: [{...CHECK, maxConsecutiveFailures: 0}]});
  sim.advance(3000);
  for (let i = 0; i < 50; i++) answer(sim, 0, BAD);
  t.deepEqual([counts(sim), sim.state.kills.size], [[0, 1], 0]);
  t.is(healths(sim)[0]?.consecutiveFailures, 50);
  t.is(appConditions(sim.app('web'), sim.nowMs).find(({type}) => type === 'Degraded')?.reason, 'Unhealthy');
});

test('failures before the first success do not count until the grace period is over', t => {
  const sim = running({healthChecks: [CHECK]});
  for (let i = 0; i < 10; i++) answer(sim, 0, BAD);
  t.deepEqual([counts(sim), healths(sim)], [[0, 0], [undefined]]);
  sim.advance(2999);
  answer(sim, 0, BAD);
  t.deepEqual(counts(sim), [0, 0]);
  sim.advance(1);
  answer(sim, 0, BAD);
  t.deepEqual(counts(sim), [0, 1]);
});

test('failures after the first success count also in the grace period', t => {
  const sim = running({healthChecks: [CHECK]});
  answer(sim, 0, OK);
  answer(sim, 0, BAD);
  t.deepEqual(counts(sim), [0, 1]);
});

test('the results of a check are kept', t => {
  const sim = running({healthChecks: [{...CHECK, maxConsecutiveFailures: 0}]});
  sim.advance(3000);
  const [first, failed] = [sim.nowMs, sim.nowMs + 1000];
  answer(sim, 0, OK);
  sim.advance(1000);
  answer(sim, 0, {kind: 'failed', cause: 'connect ECONNREFUSED'});
  answer(sim, 0, BAD);
  t.deepEqual(healths(sim), [
    {
      alive: false,
      consecutiveFailures: 2,
      firstSuccessMs: first,
      lastSuccessMs: first,
      lastFailureMs: failed,
      lastFailureCause: 'HTTP 500',
    },
  ]);
  answer(sim, 0, {kind: 'status', status: 302});
  t.like(healths(sim)[0], {alive: true, consecutiveFailures: 0, firstSuccessMs: first, lastFailureMs: failed});
});

const statuses: Record<string, {status: number; ignoreHttp1xx?: boolean; want: boolean | undefined}> = {
  'a redirect is a success': {status: 302, want: true},
  'the last success is 399': {status: 399, want: true},
  '400 is a failure': {status: 400, want: false},
  '101 is a failure': {status: 101, want: false},
  '101 may be ignored': {status: 101, ignoreHttp1xx: true, want: undefined},
};
for (const [title, {status, ignoreHttp1xx = false, want}] of Object.entries(statuses)) {
  test(title, t => {
    const sim = running({healthChecks: [{...CHECK, gracePeriodSeconds: 0, ignoreHttp1xx}]});
    answer(sim, 0, {kind: 'status', status});
    t.is(only(sim).task.healthy, want);
  });
}

test('the agent’s check and Marathon’s own count together', t => {
  const sim = running({healthChecks: [CHECK, {protocol: 'MESOS_TCP'}]});
  answer(sim, 0, OK);
  t.deepEqual(counts(sim), [0, 0]);
  sim.report(only(sim).task.taskId, 'TASK_RUNNING', {healthy: true});
  sim.deliver();
  t.deepEqual(counts(sim), [1, 0]);
  sim.report(only(sim).task.taskId, 'TASK_RUNNING', {healthy: false});
  sim.deliver();
  t.deepEqual(counts(sim), [0, 1]);
});

test('a task that does not run is not asked, and what it answers late changes nothing', t => {
  const sim = running({unreachableStrategy: 'disabled', healthChecks: [{...CHECK, maxConsecutiveFailures: 0}]});
  const {instance, task} = only(sim);
  answer(sim, 0, OK);
  sim.loseAgent(task.agent.agentId);
  sim.deliver();
  t.deepEqual(probesOf(sim.app('web'), instance), []);
  answer(sim, 0, BAD);
  t.like(only(sim).task.checks?.get(0) ?? {}, {alive: true});
});

test('old tasks are asked what they were launched with', t => {
  const sim = running({healthChecks: [{...CHECK, path: '/old'}]});
  answer(sim, 0, OK);
  const {instance} = only(sim);
  sim.apply('web', {...APP, healthChecks: [{...CHECK, path: '/new'}]});
  sim.advance(6000);
  const paths = sim.instances('web').map(({task}) => {
    const probe = task === undefined ? undefined : probeOf(sim.state, task.taskId, 0);
    return probe?.target.kind === 'http' ? probe.target.path : undefined;
  });
  t.deepEqual(paths, ['/old', '/new']);
  t.true(instance.task?.healthy);
});

test('after a change of leader old tasks are not asked, and count as healthy', t => {
  const strategy = {upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 0}};
  const sim = running({...strategy, healthChecks: [CHECK]});
  answer(sim, 0, OK);
  sim.apply('web', {...APP, ...strategy, healthChecks: [{...CHECK, path: '/new'}]});
  sim.advance(6000);
  sim.failover();
  sim.settle();
  const [old, fresh] = sim.instances('web').map(instance => ({instance, task: instance.task}));
  t.deepEqual([old?.task?.healthy, fresh?.task?.healthy], [true, undefined]);
  t.deepEqual(old && probesOf(sim.app('web'), old.instance), []);
  t.deepEqual(fresh && probesOf(sim.app('web'), fresh.instance), [0]);
  // The old one stays until the new one is healthy.
  sim.advance(10_000);
  t.is(sim.running('web').length, 2);
  if (fresh?.task !== undefined) answer(sim, 0, OK, fresh.task);
  sim.settle();
  t.deepEqual(sim.running('web'), [fresh?.task?.taskId ?? '']);
});

test('with a limit on kills, an app that is unhealthy for the most part is left alone', t => {
  const settings = {unhealthyKillLimit: 0.5};
  const sim = running(
    {instances: 3, healthChecks: [{...CHECK, gracePeriodSeconds: 0, maxConsecutiveFailures: 1}]},
    settings,
  );
  const tasks = sim.instances('web').flatMap(({task}) => task ?? []);
  const [first, second, third] = tasks;
  if (first === undefined || second === undefined || third === undefined) return t.fail();
  answer(sim, 0, OK, third);
  for (const task of [first, second, first, second, first]) answer(sim, 0, BAD, task);
  // Two of three are more than the half.
  t.is(sim.state.kills.size, 0);
  t.is(sim.events.filter(event => event.kind === 'kube-event' && event.reason === 'KillsHeldBack').length, 1);
  answer(sim, 0, OK, second);
  answer(sim, 0, BAD, first);
  t.deepEqual([...sim.state.kills.keys()], [first.taskId]);
});

const places: Record<string, {fields: object; ip?: string; want: object | undefined}> = {
  'a port in host mode is asked on the host': {
    fields: {healthChecks: [{protocol: 'TCP'}]},
    want: {kind: 'tcp', host: 'agent-0', port: 31000},
  },
  'a mapped port is asked on the host': {
    fields: {
      container: {docker: {image: 'x'}, portMappings: [{containerPort: 80, hostPort: 0}]},
      networks: [{mode: 'container/bridge'}],
      healthChecks: [{protocol: 'HTTPS', path: 'up'}],
    },
    ip: '10.0.0.7',
    want: {kind: 'http', scheme: 'https', host: 'agent-0', port: 31000, path: '/up', withBody: false},
  },
  'a port of the container alone is asked there': {
    fields: {
      container: {docker: {image: 'x'}, portMappings: [{containerPort: 80}]},
      networks: [{name: 'net'}],
      healthChecks: [{protocol: 'TCP'}],
    },
    ip: '10.0.0.7',
    want: {kind: 'tcp', host: '10.0.0.7', port: 80},
  },
  'a task whose address is not known is not asked yet': {
    fields: {
      container: {docker: {image: 'x'}, portMappings: [{containerPort: 80}]},
      networks: [{name: 'net'}],
      healthChecks: [{protocol: 'TCP'}],
    },
    want: undefined,
  },
  'a port by number needs no declaration': {
    fields: {healthChecks: [{protocol: 'TCP', port: 8081}], portDefinitions: []},
    want: {kind: 'tcp', host: 'agent-0', port: 8081},
  },
};
for (const [title, {fields, ip, want}] of Object.entries(places)) {
  test(title, t => {
    const sim = new Simulation({agents: 1});
    sim.connect();
    sim.apply('web', {...APP, ...fields});
    sim.settle();
    const {instance, task} = only(sim);
    const [hostPort] = task.hostPorts;
    instance.task = {...task, ipAddresses: ip === undefined ? [] : [ip]};
    const target = probeOf(sim.state, task.taskId, 0)?.target;
    // Which host port it was is chance.
    t.deepEqual(target?.port === hostPort && target !== undefined ? {...target, port: 31000} : target, want);
  });
}

const informing: Record<string, {check: object; given: ProbeAnswer; want: object}> = {
  'the status that a task answers to its check is told': {
    check: {http: {path: '/x', scheme: 'HTTPS'}},
    given: BAD,
    want: {http: {statusCode: 500}},
  },
  'a check over HTTP without an answer has no status': {
    check: {http: {}},
    given: {kind: 'failed', cause: 'x'},
    want: {http: {}},
  },
  'whether a check over TCP succeeds is told': {
    check: {tcp: {}},
    given: {kind: 'connected'},
    want: {tcp: {succeeded: true}},
  },
  'also when it does not': {check: {tcp: {}}, given: {kind: 'failed', cause: 'x'}, want: {tcp: {succeeded: false}}},
};
for (const [title, {check, given, want}] of Object.entries(informing)) {
  test(title, t => {
    const sim = running({check: {...check, delaySeconds: 7, intervalSeconds: 3}});
    const {task} = only(sim);
    t.like(probeOf(sim.state, task.taskId, 'check'), {firstMs: 7000, intervalMs: 3000, timeoutMs: 20_000});
    answer(sim, 'check', given);
    t.deepEqual(only(sim).task.checkResult, want);
    t.deepEqual([counts(sim), sim.state.kills.size, sim.app('web').deployment], [[0, 0], 0, undefined]);
  });
}

const READY = {readinessChecks: [{portName: 'default', intervalSeconds: 5, timeoutSeconds: 1}]};

test('a deployment waits until what it started is ready', t => {
  const sim = running(READY);
  const {instance} = only(sim);
  t.deepEqual(probesOf(sim.app('web'), instance), ['ready']);
  answer(sim, 'ready', {kind: 'status', status: 503});
  t.truthy(sim.app('web').deployment);
  t.deepEqual(readinessResults(sim.app('web')), [
    {name: 'readinessCheck', taskId: only(sim).task.taskId, ready: false},
  ]);
  answer(sim, 'ready', OK);
  t.is(sim.app('web').deployment, undefined);
  t.deepEqual(probesOf(sim.app('web'), instance), []);
});

test('what ran before a scaling is not asked whether it is ready', t => {
  const sim = running(READY);
  answer(sim, 'ready', OK);
  sim.advance(1000);
  sim.apply('web', {...APP, ...READY, instances: 2});
  sim.advance(6000);
  const asked = sim.instances('web').map(instance => probesOf(sim.app('web'), instance));
  t.deepEqual(asked, [[], ['ready']]);
});

test('in a rolling upgrade old tasks go as new ones get ready', t => {
  const strategy = {upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 1}};
  const sim = running({...READY, ...strategy});
  answer(sim, 'ready', OK);
  const old = only(sim).task.taskId;
  sim.advance(1000);
  sim.apply('web', {...APP, ...READY, ...strategy, cmd: 'sleep 2000'});
  sim.advance(10_000);
  t.is(sim.running('web').length, 2);
  const fresh = sim.instances('web').find(({task}) => task?.taskId !== old)?.task;
  if (fresh === undefined) return t.fail();
  answer(sim, 'ready', OK, fresh);
  sim.advance(2000);
  t.deepEqual(sim.running('web'), [fresh.taskId]);
  t.is(sim.app('web').deployment, undefined);
});

test('the last response of a readiness check is kept where that is wanted', t => {
  const [check] = READY.readinessChecks;
  const sim = running({readinessChecks: [{...check, preserveLastResponse: true, httpStatusCodesForReady: [204]}]});
  answer(sim, 'ready', {kind: 'status', status: 200, contentType: 'text/html', body: 'soon'});
  const [first] = readinessResults(sim.app('web'));
  t.deepEqual(first?.lastResponse, {status: 200, contentType: 'text/html', body: 'soon'});
  answer(sim, 'ready', {kind: 'failed', cause: 'connect ECONNREFUSED'});
  const [second] = readinessResults(sim.app('web'));
  t.deepEqual(second?.lastResponse, {status: 504, contentType: 'text/plain', body: 'connect ECONNREFUSED'});
  answer(sim, 'ready', {kind: 'status', status: 204});
  t.is(sim.app('web').deployment, undefined);
});

test('a change of leader asks again what is not ready', t => {
  const sim = running(READY);
  answer(sim, 'ready', {kind: 'status', status: 503});
  sim.failover();
  sim.settle();
  t.truthy(sim.app('web').deployment);
  t.deepEqual(probesOf(sim.app('web'), only(sim).instance), ['ready']);
  answer(sim, 'ready', OK);
  t.is(sim.app('web').deployment, undefined);
});

test('an answer of a task that nobody knows changes nothing', t => {
  const sim = running({healthChecks: [CHECK]});
  t.notThrows(() => sim.send({kind: 'probe-answer', taskId: 'of.nobody', check: 0, answer: BAD}));
  t.is(only(sim).task.checks, undefined);
});
