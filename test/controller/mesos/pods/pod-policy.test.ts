import test from 'ava';
import type {TaskInfo} from '../../../../src/api/mesos/v1/common.ts';
import {policyOf} from '../../../../src/controller/mesos/core/roles/task-policy.ts';
import {TASK_RULES, type TaskPolicy, type TaskRule} from '../../../../src/crds/task-policy.ts';
import {toPod} from '../../../../src/controller/mesos/pods/to-pod.ts';
import {launch, OPEN, OPTIONS, refused, spec} from './fixtures.ts';

// What tasks may, and who fetches for them.

const policy = (rest: Partial<TaskPolicy> = {}): TaskPolicy => ({
  ...OPEN,
  podSecurity: 'baseline',
  hostPaths: ['/srv/data/', '/opt'],
  privileged: false,
  capabilities: ['NET_ADMIN'],
  hostNetwork: 'with-ports',
  secrets: [],
  claims: [],
  ...rest,
});
const tried = (rest: Partial<TaskInfo>, under: Partial<TaskPolicy> = {}) =>
  toPod({...launch(rest), policy: policy(under)}, OPTIONS);
const docker = (rest: object): Partial<TaskInfo> => ({
  container: {type: 'DOCKER', docker: {image: 'nginx', network: 'BRIDGE', ...rest}},
});
const parameter = (key: string, value: string) => docker({parameters: [{key, value}]});
const hostVolume = (host_path: string): Partial<TaskInfo> => ({
  container: {type: 'MESOS', volumes: [{container_path: '/d', host_path, mode: 'RW'}]},
});

const secretVolume = (name: string, key?: string): Partial<TaskInfo> => ({
  container: {
    type: 'MESOS',
    volumes: [
      {
        container_path: '/s',
        mode: 'RO',
        source: {type: 'SECRET', secret: {type: 'REFERENCE', reference: {name, ...(key !== undefined && {key})}}},
      },
    ],
  },
});
const claimVolume = (name: string): Partial<TaskInfo> => ({
  container: {
    type: 'MESOS',
    volumes: [{container_path: '/d', mode: 'RW', source: {type: 'DOCKER_VOLUME', docker_volume: {name}}}],
  },
});
const secretVariable = {
  name: 'PASSWORD',
  type: 'SECRET',
  secret: {type: 'REFERENCE', reference: {name: 'db', key: 'password'}},
} as const;
const WITH_PORTS: Partial<TaskInfo> = {
  resources: [{name: 'ports', type: 'RANGES', ranges: {range: [{begin: 31000, end: 31000}]}}],
};
const by = (what: string, rule: TaskRule): string =>
  `${what} not allowed by the rule ${rule}: see --${TASK_RULES[rule].flag}, or spec.tasks of the role's MesosRole`;

