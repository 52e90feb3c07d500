import test from 'ava';
import type {Deployment} from '../../../../../src/controller/marathon/core/deployments/deployment.ts';
import {toAppId} from '../../../../../src/controller/marathon/core/ids.ts';
import type {Instance, LaunchedTask} from '../../../../../src/controller/marathon/core/instances/instance.ts';
import {
  newOfferStats,
  noteRejected,
  type OfferStats,
} from '../../../../../src/controller/marathon/core/offers/offer-stats.ts';
import {appConditions, appStatus} from '../../../../../src/controller/marathon/core/apps/status.ts';
import {
  newApp,
  type App,
  type AppObject,
  type Block,
  type LastTaskFailure,
} from '../../../../../src/controller/marathon/core/state.ts';
import {Simulation} from '../../simulation.ts';
import {agent, app as definitionOf, instance} from '../fixtures.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2};

const conditionsOf = (sim: Simulation) =>
  Object.fromEntries(
    appConditions(sim.app('web'), sim.nowMs).map(({type, status, reason}) => [type, `${status} ${reason}`]),
  );

function running(more: object = {}): Simulation {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', {...APP, ...more});
  sim.advance(5000);
  return sim;
}

test('an app that runs as wanted is stable', t => {
  t.deepEqual(conditionsOf(running()), {
    Available: 'True InstancesAvailable',
    Progressing: 'False Stable',
    Degraded: 'False AsExpected',
  });
});

test('an app all of whose instances are unreachable is neither available nor stable', t => {
  const sim = running({unreachableStrategy: 'disabled'});
  for (const agent of sim.agents.keys()) sim.loseAgent(agent);
  sim.advance(5000);
  t.deepEqual(conditionsOf(sim), {
    Available: 'False InstancesMissing',
    Progressing: 'False Unreachable',
    Degraded: 'True Unreachable',
  });
});

test('an app that fails in a loop is degraded between the failures too', t => {
  const sim = running();
  sim.behaviour = () => 'stay';
  const [first = ''] = sim.running('web');
  sim.report(first, 'TASK_FAILED', {message: 'ImagePullBackOff'});
  const seen = new Set<string>();
  sim.check = () => void (sim.app('web').lastTaskFailure && seen.add(conditionsOf(sim)['Degraded'] ?? ''));
  sim.advance(60_000);
  t.deepEqual([...seen], ['True TaskFailing']);
});

test('an app that came through its failures is not degraded any more', t => {
  const sim = running();
  const [first = ''] = sim.running('web');
  sim.report(first, 'TASK_FAILED');
  sim.advance(30_000);
  t.is(conditionsOf(sim)['Degraded'], 'False AsExpected');
});

const NOW = 1_000_000; // 1970-01-01T00:16:40Z
const HOST = agent('host-1');
const DEPLOYMENT: Deployment = {
  id: 'd-1',
  version: '2026-01-01T00:00:00.000Z',
  startedAtMs: 0,
  steps: [
    {actions: [{action: 'StartApplication', app: toAppId('/prod/web')}]},
    {actions: [{action: 'ScaleApplication', app: toAppId('/prod/web')}]},
  ],
  currentStep: 1,
  progress: new Map(),
  expected: new Set(),
};
const FAILURE: LastTaskFailure = {
  appId: '/prod/web',
  host: 'host-1',
  message: 'exit code 1',
  state: 'TASK_LOST',
  taskId: 't',
  timestamp: '1970-01-01T00:16:00.000Z',
  version: 'v',
  slaveId: 'A',
};
const OBJECT: AppObject = {
  name: 'web',
  uid: 'u',
  generation: 7,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  kept: undefined,
  claimed: true,
  id: toAppId('/prod/web'),
  definition: {ok: true, value: definitionOf({instances: 2})},
  config: 'c',
  restartedAt: undefined,
  version: undefined,
  deploymentId: undefined,
  victims: [],
  status: undefined,
};
const BLOCK: Block = {reason: 'InvalidSpec', message: 'bad'};

