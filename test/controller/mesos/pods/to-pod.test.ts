import test from 'ava';
import type {TaskInfo} from '../../../../src/api/mesos/v1/common.ts';
import {podName} from '../../../../src/controller/mesos/core/tasks/pod-name.ts';
import {isPodLabel, labelValue} from '../../../../src/controller/mesos/pods/marks.ts';
import {launchFromPod} from '../../../../src/controller/mesos/pods/launch-from-pod.ts';
import {claimName, claimsOf} from '../../../../src/controller/mesos/pods/volume-claims.ts';
import {container, INFO, launch, make, refused, spec} from './fixtures.ts';

test('a command task, whole', t => {
  const {metadata, spec: made} = make();
  t.like(metadata, {
    namespace: 'ns',
    labels: {'mesos.dev/managed': 'true', 'mesos.dev/framework-id': 'F-0000', 'mesos.dev/agent': 'agent-0'},
    finalizers: ['mesos.dev/task-status'],
    ownerReferences: [{apiVersion: 'mesos.dev/v1', kind: 'MesosFramework', name: 'F-0000', uid: 'uid-1'}],
  });
  t.deepEqual<unknown, unknown>(made, {
    nodeName: 'node-0',
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 3,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: true,
    dnsPolicy: 'ClusterFirstWithHostNet',
    tolerations: [
      {key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute'},
      {key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute'},
    ],
    volumes: [{name: 'sandbox', emptyDir: {}}],
    containers: [
      {
        name: 'task',
        workingDir: '/mnt/mesos/sandbox',
        command: ['/bin/sh', '-c', 'echo hi'],
        env: [
          {name: 'MESOS_FRAMEWORK_ID', value: 'F-0000'},
          {name: 'MESOS_EXECUTOR_ID', value: 'app.1'},
          {name: 'MESOS_SLAVE_ID', value: 'S0'},
          {name: 'MESOS_ALLOCATION_ROLE', value: 'web'},
          {name: 'MESOS_SANDBOX', value: '/mnt/mesos/sandbox'},
        ],
        resources: {requests: {cpu: '100m', memory: '64Mi'}, limits: {memory: '64Mi'}},
        volumeMounts: [{name: 'sandbox', mountPath: '/mnt/mesos/sandbox'}],
        lifecycle: {preStop: {exec: {command: ['/bin/sh', '-c', 'kill -TERM -1 || true']}}},
      },
    ],
  });
});

test('what is launched can be read back from the pod', t => {
  const info = {...INFO, limits: {mem: {value: Number.POSITIVE_INFINITY}}};
  const found = launchFromPod({metadata: make(info).metadata, status: {phase: 'Pending'}});
  t.true(found.ok);
  if (!found.ok) return;
  t.like(found.value, {frameworkId: 'F-0000', launchId: 'L1', agentId: 'S0'});
  const [first] = found.value.tasks;
  t.is(first?.info.task_id.value, 'app.1');
  t.is(first?.info.limits?.mem?.value, Number.POSITIVE_INFINITY);
  t.is(first?.status.state, 'TASK_STAGING');
});

const DOCKER: TaskInfo['container'] = {type: 'DOCKER', docker: {image: 'nginx'}};
const commands = {
  shell: [{command: {value: 'a b'}}, {command: ['/bin/sh', '-c', 'a b']}],
  'what Kubernetes would expand is escaped': [
    {command: {value: 'echo $$ $(date) $HOME'}},
    {command: ['/bin/sh', '-c', 'echo $$$ $$(date) $HOME']},
  ],
  'exec: the first argument is argv[0]': [
    {command: {shell: false, value: '/bin/echo', arguments: ['echo', 'x']}},
    {command: ['/bin/echo', 'x']},
  ],
  "docker without shell: arguments of the image's entry point": [
    {command: {shell: false, arguments: ['-v']}, container: DOCKER},
    {args: ['-v']},
  ],
  'docker without anything: the image decides': [{command: {shell: false}, container: DOCKER}, {}],
} as const;
for (const [title, [rest, want]] of Object.entries(commands)) {
  test(`command: ${title}`, t => {
    const {command, args} = container(rest);
    t.deepEqual<unknown, unknown>({...(command && {command}), ...(args && {args})}, want);
  });
}

test('what a shell has started hears of the end, too; other commands are alone', t => {
  t.deepEqual(container({}).lifecycle?.preStop.exec.command, ['/bin/sh', '-c', 'kill -TERM -1 || true']);
  t.is(container({command: {shell: false, value: '/bin/x', arguments: ['x']}}).lifecycle, undefined);
});

test('one failure is seen before it kills', t => {
  const health_check = {type: 'TCP' as const, tcp: {port: 1}, consecutive_failures: 1};
  const {livenessProbe, readinessProbe} = container({health_check});
  t.is(readinessProbe?.failureThreshold, 1);
  t.is(livenessProbe?.failureThreshold, 2);
});

test('numbers that are too large for a pod become the largest that it takes', t => {
  const most = 2 ** 31 - 1;
  const health_check = {
    ...{type: 'TCP' as const, tcp: {port: 1}, consecutive_failures: most},
    ...{grace_period_seconds: 1e12, interval_seconds: 1e12, timeout_seconds: 1e12, delay_seconds: 1e11},
  };
  const {startupProbe, livenessProbe} = container({health_check});
  const times = {periodSeconds: most, timeoutSeconds: most, failureThreshold: most};
  t.like(startupProbe, {...times, initialDelaySeconds: most});
  t.like(livenessProbe, times);
  const {terminationGracePeriodSeconds, activeDeadlineSeconds} = spec({
    kill_policy: {grace_period: {nanoseconds: 9e18}},
    max_completion_time: {nanoseconds: 9e18},
  });
  t.deepEqual([terminationGracePeriodSeconds, activeDeadlineSeconds], [most, most]);
});

test('a check that may fail for ever has a threshold in range, whatever the grace period', t => {
  const health_check = {type: 'TCP' as const, tcp: {port: 1}, consecutive_failures: 2 ** 31 - 1};
  t.is(container({health_check}).startupProbe?.failureThreshold, 2 ** 31 - 1);
});

test('a user or group whose number no pod takes is left out and named', t => {
  const parameters = [
    {key: 'user', value: '4294967296:5'},
    {key: 'group-add', value: '9'.repeat(400)},
  ];
  const {metadata, spec: made} = make({container: {type: 'DOCKER', docker: {image: 'nginx', parameters}}});
  t.is(made?.containers[0]?.securityContext?.runAsUser, undefined);
  t.is(made?.securityContext?.supplementalGroups, undefined);
  t.regex(metadata.annotations?.['mesos.dev/ignored'] ?? '', /user.*group-add/);
});

test('an own image is started where it says; the default image in the sandbox', t => {
  t.like(container({container: DOCKER}), {image: 'nginx', imagePullPolicy: 'IfNotPresent', workingDir: undefined});
  t.like(container({}, 'debian'), {image: 'debian', workingDir: '/mnt/mesos/sandbox'});
  const forced = {type: 'DOCKER' as const, docker: {image: 'nginx', force_pull_image: true}};
  t.is(container({container: forced}).imagePullPolicy, 'Always');
});

test('host network: the ports that were allotted', t => {
  const resources = [{name: 'ports', type: 'RANGES' as const, ranges: {range: [{begin: 31000, end: 31001}]}}];
  t.deepEqual(container({resources}).ports, [
    {containerPort: 31000, hostPort: 31000, protocol: 'TCP'},
    {containerPort: 31001, hostPort: 31001, protocol: 'TCP'},
  ]);
});

test('bridge: host ports are mapped', t => {
  const docker = {
    image: 'nginx',
    network: 'BRIDGE' as const,
    port_mappings: [{host_port: 31000, container_port: 80, protocol: 'tcp,udp'}],
  };
  t.is(spec({container: {type: 'DOCKER', docker}}).hostNetwork, undefined);
  t.deepEqual(container({container: {type: 'DOCKER', docker}}).ports, [
    {containerPort: 80, hostPort: 31000, protocol: 'TCP'},
    {containerPort: 80, hostPort: 31000, protocol: 'UDP'},
  ]);
});

test('bridge: a mapping that the container and its network both name is one port', t => {
  const port_mappings = [{host_port: 31000, container_port: 80, protocol: 'tcp'}];
  const docker = {image: 'nginx', network: 'BRIDGE' as const, port_mappings};
  const twice = {type: 'DOCKER' as const, docker, network_infos: [{port_mappings}]};
  t.deepEqual(container({container: twice}).ports, [{containerPort: 80, hostPort: 31000, protocol: 'TCP'}]);
});

test('a command that checks health means its dollars literally', t => {
  const health_check = {type: 'COMMAND' as const, command: {value: 'test $$ -gt $(echo 1) && test $HOME'}};
  t.deepEqual(container({health_check}).livenessProbe?.exec?.command, [
    '/bin/sh',
    '-c',
    'test $$$ -gt $$(echo 1) && test $HOME',
  ]);
});

test('limits: cores only when set, memory up to the limit, none when infinite', t => {
  const limits = {cpus: {value: 1.5}, mem: {value: 128}};
  t.deepEqual(container({limits}).resources.limits, {cpu: '1500m', memory: '128Mi'});
  const none = {mem: {value: Number.POSITIVE_INFINITY}};
  t.deepEqual(container({limits: none}).resources, {requests: {cpu: '100m', memory: '64Mi'}, limits: {}});
});

test('what is revocable is requested by nobody; memory is limited all the same', t => {
  const revocable = (name: string, value: number) => ({name, type: 'SCALAR' as const, scalar: {value}, revocable: {}});
  t.deepEqual(container({resources: [revocable('cpus', 2), revocable('mem', 64)]}).resources, {
    requests: {memory: '0'},
    limits: {memory: '64Mi'},
  });
  const firm = {name: 'mem', type: 'SCALAR' as const, scalar: {value: 32}};
  t.deepEqual(container({resources: [revocable('cpus', 2), firm]}).resources, {
    requests: {memory: '32Mi'},
    limits: {memory: '32Mi'},
  });
});

test('grace and completion time, in whole seconds and never 0', t => {
  const nanoseconds = (n: number) => ({kill_policy: {grace_period: {nanoseconds: n}}});
  t.is(spec(nanoseconds(1.2e9)).terminationGracePeriodSeconds, 2);
  t.is(spec(nanoseconds(0)).terminationGracePeriodSeconds, 1);
  t.is(spec({max_completion_time: {nanoseconds: 0}}).activeDeadlineSeconds, 1);
});

test('a health check: grace before it counts, so many failures, healthy at once', t => {
  const health_check = {
    type: 'HTTP' as const,
    http: {port: 8080, path: '/up', scheme: 'https'},
    delay_seconds: 5,
    interval_seconds: 10,
    timeout_seconds: 0,
    consecutive_failures: 4,
    grace_period_seconds: 300,
  };
  const {startupProbe, livenessProbe, readinessProbe} = container({health_check});
  const common = {
    httpGet: {path: '/up', port: 8080, scheme: 'HTTPS' as const},
    periodSeconds: 10,
    timeoutSeconds: 3600,
  };
  // Failures at 5, 15 … 295 do not count: 30 of them; then four.
  t.deepEqual(startupProbe, {...common, initialDelaySeconds: 5, failureThreshold: 34});
  t.deepEqual(livenessProbe, {...common, initialDelaySeconds: 0, failureThreshold: 4});
  t.deepEqual(readinessProbe, {...common, initialDelaySeconds: 0, failureThreshold: 1});
});

test('a check that is no health check never kills; its command means its dollars literally', t => {
  const check = {type: 'COMMAND' as const, command: {command: {value: 'test $$ = $(id)'}}};
  const {startupProbe, livenessProbe, readinessProbe} = container({check});
  t.is(startupProbe ?? livenessProbe, undefined);
  t.deepEqual(readinessProbe?.exec?.command, ['/bin/sh', '-c', 'test $$$ = $$(id)']);
});

test('volumes: of the node, in the sandbox, read-only', t => {
  const volumes = [
    {container_path: '/data', host_path: '/srv', mode: 'RW' as const},
    {container_path: 'logs', host_path: 'own', mode: 'RO' as const},
    {container_path: 'tmp', mode: 'RW' as const},
  ];
  const rest = {container: {type: 'MESOS' as const, volumes}};
  t.deepEqual<unknown, unknown>(spec(rest).volumes, [
    {name: 'sandbox', emptyDir: {}},
    {name: 'volume-0', hostPath: {path: '/srv'}},
  ]);
  t.deepEqual<unknown, unknown>(container(rest).volumeMounts.slice(1), [
    {name: 'volume-0', mountPath: '/data'},
    {name: 'sandbox', mountPath: '/mnt/mesos/sandbox/logs', subPath: 'own', readOnly: true},
    {name: 'sandbox', mountPath: '/mnt/mesos/sandbox/tmp', subPath: 'tmp'},
  ]);
});

test('variables: those of the task win, secrets are references', t => {
  const variables = [
    {name: 'MESOS_SLAVE_ID', value: 'mine'},
    {name: 'P', type: 'SECRET' as const, secret: {type: 'REFERENCE' as const, reference: {name: 's', key: 'k'}}},
  ];
  const {env} = container({command: {value: 'x', environment: {variables}}});
  t.deepEqual<unknown, unknown>(
    env.find(({name}) => name === 'MESOS_SLAVE_ID'),
    {name: 'MESOS_SLAVE_ID', value: 'mine'},
  );
  t.deepEqual<unknown, unknown>(
    env.find(({name}) => name === 'P'),
    {name: 'P', valueFrom: {secretKeyRef: {name: 's', key: 'k'}}},
  );
});

test('labels of the task that a pod can have; ours cannot be overwritten', t => {
  const labels = [
    {key: 'marathon.mesos.dev/app', value: 'a'},
    {key: 'HAPROXY_GROUP', value: 'external'},
    {key: 'example.com/long', value: 'x y'},
    {key: 'mesos.dev/managed', value: 'false'},
  ];
  t.deepEqual(make({labels: {labels}}).metadata.labels, {
    'marathon.mesos.dev/app': 'a',
    'mesos.dev/managed': 'true',
    'mesos.dev/framework-id': 'F-0000',
    'mesos.dev/agent': 'agent-0',
    'mesos.dev/task-name': 'n',
  });
  t.false(isPodLabel('app.kubernetes.io/name', 'x'));
});

test('users: numbers and root; others are named in an annotation', t => {
  t.is(container({command: {value: 'x', user: '1000'}}).securityContext?.runAsUser, 1000);
  t.is(container({command: {value: 'x', user: 'root'}}).securityContext?.runAsUser, 0);
  t.is(make({command: {value: 'x', user: 'bob'}}).metadata.annotations?.['mesos.dev/ignored'], 'command.user');
});

test('what Kubernetes cannot do is refused with a reason', t => {
  t.is(
    refused({command: {value: 'x', uris: [{value: 'hdfs://x/y?token=1'}]}}),
    "URI 'hdfs://x/y': scheme 'hdfs' is not supported",
  );
  const csi = {container_path: 'd', mode: 'RW' as const, source: {type: 'CSI_VOLUME' as const}};
  t.is(
    refused({container: {type: 'MESOS', volumes: [csi]}}),
    "Volume 'd': volumes of type CSI_VOLUME are not supported: make a PersistentVolumeClaim and name it",
  );
  const escape = {container_path: 'd', host_path: '../../etc', mode: 'RW' as const};
  t.is(refused({container: {type: 'MESOS', volumes: [escape]}}), "Volume 'd': the path must stay in the sandbox");
});

test('names: readable, valid, and different for different tasks', t => {
  t.regex(podName('F', ['my_App/1.instance-2']), /^my-app-1-instance-2-[0-9a-f]{16}$/);
  t.regex(podName('F', ['___']), /^task-[0-9a-f]{16}$/);
  t.true(podName('F', ['x'.repeat(255)]).length <= 63);
  t.not(podName('F', ['a.b']), podName('F', ['a-b']));
  t.not(podName('F1', ['a']), podName('F', ['1a']));
  t.is(labelValue('ok-1'), 'ok-1');
  t.is(labelValue('x'.repeat(64)).length, 32);
});

test('a persistent volume is a claim, always the same one, and another one on another agent', t => {
  const disk = {persistence: {id: 'v1'}, volume: {container_path: 'data', mode: 'RW' as const}};
  const volume = {name: 'disk', type: 'SCALAR' as const, scalar: {value: 64}, disk};
  const resources = [...(INFO.resources ?? []), volume];
  const name = claimName({agentId: 'S0', role: '*', id: 'v1'});
  const made = spec({resources});
  t.deepEqual(made.volumes.at(-1), {name: 'persistent-0', persistentVolumeClaim: {claimName: name}});
  t.deepEqual(made.containers[0]?.volumeMounts.at(-1), {
    name: 'persistent-0',
    mountPath: '/mnt/mesos/sandbox/data',
  });
  t.not(name, claimName({agentId: 'S1', role: '*', id: 'v1'}));
  t.not(name, claimName({agentId: 'S0', role: 'eng', id: 'v1'}));
  t.like(claimsOf(launch({resources}), {namespace: 'ns', storageClass: 'local'}), [
    {
      metadata: {
        name,
        namespace: 'ns',
        annotations: {'mesos.dev/persistent-volume': '*/v1', 'volume.kubernetes.io/selected-node': 'node-0'},
      },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: {requests: {storage: '64Mi'}},
        storageClassName: 'local',
      },
    },
  ]);
});

test('a persistent volume may be mounted read-only, and nowhere outside of what a container may have', t => {
  const volume = (container_path: string) => ({
    name: 'disk',
    type: 'SCALAR' as const,
    scalar: {value: 64},
    disk: {persistence: {id: 'v1'}, volume: {container_path, mode: 'RO' as const}},
  });
  t.true(spec({resources: [volume('data')]}).containers[0]?.volumeMounts.at(-1)?.readOnly);
  t.regex(refused({resources: [volume('../x')]}), /^Volume '..\/x': /);
});

const linux_info = (more: object): TaskInfo['container'] => ({type: 'MESOS', linux_info: more});
const CHECK = {type: 'TCP' as const, tcp: {port: 1}};
const left: Record<string, {info: Partial<TaskInfo>; want: string | undefined}> = {
  'a plain task has nothing left out': {info: {}, want: undefined},
  'a shared pid namespace is left out': {
    info: {container: linux_info({share_pid_namespace: true})},
    want: 'container.linux_info.share_pid_namespace',
  },
  'a pid namespace of its own is what a pod has': {
    info: {container: linux_info({share_pid_namespace: false})},
    want: undefined,
  },
  'a shared IPC namespace is left out': {
    info: {container: linux_info({ipc_mode: 'SHARE_PARENT'})},
    want: 'container.linux_info.ipc_mode',
  },
  'a private IPC namespace is what a pod has': {info: {container: linux_info({ipc_mode: 'PRIVATE'})}, want: undefined},
  'a cached URI is fetched all the same': {
    info: {command: {value: 'x', uris: [{value: 'http://h/a'}, {value: 'http://h/b', cache: true}]}},
    want: 'command.uris.cache',
  },
  'a URI that is not cached is fetched as asked': {
    info: {command: {value: 'x', uris: [{value: 'http://h/a', cache: false}]}},
    want: undefined,
  },
  'a check alone is done': {info: {check: CHECK}, want: undefined},
  'a health check alone is done': {info: {health_check: CHECK}, want: undefined},
  'a check beside a health check is left out': {info: {check: CHECK, health_check: CHECK}, want: 'check'},
  'data for an executor is left out': {info: {data: 'AA=='}, want: 'data'},
  'all that is left out is named': {
    info: {command: {value: 'x', user: 'bob'}, data: 'AA=='},
    want: 'command.user, data',
  },
};
for (const [title, {info, want}] of Object.entries(left)) {
  test(title, t => {
    t.is(make(info).metadata.annotations?.['mesos.dev/ignored'], want);
  });
}

const mem = (value: number) => ({name: 'mem', type: 'SCALAR' as const, scalar: {value}});
const cpus = (value: number) => ({name: 'cpus', type: 'SCALAR' as const, scalar: {value}});
const amounts: Record<string, {info: Partial<TaskInfo>; want: object}> = {
  'the least that Kubernetes knows of a core': {info: {resources: [cpus(0.0001)]}, want: {cpu: '1m'}},
  'a thousandth of a core': {info: {resources: [cpus(0.001)]}, want: {cpu: '1m'}},
  'no cores, no request': {info: {resources: [cpus(0), mem(1)]}, want: {memory: '1Mi'}},
  'a part of a mebibyte in kibibytes, rounded up': {info: {resources: [mem(0.0005)]}, want: {memory: '1Ki'}},
  'half a mebibyte more': {info: {resources: [mem(1.5)]}, want: {memory: '1536Ki'}},
  'a GPU': {info: {resources: [{...cpus(1), name: 'gpus'}]}, want: {'nvidia.com/gpu': '1'}},
};
for (const [title, {info, want}] of Object.entries(amounts)) {
  test(`requests: ${title}`, t => t.deepEqual(container(info).resources.requests, want));
}

test('a command that is no shell line, and has no value, is the one of the image, with Docker and without', t => {
  const command = {shell: false, arguments: ['a', 'b']};
  t.like(container({command}), {command: undefined, args: ['a', 'b']});
  const docker = {type: 'DOCKER' as const, docker: {image: 'x'}};
  t.like(container({command, container: docker}), {command: undefined, args: ['a', 'b']});
  t.like(container({command: {...command, value: 'c'}, container: docker}), {
    command: undefined,
    args: ['c', 'a', 'b'],
  });
  t.like(container({command: {...command, value: 'c'}}), {command: ['c', 'b'], args: undefined});
});

const pulled = {
  'an image of Docker is pulled when it is not there': {docker: {image: 'x'}, want: 'IfNotPresent'},
  'an image of Docker is pulled always when that is asked for': {
    docker: {image: 'x', force_pull_image: true},
    want: 'Always',
  },
} as const;
for (const [title, {docker, want}] of Object.entries(pulled)) {
  test(title, t => t.is(container({container: {type: 'DOCKER', docker}}).imagePullPolicy, want));
}
for (const [cached, want] of [
  [true, 'IfNotPresent'],
  [false, 'Always'],
  [undefined, 'IfNotPresent'],
] as const) {
  test(`an image of Mesos whose cached is ${cached} is pulled ${want}`, t => {
    const image = {type: 'DOCKER' as const, docker: {name: 'x'}, ...(cached !== undefined && {cached})};
    t.is(container({container: {type: 'MESOS', mesos: {image}}}).imagePullPolicy, want);
  });
}

test('a task may run for so many seconds', t => {
  t.is(spec({max_completion_time: {nanoseconds: 90e9}}).activeDeadlineSeconds, 90);
  t.is(spec({max_completion_time: {nanoseconds: 1}}).activeDeadlineSeconds, 1);
});

test('a pod goes with the object of its framework, which is its controller', t => {
  t.like(make().metadata.ownerReferences?.[0], {name: 'F-0000', uid: 'uid-1', controller: true});
});

test('one secret to pull with is enough', t => {
  const mesos = {
    image: {type: 'DOCKER' as const, docker: {name: 'x', config: {type: 'REFERENCE' as const, reference: {name: 's'}}}},
  };
  t.deepEqual(spec({container: {type: 'MESOS', mesos}}).imagePullSecrets, [{name: 's'}]);
  t.is(spec({}).imagePullSecrets, undefined);
});

test('shared memory is in mebibytes, and lies in memory', t => {
  const {volumes, containers} = spec({container: {type: 'MESOS', linux_info: {shm_size: 64}}});
  t.like(volumes?.[1], {emptyDir: {medium: 'Memory', sizeLimit: String(64 * 2 ** 20)}});
  t.is(containers[0]?.volumeMounts[1]?.mountPath, '/dev/shm');
});