const refusals: Readonly<Record<string, readonly [Partial<TaskInfo>, Partial<TaskPolicy>, string]>> = {
  'a host path beside the allowed': [
    hostVolume('/srv/database'),
    {},
    "Volume '/d': host path '/srv/database' is not allowed by the rule hostPaths: see --allow_host_paths, or spec.tasks of the role's MesosRole",
  ],
  'a host path that climbs': [
    hostVolume('/srv/data/../../etc'),
    {},
    "Volume '/d': host path '/srv/data/../../etc' must not contain '..'",
  ],
  'no host path at all': [
    hostVolume('/'),
    {hostPaths: []},
    "Volume '/d': host path '/' is not allowed by the rule hostPaths: see --allow_host_paths, or spec.tasks of the role's MesosRole",
  ],
  'a volume by a Docker option': [
    parameter('volume', '/etc:/etc'),
    {},
    "Volume '/etc': host path '/etc' is not allowed by the rule hostPaths: see --allow_host_paths, or spec.tasks of the role's MesosRole",
  ],
  privileged: [
    docker({privileged: true}),
    {},
    "privileged containers are not allowed by the rule privileged: see --allow_privileged, or spec.tasks of the role's MesosRole",
  ],
  'privileged by a Docker option': [
    parameter('privileged', 'true'),
    {},
    "privileged containers are not allowed by the rule privileged: see --allow_privileged, or spec.tasks of the role's MesosRole",
  ],
  'privileged where pods are restricted': [
    docker({privileged: true}),
    {privileged: true, podSecurity: 'restricted'},
    "privileged containers are not allowed by the rule podSecurity: see --task_pod_security, or spec.tasks of the role's MesosRole",
  ],
  'root where pods are restricted': [
    {command: {value: 'x', user: 'root'}},
    {podSecurity: 'restricted'},
    "user root is not allowed by the rule podSecurity: see --task_pod_security, or spec.tasks of the role's MesosRole",
  ],
  'a capability': [
    parameter('cap-add', 'CAP_SYS_ADMIN'),
    {},
    "capability SYS_ADMIN is not allowed by the rule capabilities: see --allowed_capabilities, or spec.tasks of the role's MesosRole",
  ],
  'a capability of a Mesos container': [
    {container: {type: 'MESOS', linux_info: {effective_capabilities: {capabilities: ['SYS_TIME']}}}},
    {},
    "capability SYS_TIME is not allowed by the rule capabilities: see --allowed_capabilities, or spec.tasks of the role's MesosRole",
  ],
  'no system call filter': [
    {container: {type: 'MESOS', linux_info: {seccomp: {unconfined: true}}}},
    {},
    "an unconfined seccomp profile is not allowed by the rule privileged: see --allow_privileged, or spec.tasks of the role's MesosRole",
  ],
  'mounts that show on the node': [
    {
      container: {
        type: 'MESOS',
        volumes: [
          {
            container_path: '/d',
            mode: 'RW',
            source: {type: 'HOST_PATH', host_path: {path: '/opt', mount_propagation: {mode: 'BIDIRECTIONAL'}}},
          },
        ],
      },
    },
    {},
    "Volume '/d': bidirectional mount propagation is not allowed by the rule privileged: see --allow_privileged, or spec.tasks of the role's MesosRole",
  ],
  'no network': [docker({network: 'NONE'}), {}, 'a container without a network is not supported'],
  'a file of the node': [
    {command: {value: 'x', uris: [{value: 'file:///etc/shadow'}]}},
    {},
    "URI 'file:///etc/shadow': host path '/etc/shadow' is not allowed by the rule hostPaths: see --allow_host_paths, or spec.tasks of the role's MesosRole",
  ],
  'a claim that cannot be': [
    {
      container: {
        type: 'MESOS',
        volumes: [
          {container_path: '/d', mode: 'RW', source: {type: 'DOCKER_VOLUME', docker_volume: {name: 'My Data'}}},
        ],
      },
    },
    {},
    "Volume '/d': 'My Data' cannot be the name of a PersistentVolumeClaim",
  ],
  'a Secret that is not listed': [
    secretVolume('db'),
    {secrets: ['web', 'web-*']},
    by("Volume '/s': Secret 'db' is", 'secrets'),
  ],
  'a key that climbs': [
    secretVolume('db', '../x'),
    {secrets: ['*']},
    "Volume '/s': '../x' cannot be a key of a Secret",
  ],
  'a variable from a Secret that is not listed': [
    {command: {value: 'x', environment: {variables: [secretVariable]}}},
    {},
    by("Variable 'PASSWORD': Secret 'db' is", 'secrets'),
  ],
  'a claim that is not listed': [
    claimVolume('data'),
    {claims: ['web-data']},
    by("Volume '/d': PersistentVolumeClaim 'data' is", 'claims'),
  ],
  'an option in the place of an image': [
    docker({image: '-v/:/host'}),
    {},
    "'-v/:/host' cannot be the name of an image",
  ],
  'another option': [docker({image: '--privileged'}), {}, "'--privileged' cannot be the name of an image"],
  'a Mesos image that is an option': [
    {container: {type: 'MESOS', mesos: {image: {type: 'DOCKER', docker: {name: '--privileged'}}}}},
    {},
    "'--privileged' cannot be the name of an image",
  ],
  'an image of another registry': [docker({}), {images: ['registry.example.com/*']}, by("image 'nginx' is", 'images')],
  'a place outside of the sandbox': [
    {container: {type: 'MESOS', volumes: [{container_path: '../../../etc/cron.d', mode: 'RW'}]}},
    {},
    "Volume '../../../etc/cron.d': the path in the container must not contain '..'",
  ],
  'a place that climbs, in memory': [
    parameter('tmpfs', '/a/../../etc'),
    {},
    "Volume '/a/../../etc': the path in the container must not contain '..'",
  ],
  'host ports': [
    docker({port_mappings: [{container_port: 80, host_port: 31000}]}),
    {hostPorts: false},
    by('host ports are', 'hostPorts'),
  ],
  'the host network with ports': [WITH_PORTS, {hostNetwork: 'never'}, by('the host network is', 'hostNetwork')],
  'root where others are wanted': [
    {command: {value: 'x', user: 'root'}},
    {users: ['non-root']},
    by('user root is', 'users'),
  ],
  'a user that is not listed': [{command: {value: 'x', user: '7'}}, {users: ['8']}, by('user 7 is', 'users')],
  'the user of an image where users are listed': [{}, {users: ['8']}, by('user the user of the image is', 'users')],
  'a scheme': [
    {command: {value: 'x', uris: [{value: 'http://x/y'}]}},
    {fetchSchemes: ['https']},
    by("URI 'http://x/y': scheme http is", 'fetchSchemes'),
  ],
  'a profile that climbs': [
    {container: {type: 'MESOS', linux_info: {seccomp: {profile_name: '../p.json'}}}},
    {},
    "seccomp profile '../p.json' must be a path below the kubelet's folder of profiles",
  ],
};
for (const [title, [rest, under, problem]] of Object.entries(refusals)) {
  test(`not allowed: ${title}`, t => {
    t.deepEqual(tried(rest, under), {ok: false, error: problem});
  });
}