type Fields = Omit<Partial<App>, 'instances'> & {all?: readonly Instance[]; deleting?: boolean};

/** Two instances are wanted of it. */
function appWith({all = [], deleting = false, ...fields}: Fields): App {
  const app = newApp({...OBJECT, deleting});
  const inForce = {definition: definitionOf({instances: 2}), config: 'c'};
  for (const one of all) app.instances.set(one.id, one);
  return Object.assign(app, inForce, fields);
}

const it = (condition: Instance['condition'] = 'Running', more: Partial<Instance> = {}): Instance => ({
  ...instance(HOST, condition),
  ...more,
});
const withTask = (more: Partial<LaunchedTask>): Instance => {
  const one = instance(HOST);
  if (one.task === undefined) throw new Error('no task');
  return {...one, task: {...one.task, ...more}};
};
const waiting = (): Instance => it('Scheduled', {task: undefined});
const delay = (untilMs: number, failures = 1) => ({failures, delayMs: 1000, untilMs});
const shortage = (): OfferStats => {
  const stats = newOfferStats(0);
  noteRejected(stats, 'A', {reason: 'InsufficientCpus', wanted: 2, offered: 1}, 0);
  return stats;
};
const checked = definitionOf({instances: 2, healthChecks: [{protocol: 'MESOS_TCP'}]});

