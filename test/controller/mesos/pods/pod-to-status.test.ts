import test from 'ava';
import type {KubeContainerStatus, PodStatus, SeenPod} from '../../../../src/controller/mesos/pods/pod.ts';
import {podStatusToTask} from '../../../../src/controller/mesos/pods/pod-to-status.ts';
import {isUnreleased, launchFromPod, launchKeyOf} from '../../../../src/controller/mesos/pods/launch-from-pod.ts';

// Deletion was asked for at 12:00:00, with a grace of 30 s.
const DELETED = {deletionTimestamp: '2026-01-01T12:00:30Z', deletionGracePeriodSeconds: 30};
const BEFORE = '2026-01-01T11:59:59Z';
const AFTER = '2026-01-01T12:00:01Z';

type Given = {
  readonly status?: PodStatus;
  readonly state?: KubeContainerStatus['state'];
  readonly container?: Partial<KubeContainerStatus>;
  readonly metadata?: Partial<SeenPod['metadata']>;
  readonly probed?: boolean;
};

function pod({status = {}, state, container = {}, metadata = {}, probed = false}: Given): SeenPod {
  const containerStatuses = state === undefined ? [] : [{name: 'task', state, ...container}];
  const probe = {initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1};
  const task = {name: 'task', env: [], resources: {requests: {}, limits: {}}, volumeMounts: []};
  return {
    metadata: {name: 'p', ...metadata},
    spec: {containers: [{...task, ...(probed && {livenessProbe: probe})}]},
    status: {...status, containerStatuses},
  };
}

const exit = (exitCode: number, rest = {}) => ({terminated: {exitCode, ...rest}});
const target = (reason: string, message: string) => ({type: 'DisruptionTarget', status: 'True', reason, message});
const readiness = (lastTransitionTime: string): PodStatus => ({
  phase: 'Running',
  conditions: [{type: 'ContainersReady', status: 'False', lastTransitionTime}],
});
const FETCH_LOG = "Fetched a\nmesos: Failed to fetch 'http://x/y': the server answered 404 Not Found\n";
const EXECUTOR = 'SOURCE_EXECUTOR';
const AGENT = 'SOURCE_AGENT';
const NO_LAUNCH = 'REASON_CONTAINER_LAUNCH_FAILED';