const securities: Readonly<Record<string, readonly [Partial<TaskInfo>, Partial<TaskPolicy>, object | undefined]>> = {
  'privileged asks nothing': [{}, {podSecurity: 'privileged'}, undefined],
  'baseline filters system calls': [{}, {}, {seccompProfile: {type: 'RuntimeDefault'}}],
  'restricted takes everything else, too': [
    {command: {value: 'x', user: '7'}},
    {podSecurity: 'restricted'},
    {
      runAsUser: 7,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: {drop: ['ALL']},
      seccompProfile: {type: 'RuntimeDefault'},
    },
  ],
  'privileged where it is allowed': [docker({privileged: true}), {privileged: true}, {privileged: true}],
  'Docker: more and less than usual': [
    docker({
      parameters: [
        {key: 'cap-add', value: 'net_admin'},
        {key: 'cap-drop', value: 'CAP_CHOWN'},
        {key: 'user', value: '7:8'},
        {key: 'read-only', value: 'true'},
        {key: 'security-opt', value: 'no-new-privileges'},
      ],
    }),
    {},
    {
      runAsUser: 7,
      runAsGroup: 8,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: {drop: ['CHOWN'], add: ['NET_ADMIN']},
      seccompProfile: {type: 'RuntimeDefault'},
    },
  ],
  'Mesos: exactly these': [
    {container: {type: 'MESOS', linux_info: {bounding_capabilities: {capabilities: ['NET_ADMIN']}}}},
    {},
    {capabilities: {drop: ['ALL'], add: ['NET_ADMIN']}, seccompProfile: {type: 'RuntimeDefault'}},
  ],
  'a profile of the node': [
    {container: {type: 'MESOS', linux_info: {seccomp: {profile_name: 'p.json'}}}},
    {},
    {seccompProfile: {type: 'Localhost', localhostProfile: 'p.json'}},
  ],
};
for (const [title, [rest, under, want]] of Object.entries(securities)) {
  test(`security: ${title}`, t => {
    const pod = tried(rest, under);
    t.deepEqual(pod.ok ? pod.value.spec?.containers[0]?.securityContext : pod, want);
  });
}