const rows: Record<string, {of: Fields; type: 'Available' | 'Progressing' | 'Degraded'; want: string}> = {
  'an app that was not looked at yet is not available': {
    of: {definition: undefined},
    type: 'Available',
    want: 'False Unknown ()',
  },
  'an app that goes is not available': {
    of: {definition: undefined, deleting: true, block: BLOCK},
    type: 'Available',
    want: 'False Terminating (bad)',
  },
  'a blocked app is not available, and says why': {
    of: {definition: undefined, block: BLOCK},
    type: 'Available',
    want: 'False InvalidSpec (bad)',
  },
  'one instance too few is not enough': {
    of: {all: [it()]},
    type: 'Available',
    want: 'False InstancesMissing (1 of 2 instances running)',
  },
  'as many instances as wanted are enough': {
    of: {all: [it(), it()]},
    type: 'Available',
    want: 'True InstancesAvailable (2 of 2 instances running)',
  },
  'more instances than wanted are enough': {
    of: {all: [it(), it(), it()]},
    type: 'Available',
    want: 'True InstancesAvailable (3 of 2 instances running)',
  },
  'a message about one instance is in the singular': {
    of: {definition: definitionOf({instances: 1}), all: [it()]},
    type: 'Available',
    want: 'True InstancesAvailable (1 of 1 instance running)',
  },
  'an instance that is to go does not count as available': {
    of: {all: [it(), it('Running', {goal: 'Decommissioned'})]},
    type: 'Available',
    want: 'False InstancesMissing (1 of 2 instances running)',
  },
  'with health checks an instance without a result is not healthy': {
    of: {definition: checked, all: [it(), withTask({healthy: true})]},
    type: 'Available',
    want: 'False InstancesMissing (1 of 2 instances healthy)',
  },

  'an app that goes kills its instances before anything else': {
    of: {deleting: true, block: BLOCK, all: [it(), it()]},
    type: 'Progressing',
    want: 'True Terminating (2 instances to be killed)',
  },
  'a blocked app makes no progress': {of: {block: BLOCK}, type: 'Progressing', want: 'False InvalidSpec (bad)'},
  'an app waits for its step of a deployment': {
    of: {waitsForStep: true, deployment: DEPLOYMENT},
    type: 'Progressing',
    want: 'True WaitingForDeployment (its turn is step 2 of 2 of deployment d-1)',
  },
  'an app whose deployment is gone does not wait for it': {
    of: {waitsForStep: true, all: [it(), it()]},
    type: 'Progressing',
    want: 'False Stable (every instance runs as wanted)',
  },
  'an app that was not looked at yet starts': {
    of: {definition: undefined},
    type: 'Progressing',
    want: 'True Starting (not looked at yet)',
  },
  'an app waits for the end of its delay': {
    of: {all: [waiting()], delay: delay(NOW + 1)},
    type: 'Progressing',
    want: 'True BackingOff (1 instance waiting until 1970-01-01T00:16:40.001Z after 1 failure)',
  },
  'two instances wait after two failures': {
    of: {all: [waiting(), waiting()], delay: delay(NOW + 1000, 2)},
    type: 'Progressing',
    want: 'True BackingOff (2 instances waiting until 1970-01-01T00:16:41.000Z after 2 failures)',
  },
  'an app whose delay is over waits for offers': {
    of: {all: [waiting()], delay: delay(NOW)},
    type: 'Progressing',
    want: 'True WaitingForOffers (1 instance to be launched, waiting for offers)',
  },
  'an instance that was only counted waits for offers too': {
    of: {unmade: 2},
    type: 'Progressing',
    want: 'True WaitingForOffers (2 instances to be launched, waiting for offers)',
  },
  'an app says what the offers lack': {
    of: {unmade: 2, offerStats: shortage()},
    type: 'Progressing',
    want: 'True WaitingForOffers (2 instances to be launched: no agent has enough cpus: 2 wanted, at most 1 offered)',
  },
  'while no offer has been refused the app just waits': {
    of: {unmade: 1, offerStats: newOfferStats(0)},
    type: 'Progressing',
    want: 'True WaitingForOffers (1 instance to be launched, waiting for offers)',
  },
  'an older version is replaced': {
    of: {all: [it(), it('Staging', {config: 'old'})]},
    type: 'Progressing',
    want: 'True RollingUpdate (1 instance of an older version left)',
  },
  'a surplus is killed': {
    of: {all: [it(), it('Staging', {goal: 'Decommissioned'})]},
    type: 'Progressing',
    want: 'True ScalingDown (1 instance to be killed)',
  },
  'an instance that nobody has heard of starts': {
    of: {all: [it(), it('Provisioned')]},
    type: 'Progressing',
    want: 'True Launching (1 instance starting)',
  },
  'an instance in staging starts': {
    of: {all: [it(), it('Staging')]},
    type: 'Progressing',
    want: 'True Launching (1 instance starting)',
  },
  'an instance that is starting starts': {
    of: {all: [it('Starting'), it('Starting')], deployment: DEPLOYMENT},
    type: 'Progressing',
    want: 'True Launching (2 instances starting)',
  },
  'a deployment waits until the instances are healthy': {
    of: {definition: checked, deployment: DEPLOYMENT, all: [it(), withTask({healthy: true})]},
    type: 'Progressing',
    want: 'True WaitingForHealth (1 of 2 instances healthy)',
  },
  'an unreachable instance is not waited for': {
    of: {all: [it(), withTask({unreachableAtMs: 1})]},
    type: 'Progressing',
    want: 'False Unreachable (1 instance on unreachable agents)',
  },
  'an instance that fails its checks is missing': {
    of: {definition: checked, all: [withTask({healthy: false}), withTask({healthy: true})]},
    type: 'Progressing',
    want: 'False InstancesMissing (1 of 2 instances healthy)',
  },
  'an app that runs as wanted says so': {
    of: {all: [it(), it()]},
    type: 'Progressing',
    want: 'False Stable (every instance runs as wanted)',
  },

  'a blocked app is degraded': {
    of: {block: BLOCK, delay: delay(NOW + 1)},
    type: 'Degraded',
    want: 'True InvalidSpec (bad)',
  },
  'an app that misses instances after a failure is degraded, though its delay is over': {
    of: {all: [it()], delay: delay(NOW), lastTaskFailure: FAILURE},
    type: 'Degraded',
    want: 'True TaskFailing (TASK_LOST on host-1: exit code 1)',
  },
  'an app that is delayed is degraded, though enough instances run': {
    of: {all: [it(), it()], delay: delay(NOW + 1), lastTaskFailure: {...FAILURE, message: ''}},
    type: 'Degraded',
    want: 'True TaskFailing (TASK_LOST on host-1: no message)',
  },
  'a delay without a recorded failure is told too': {
    of: {delay: delay(NOW + 1)},
    type: 'Degraded',
    want: 'True TaskFailing (TASK_FAILED on : no message)',
  },
  'an app that has all its instances after its delay is not degraded': {
    of: {all: [it(), it()], delay: delay(NOW), lastTaskFailure: FAILURE},
    type: 'Degraded',
    want: 'False AsExpected (no failures)',
  },
  'an app that misses instances without a failure is not degraded': {
    of: {all: [it()], lastTaskFailure: FAILURE},
    type: 'Degraded',
    want: 'False AsExpected (no failures)',
  },
  'unreachable instances degrade an app': {
    of: {all: [withTask({unreachableAtMs: 1}), withTask({unreachableAtMs: 2, healthy: false})]},
    type: 'Degraded',
    want: 'True Unreachable (2 instances on unreachable agents)',
  },
  'an instance that fails its checks degrades an app': {
    of: {definition: checked, all: [withTask({healthy: false}), withTask({healthy: true})]},
    type: 'Degraded',
    want: 'True Unhealthy (1 instance failing health checks)',
  },
};
for (const [title, {of, type, want}] of Object.entries(rows)) {
  test(`${type}: ${title}`, t => {
    const found = appConditions(appWith(of), NOW).find(each => each.type === type);
    t.is(`${found?.status} ${found?.reason} (${found?.message})`, want);
  });
}