const rows: Readonly<Record<string, readonly [Given, Readonly<Record<string, unknown>>]>> = {
  'no status yet': [{}, {state: 'TASK_STAGING'}],
  'container being created': [{state: {waiting: {reason: 'ContainerCreating'}}}, {state: 'TASK_STARTING'}],
  'first failed pull: Kubernetes tries again': [{state: {waiting: {reason: 'ErrImagePull'}}}, {state: 'TASK_STARTING'}],
  'image cannot be had': [
    {state: {waiting: {reason: 'ImagePullBackOff', message: 'not found'}}},
    {
      state: 'TASK_FAILED',
      source: AGENT,
      reason: NO_LAUNCH,
      message: 'ImagePullBackOff: not found',
      giveUp: true,
    },
  ],
  running: [{state: {running: {}}}, {state: 'TASK_RUNNING', source: EXECUTOR, healthy: undefined}],
  'running with a check, no result yet': [
    {state: {running: {}}, container: {started: false, ready: false}, probed: true},
    {state: 'TASK_RUNNING', healthy: undefined},
  ],
  healthy: [
    {state: {running: {}}, container: {started: true, ready: true}, probed: true},
    {state: 'TASK_RUNNING', healthy: true},
  ],
  unhealthy: [
    {state: {running: {}}, container: {started: true, ready: false}, probed: true},
    {state: 'TASK_RUNNING', healthy: false},
  ],
  'started, not probed yet: no failure': [
    {
      state: {running: {startedAt: '2026-01-01T00:00:02Z'}},
      container: {started: true, ready: false},
      probed: true,
      status: readiness('2026-01-01T00:00:02Z'),
    },
    {state: 'TASK_RUNNING', healthy: undefined},
  ],
  'was ready, and fails': [
    {
      state: {running: {startedAt: '2026-01-01T00:00:02Z'}},
      container: {started: true, ready: false},
      probed: true,
      status: readiness('2026-01-01T00:00:03Z'),
    },
    {state: 'TASK_RUNNING', healthy: false},
  ],
  'address and container id': [
    {
      status: {phase: 'Running', podIP: '10.0.0.7'},
      state: {running: {}},
      container: {containerID: 'containerd://abc'},
    },
    {
      containerStatus: {
        network_infos: [{ip_addresses: [{protocol: 'IPv4', ip_address: '10.0.0.7'}]}],
        container_id: {value: 'abc'},
      },
    },
  ],
  'an end has the address, too': [
    {status: {phase: 'Failed', podIP: '10.0.0.7'}, state: exit(1), container: {containerID: 'containerd://abc'}},
    {
      state: 'TASK_FAILED',
      containerStatus: {
        network_infos: [{ip_addresses: [{protocol: 'IPv4', ip_address: '10.0.0.7'}]}],
        container_id: {value: 'abc'},
      },
    },
  ],
  'running, to be deleted': [{state: {running: {}}, metadata: DELETED}, {state: 'TASK_KILLING'}],
  'exit 0': [
    {state: exit(0)},
    {state: 'TASK_FINISHED', source: EXECUTOR, message: 'Command exited with status 0', reason: undefined},
  ],
  'exit 3': [{state: exit(3)}, {state: 'TASK_FAILED', message: 'Command exited with status 3', signal: undefined}],
  'killed by a signal': [
    {state: exit(137)},
    {state: 'TASK_FAILED', message: 'Command terminated with signal SIGKILL', signal: 9},
  ],
  'the container ends before the phase does': [{status: {phase: 'Running'}, state: exit(0)}, {state: 'TASK_FINISHED'}],
  'phase Failed and exit 1': [
    {status: {phase: 'Failed'}, state: exit(1)},
    {state: 'TASK_FAILED', source: EXECUTOR},
  ],
  'phase Succeeded without container': [{status: {phase: 'Succeeded'}}, {state: 'TASK_FINISHED'}],
  'deleted, then exit 0': [
    {state: exit(0, {finishedAt: AFTER}), metadata: DELETED},
    {state: 'TASK_KILLED', message: 'Command exited with status 0', deleted: true},
  ],
  'deleted, then SIGTERM': [
    {status: {phase: 'Failed'}, state: exit(143, {finishedAt: AFTER}), metadata: DELETED},
    {state: 'TASK_KILLED', deleted: true},
  ],
  'finished, then deleted': [
    {state: exit(0, {finishedAt: BEFORE}), metadata: DELETED},
    {state: 'TASK_FINISHED', deleted: undefined},
  ],
  'deleted before it ran': [
    {metadata: {...DELETED, deletionGracePeriodSeconds: 0}},
    {state: 'TASK_KILLED', deleted: true},
  ],
  'to be deleted, the node has not answered': [{metadata: DELETED}, {state: 'TASK_STAGING'}],
  'out of memory': [
    {state: exit(137, {reason: 'OOMKilled'})},
    {state: 'TASK_FAILED', source: AGENT, reason: 'REASON_CONTAINER_LIMITATION_MEMORY'},
  ],
  'cannot be started': [
    {state: exit(128, {reason: 'StartError', message: 'no such file'})},
    {state: 'TASK_FAILED', source: AGENT, reason: NO_LAUNCH, message: 'no such file'},
  ],
  'evicted for memory': [
    {status: {phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.'}},
    {state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY'},
  ],
  'evicted for disk': [
    {status: {phase: 'Failed', reason: 'Evicted', message: 'Pod ephemeral local storage usage exceeds'}},
    {state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_DISK'},
  ],
  'too long': [
    {status: {phase: 'Failed', reason: 'DeadlineExceeded'}, state: exit(137)},
    {state: 'TASK_FAILED', reason: 'REASON_MAX_COMPLETION_TIME_REACHED'},
  ],
  'not let in by the kubelet': [
    {status: {phase: 'Failed', reason: 'OutOfcpu', message: 'requested: 2'}},
    {state: 'TASK_DROPPED', source: AGENT, reason: NO_LAUNCH, message: 'OutOfcpu: requested: 2'},
  ],
  'host port taken': [{status: {phase: 'Failed', reason: 'NodePorts'}}, {state: 'TASK_DROPPED', reason: NO_LAUNCH}],
  'not let in for another reason': [
    {status: {phase: 'Failed', reason: 'SysctlForbidden', message: 'forbidden sysctl'}},
    {state: 'TASK_FAILED', reason: NO_LAUNCH, message: 'SysctlForbidden: forbidden sysctl'},
  ],
  'the node shuts down': [
    {status: {phase: 'Failed', reason: 'NodeShutdown'}, state: exit(143)},
    {state: 'TASK_KILLED', reason: 'REASON_AGENT_DRAINING'},
  ],
  'drained: the eviction API': [
    {
      status: {phase: 'Failed', conditions: [target('EvictionByEvictionAPI', 'Eviction API: evicting')]},
      state: exit(0, {finishedAt: AFTER}),
      metadata: DELETED,
    },
    {
      state: 'TASK_KILLED',
      source: AGENT,
      reason: 'REASON_AGENT_DRAINING',
      message: 'The pod was evicted: Eviction API: evicting',
      deleted: true,
    },
  ],
  'preempted by kube-scheduler': [
    {
      status: {phase: 'Failed', conditions: [target('PreemptionByScheduler', 'preempting to accommodate')]},
      state: exit(143, {finishedAt: AFTER}),
      metadata: DELETED,
    },
    {state: 'TASK_KILLED', reason: 'REASON_CONTAINER_PREEMPTED', deleted: true},
  ],
  'preempted by the kubelet': [
    {status: {phase: 'Failed', reason: 'Preempting', message: 'for a critical pod'}, state: exit(143)},
    {state: 'TASK_KILLED', reason: 'REASON_CONTAINER_PREEMPTED'},
  ],
  'ended on its own before it was drained': [
    {
      status: {phase: 'Failed', conditions: [target('EvictionByEvictionAPI', '')]},
      state: exit(3, {finishedAt: BEFORE}),
      metadata: DELETED,
    },
    {state: 'TASK_FAILED', message: 'Command exited with status 3', deleted: undefined},
  ],
  'evicted by the kubelet, which says so twice': [
    {
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'low on pids',
        conditions: [target('TerminationByKubelet', '')],
      },
      state: exit(137),
    },
    {state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION', message: 'Evicted: low on pids'},
  ],
  'URIs are being fetched': [
    {
      status: {phase: 'Pending', initContainerStatuses: [{name: 'fetch', state: {running: {}}}]},
      state: {waiting: {reason: 'PodInitializing'}},
    },
    {state: 'TASK_STARTING', message: 'PodInitializing'},
  ],
  'our own image cannot be pulled': [
    {
      status: {
        phase: 'Pending',
        initContainerStatuses: [{name: 'fetch', state: {waiting: {reason: 'ImagePullBackOff', message: 'x'}}}],
      },
      state: {waiting: {reason: 'PodInitializing'}},
    },
    {state: 'TASK_FAILED', reason: NO_LAUNCH, message: 'ImagePullBackOff: x', giveUp: true},
  ],
  'a URI could not be fetched': [
    {
      status: {phase: 'Failed', initContainerStatuses: [{name: 'fetch', state: exit(1, {message: FETCH_LOG})}]},
      state: {waiting: {reason: 'PodInitializing'}},
    },
    {
      state: 'TASK_FAILED',
      source: AGENT,
      reason: NO_LAUNCH,
      message: "Failed to fetch 'http://x/y': the server answered 404 Not Found",
    },
  ],
  'deleted while fetching': [
    {
      status: {phase: 'Failed', initContainerStatuses: [{name: 'fetch', state: exit(143, {finishedAt: AFTER})}]},
      metadata: DELETED,
    },
    {state: 'TASK_KILLED', deleted: true},
  ],
  'a child was out of memory, the task ended well': [
    {status: {phase: 'Succeeded'}, state: exit(0, {reason: 'OOMKilled'})},
    {state: 'TASK_FINISHED'},
  ],
  'a child was out of memory, and the task failed for it': [
    {status: {phase: 'Failed'}, state: exit(1, {reason: 'OOMKilled'})},
    {state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY'},
  ],
  'a node that lost the container': [
    {status: {phase: 'Failed'}, state: exit(137, {reason: 'ContainerStatusUnknown', message: 'not located'})},
    {state: 'TASK_FAILED', reason: 'REASON_EXECUTOR_TERMINATED', message: 'not located'},
  ],
  'root is not allowed': [
    {state: {waiting: {reason: 'CreateContainerConfigError', message: 'runAsNonRoot'}}},
    {state: 'TASK_FAILED', reason: NO_LAUNCH, message: 'CreateContainerConfigError: runAsNonRoot', giveUp: true},
  ],
  'the node is gone': [
    {
      status: {
        phase: 'Failed',
        conditions: [target('DeletionByPodGC', 'node not found')],
      },
      state: {running: {}},
      metadata: DELETED,
    },
    {state: 'TASK_GONE', reason: 'REASON_AGENT_REMOVED', message: 'The node is gone: node not found'},
  ],
  'ended, but the kubelet still counts it': [{status: {phase: 'Running'}, state: exit(0)}, {lingers: true}],
  'ended and taken down': [{status: {phase: 'Succeeded'}, state: exit(0)}, {lingers: undefined}],
  'ended, deleted, and given up by a kubelet that names no final phase': [
    {status: {phase: 'Running'}, state: exit(0), metadata: {...DELETED, deletionGracePeriodSeconds: 0}},
    {lingers: undefined},
  ],
  'failed for a reason nobody knows': [
    {status: {phase: 'Failed', reason: 'Odd', message: 'strange'}},
    {state: 'TASK_FAILED', reason: NO_LAUNCH, message: 'strange'},
  ],
};
for (const [title, [given, want]] of Object.entries(rows)) {
  test(title, t => {
    const status: Readonly<Record<string, unknown>> = podStatusToTask(pod(given));
    for (const [key, value] of Object.entries(want)) t.deepEqual(status[key], value, key);
  });
}

test('a pod without our marks is nobody', t => {
  t.is(launchKeyOf(pod({})), undefined);
  t.false(launchFromPod(pod({})).ok);
  t.false(isUnreleased(pod({})));
  t.true(isUnreleased(pod({metadata: {finalizers: ['mesos.dev/task-status']}})));
});

test('an annotation that cannot be read is said to be so', t => {
  const annotations = {
    'mesos.dev/framework-id': 'F',
    'mesos.dev/task-id': 't',
    'mesos.dev/launch-id': 'l',
    'mesos.dev/task': '{',
  };
  const found = launchFromPod(pod({metadata: {annotations}}));
  t.deepEqual(found, {ok: false, error: "Annotation mesos.dev/task: Expected an object for '', got undefined"});
});

const words: Readonly<Record<number, string>> = {
  1: 'Command exited with status 1',
  128: 'Command exited with status 128',
  129: 'Command terminated with signal SIGHUP',
  137: 'Command terminated with signal SIGKILL',
  193: 'Command exited with status 193',
};
for (const [code, message] of Object.entries(words)) {
  test(`exit code ${code}`, t => t.is(podStatusToTask(pod({state: exit(Number(code))})).message, message));
}
test('the last signal there is', t => {
  t.regex(podStatusToTask(pod({state: exit(192)})).message ?? '', /^Command terminated with signal /);
});

test('a pod is known by its framework, its task and its launch, all three', t => {
  const annotations = {
    'mesos.dev/framework-id': 'F',
    'mesos.dev/task-id': 't',
    'mesos.dev/launch-id': 'L',
  };
  t.truthy(launchKeyOf({metadata: {name: 'p', annotations}}));
  const keys = Object.keys(annotations);
  for (const missing of keys) {
    const {[missing]: _missing, ...rest} = annotations as Record<string, string>;
    t.is(launchKeyOf({metadata: {name: 'p', annotations: rest}}), undefined, missing);
  }
});