test('URIs: an init container of our own image, which needs nothing but the sandbox', t => {
  const uris = [{value: 'https://x/y.tgz#sha256=00', executable: false}];
  t.is(refused({command: {value: 'x', uris}}), "URI 'https://x/y.tgz': checksum sha256: want 64 hexadecimal digits");
  const variables = [
    {name: 'HTTPS_PROXY', value: 'http://proxy:3128'},
    {name: 'OTHER', value: 'x'},
  ];
  const info = {command: {value: 'x', user: '7', uris: [{value: 'https://x/$(y).tgz'}], environment: {variables}}};
  const [fetch] = spec(info).initContainers ?? [];
  const told =
    '{"items":[{"uri":{"value":"https://x/$$(y).tgz"}}],"stall_timeout":{"nanoseconds":60000000000},"max_size":1000}';
  t.deepEqual<unknown, unknown>(fetch, {
    name: 'fetch',
    image: 'mesos:1',
    imagePullPolicy: 'IfNotPresent',
    args: ['fetch'],
    env: [
      {name: 'MESOS_SANDBOX', value: '/mnt/mesos/sandbox'},
      {name: 'MESOS_FETCHER_INFO', value: fetch?.env[1] && 'value' in fetch.env[1] ? fetch.env[1].value : ''},
      {name: 'HTTPS_PROXY', value: 'http://proxy:3128'},
      {name: 'NODE_USE_ENV_PROXY', value: '1'},
    ],
    resources: {requests: {cpu: '100m', memory: '64Mi'}, limits: {memory: '256Mi'}},
    volumeMounts: [{name: 'sandbox', mountPath: '/mnt/mesos/sandbox'}],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 7,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: {drop: ['ALL']},
      seccompProfile: {type: 'RuntimeDefault'},
    },
  });
  const given = fetch?.env.find(({name}) => name === 'MESOS_FETCHER_INFO');
  const uri = given !== undefined && 'value' in given ? JSON.parse(given.value) : undefined;
  t.is(uri.items[0].uri.value, JSON.parse(told).items[0].uri.value);
  t.is(uri.max_size, 1000);
});

test('URIs of the node: the file is mounted where the policy allows', t => {
  const pod = tried({command: {value: 'x', uris: [{value: 'file:///opt/a.tgz'}, {value: '/opt/a.tgz'}]}});
  t.true(pod.ok);
  if (!pod.ok) return;
  t.deepEqual(pod.value.spec?.volumes.slice(1), [{name: 'fetch-0', hostPath: {path: '/opt/a.tgz', type: 'File'}}]);
  t.deepEqual(pod.value.spec?.initContainers?.[0]?.volumeMounts[1], {
    name: 'fetch-0',
    mountPath: '/opt/a.tgz',
    readOnly: true,
  });
});

test('Docker options that a pod can have', t => {
  const parameters = Object.entries({
    'add-host': 'a:10.0.0.1',
    dns: '10.0.0.2',
    'dns-option': 'ndots:2',
    'dns-search': 'example.com',
    env: 'A=b=c',
    entrypoint: '/init',
    'group-add': '44',
    h: 'spock',
    label: 'example.com/x=y',
    'shm-size': '64m',
    sysctl: 'net.core.somaxconn=1024',
    tmpfs: '/scratch:rw',
    volume: '/opt/x:/x:ro',
    workdir: '/w',
    ulimit: 'nofile=1',
    user: 'bob',
  }).map(([key, value]) => ({key, value}));
  const pod = tried({...docker({parameters}), command: {value: 'run'}});
  t.true(pod.ok);
  if (!pod.ok) return;
  const {metadata, spec: made} = pod.value;
  t.is(metadata.labels?.['example.com/x'], 'y');
  t.is(
    metadata.annotations?.['mesos.dev/ignored'],
    'container.docker.parameters[ulimit], container.docker.parameters[user]',
  );
  t.like(made, {
    hostname: 'spock',
    hostAliases: [{ip: '10.0.0.1', hostnames: ['a']}],
    dnsConfig: {nameservers: ['10.0.0.2'], searches: ['example.com'], options: [{name: 'ndots', value: '2'}]},
    securityContext: {supplementalGroups: [44], sysctls: [{name: 'net.core.somaxconn', value: '1024'}]},
  });
  t.deepEqual(made?.volumes.slice(1), [
    {name: 'volume-0', hostPath: {path: '/opt/x'}},
    {name: 'memory-0', emptyDir: {medium: 'Memory', sizeLimit: String(64 * 2 ** 20)}},
    {name: 'memory-1', emptyDir: {medium: 'Memory'}},
  ]);
  const [task] = made?.containers ?? [];
  t.like(task, {command: ['/init'], args: ['/bin/sh', '-c', 'run'], workingDir: '/w'});
  t.deepEqual(task?.volumeMounts.slice(1), [
    {name: 'volume-0', mountPath: '/x', readOnly: true},
    {name: 'memory-0', mountPath: '/dev/shm'},
    {name: 'memory-1', mountPath: '/scratch'},
  ]);
  t.deepEqual(task?.env.at(-1), {name: 'A', value: 'b=c'});
});