const TIMES = {lastScalingAt: '2026-01-01T00:00:01.000Z', lastConfigChangeAt: '2026-01-01T00:00:02.000Z'};
const RECORDED: Fields = {
  versionInfo: {version: '2026-01-01T00:00:03.000Z', ...TIMES},
  restartedAt: '2026-01-01T00:00:04.000Z',
  servicePorts: [10000, 10001],
  lastTaskFailure: FAILURE,
};
const NOTHING_RUNS = {
  observedGeneration: 7,
  replicas: 0,
  tasksStaged: 0,
  tasksRunning: 0,
  tasksHealthy: 0,
  tasksUnhealthy: 0,
  selector: 'marathon.mesos.dev/name=web',
};
const WRITTEN = {
  ...NOTHING_RUNS,
  version: '2026-01-01T00:00:03.000Z',
  versionInfo: TIMES,
  configHash: 'c',
  restartedAt: '2026-01-01T00:00:04.000Z',
  servicePorts: [10000, 10001],
  deployments: undefined,
  launchDelay: undefined,
  reservations: undefined,
  lastTaskFailure: FAILURE,
};

const statusRows: Record<string, {of: Fields; want: object}> = {
  'an object that could never be considered keeps what it has': {of: {}, want: NOTHING_RUNS},
  'the status holds what the next leader recalls': {of: RECORDED, want: WRITTEN},
  'the status names the deployment and what it does to the app': {
    of: {...RECORDED, deployment: DEPLOYMENT},
    want: {
      ...WRITTEN,
      deployments: [{id: 'd-1', version: '2026-01-01T00:00:00.000Z', action: 'ScaleApplication'}],
    },
  },
  'the status holds a delay until it ends': {
    of: {...RECORDED, delay: delay(NOW + 1, 3)},
    want: {...WRITTEN, launchDelay: {failures: 3, until: '1970-01-01T00:16:40.001Z'}},
  },
  'a delay that is over is not written': {of: {...RECORDED, delay: delay(NOW, 3)}, want: WRITTEN},
  'a change that waits for its step is not observed yet': {
    of: {...RECORDED, waitsForStep: true},
    want: {...WRITTEN, observedGeneration: undefined},
  },
};
for (const [title, {of, want}] of Object.entries(statusRows)) {
  test(title, t => void t.deepEqual(appStatus(appWith(of), NOW), want as ReturnType<typeof appStatus>));
}
