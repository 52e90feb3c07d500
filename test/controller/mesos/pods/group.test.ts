import test from 'ava';
import type {ExecutorInfo, TaskInfo} from '../../../../src/api/mesos/v1/common.ts';
import type {Pod} from '../../../../src/controller/mesos/pods/pod.ts';
import {launchFromPod, launchKeyOf, seenTasksOf} from '../../../../src/controller/mesos/pods/launch-from-pod.ts';
import {toPod} from '../../../../src/controller/mesos/pods/to-pod.ts';
import {INFO, launch, OPEN, OPTIONS} from './fixtures.ts';

const EXECUTOR: ExecutorInfo = {executor_id: {value: 'e'}, type: 'DEFAULT', resources: INFO.resources ?? []};
const member = (id: string, rest: Partial<TaskInfo> = {}): TaskInfo => ({...INFO, task_id: {value: id}, ...rest});

function make(tasks: readonly TaskInfo[], executor: ExecutorInfo = EXECUTOR): Pod {
  const pod = toPod({...launch(), tasks, executor}, OPTIONS);
  if (!pod.ok) throw new Error(pod.error);
  return pod.value;
}

const shared = (path: string) => ({
  type: 'MESOS' as const,
  volumes: [
    {
      container_path: path,
      mode: 'RW' as const,
      source: {type: 'SANDBOX_PATH' as const, sandbox_path: {type: 'PARENT' as const, path: 'shared'}},
    },
  ],
});

test('each task of a group is a container with a sandbox of its own', t => {
  const {spec} = make([member('a'), member('b', {command: {value: 'echo b'}})]);
  t.deepEqual(
    spec?.containers.map(({name, volumeMounts}) => [name, volumeMounts.map(mount => mount.name)]),
    [
      ['task-0', ['task-0-sandbox']],
      ['task-1', ['task-1-sandbox']],
    ],
  );
  t.deepEqual(
    spec?.volumes.map(({name}) => name),
    ['task-0-sandbox', 'task-1-sandbox'],
  );
});

test('tasks of a group know their executor and the address that they share', t => {
  const {spec} = make([member('a'), member('b')]);
  for (const {env} of spec?.containers ?? []) {
    t.deepEqual(
      env.find(({name}) => name === 'MESOS_EXECUTOR_ID'),
      {name: 'MESOS_EXECUTOR_ID', value: 'e'},
    );
    t.deepEqual(
      env.find(({name}) => name === 'MESOS_CONTAINER_IP'),
      {name: 'MESOS_CONTAINER_IP', valueFrom: {fieldRef: {fieldPath: 'status.podIP'}}},
    );
  }
});

test('what tasks of a group share lies in the sandbox of their executor', t => {
  const {spec} = make([member('a', {container: shared('in')}), member('b', {container: shared('/out')})]);
  t.deepEqual(
    spec?.volumes.map(({name}) => name),
    ['task-0-sandbox', 'parent', 'task-1-sandbox'],
  );
  const mounts = spec?.containers.flatMap(({volumeMounts}) => volumeMounts.filter(({name}) => name === 'parent'));
  t.deepEqual(mounts, [
    {name: 'parent', mountPath: '/mnt/mesos/sandbox/in', subPath: 'shared'},
    {name: 'parent', mountPath: '/out', subPath: 'shared'},
  ]);
});

test('what a task of a group fetches comes into its own sandbox', t => {
  const command = {value: 'true', uris: [{value: 'http://x/y'}]};
  const {spec} = make([member('a'), member('b', {command})]);
  t.like(spec?.initContainers, [{name: 'fetch-1', volumeMounts: [{name: 'task-1-sandbox'}]}]);
});

test('a group has the network of its executor, with the ports of all; the longest grace and the shortest time', t => {
  const ports = (begin: number): TaskInfo['resources'] => [
    ...(INFO.resources ?? []),
    {name: 'ports', type: 'RANGES', ranges: {range: [{begin, end: begin}]}},
  ];
  const {spec} = make([
    member('a', {resources: ports(31_000), kill_policy: {grace_period: {nanoseconds: 30e9}}}),
    member('b', {resources: ports(31_001), max_completion_time: {nanoseconds: 60e9}}),
  ]);
  t.true(spec?.hostNetwork);
  t.deepEqual(
    spec?.containers.map(container => container.ports?.map(({hostPort}) => hostPort)),
    [[31_000, 31_001], undefined],
  );
  t.is(spec?.terminationGracePeriodSeconds, 30);
  t.is(spec?.activeDeadlineSeconds, 60);
  const own = make([member('a'), member('b')], {
    ...EXECUTOR,
    container: {type: 'MESOS', network_infos: [{name: 'n', port_mappings: [{host_port: 80, container_port: 8080}]}]},
  });
  t.is(own.spec?.hostNetwork, undefined);
  t.like(own.spec?.containers[0]?.ports, [{hostPort: 80, containerPort: 8080}]);
});

test('one task that may not run stops its group', t => {
  const policy = {...OPEN, images: []};
  const container = {type: 'MESOS' as const, mesos: {image: {type: 'DOCKER' as const, docker: {name: 'nginx'}}}};
  const tasks = [member('a'), member('b', {container})];
  t.false(toPod({...launch(), tasks, executor: EXECUTOR, policy}, OPTIONS).ok);
});

test('a group is read back from its pod, and each task from its own container', t => {
  const {metadata, spec} = make([member('a'), member('["b"]')]);
  const running = {running: {startedAt: '2026-01-01T00:00:00Z'}};
  const pod = {
    metadata,
    ...(spec !== undefined && {spec}),
    status: {
      phase: 'Running',
      containerStatuses: [
        {name: 'task-1', state: running},
        {name: 'task-0', state: {terminated: {exitCode: 3, finishedAt: '2026-01-01T00:00:01Z'}}},
      ],
    },
  };
  t.is(launchKeyOf(pod)?.launchId, 'L1');
  t.like(seenTasksOf(pod), [
    {taskId: 'a', status: {state: 'TASK_FAILED', lingers: true, message: 'Command exited with status 3'}},
    {taskId: '["b"]', status: {state: 'TASK_RUNNING'}},
  ]);
  const found = launchFromPod(pod);
  t.true(found.ok);
  if (!found.ok) return;
  t.deepEqual(found.value.executor, EXECUTOR);
  t.deepEqual(
    found.value.tasks.map(({info, status}) => [info.task_id.value, status.state]),
    [
      ['a', 'TASK_FAILED'],
      ['["b"]', 'TASK_RUNNING'],
    ],
  );
});

test('a group whose annotations do not fit together is not read', t => {
  const {metadata} = make([member('a'), member('b')]);
  const annotations = {...metadata.annotations, 'mesos.dev/task-ids': '["a"]'};
  t.false(launchFromPod({metadata: {...metadata, annotations}}).ok);
  const broken = {...metadata.annotations, 'mesos.dev/task-group': '{'};
  t.false(launchFromPod({metadata: {...metadata, annotations: broken}}).ok);
});