test('claims and secrets are mounted by name', t => {
  const volumes = [
    {
      container_path: '/d',
      mode: 'RO' as const,
      source: {type: 'DOCKER_VOLUME' as const, docker_volume: {name: 'data'}},
    },
    {
      container_path: '/pw',
      mode: 'RO' as const,
      source: {type: 'SECRET' as const, secret: {type: 'REFERENCE' as const, reference: {name: 's', key: 'k'}}},
    },
  ];
  const made = spec({container: {type: 'MESOS', volumes}});
  t.deepEqual(made.volumes.slice(1), [
    {name: 'volume-0', persistentVolumeClaim: {claimName: 'data', readOnly: true}},
    {name: 'volume-1', secret: {secretName: 's', items: [{key: 'k', path: 'k'}]}},
  ]);
  t.deepEqual(made.containers[0]?.volumeMounts.slice(1), [
    {name: 'volume-0', mountPath: '/d', readOnly: true},
    {name: 'volume-1', mountPath: '/pw', subPath: 'k', readOnly: true},
  ]);
});

test("secrets to pull with: the task's, then everybody's", t => {
  const image = {type: 'DOCKER' as const, docker: {name: 'x', config: {reference: {name: 'own'}}}};
  const pod = toPod(launch({container: {type: 'MESOS', mesos: {image}}}), {...OPTIONS, pullSecrets: ['all']});
  t.deepEqual(pod.ok && pod.value.spec?.imagePullSecrets, [{name: 'own'}, {name: 'all'}]);
});

const networks: Readonly<Record<string, readonly [Partial<TaskInfo>, Partial<TaskPolicy>, true | undefined]>> = {
  'with host ports': [WITH_PORTS, {}, true],
  'without host ports': [{}, {}, undefined],
  'without host ports, though it asks for the host network': [docker({network: 'HOST'}), {}, undefined],
  'without host ports where the policy says always': [{}, {hostNetwork: 'always'}, true],
};
for (const [title, [rest, under, want]] of Object.entries(networks)) {
  test(`host network: ${title}`, t => {
    const pod = tried(rest, under);
    t.is(pod.ok ? pod.value.spec?.hostNetwork : undefined, want);
  });
}

test('who asked for the host network and does not get it is told so', t => {
  const pod = tried(docker({network: 'HOST'}));
  t.is(
    pod.ok ? pod.value.metadata.annotations?.['mesos.dev/ignored'] : '',
    'the host network, as the task has no host ports',
  );
});

test('an image may run as whoever it says, or only as somebody else than root', t => {
  const context = (users: string[]) => {
    const pod = tried({}, {users});
    return pod.ok ? pod.value.spec?.containers[0]?.securityContext?.runAsNonRoot : pod;
  };
  t.is(context(['*']), undefined);
  t.is(context(['non-root']), true);
});

test('each rule is that of the nearest role which says something about it', t => {
  const base = policy();
  const wishes = new Map<string, Partial<TaskPolicy>>([
    ['eng', {privileged: true, secrets: ['eng-*']}],
    ['eng/ads', {secrets: []}],
  ]);
  t.deepEqual(policyOf('other', wishes, base), base);
  t.deepEqual(policyOf('eng', wishes, base), {...base, privileged: true, secrets: ['eng-*']});
  t.deepEqual(policyOf('eng/web', wishes, base), {...base, privileged: true, secrets: ['eng-*']});
  t.deepEqual(policyOf('eng/ads/x', wishes, base), {...base, privileged: true, secrets: []});
  t.deepEqual(policyOf('engine', wishes, base), base);
});

test('labels by which Services and budgets select are not a task’s to give', t => {
  const labels = {
    labels: [
      {key: 'mesos.dev/leader', value: 'true'},
      {key: 'example.com/a', value: 'b'},
    ],
  };
  const pod = tried({labels});
  t.is(pod.ok ? pod.value.metadata.labels?.['mesos.dev/leader'] : '', undefined);
  t.is(pod.ok ? pod.value.metadata.labels?.['example.com/a'] : '', 'b');
});
