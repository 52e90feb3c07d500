import test from 'ava';
import {newInstanceId, taskIdOf, toAppId} from '../../../../../src/controller/marathon/core/ids.ts';
import {buildTaskInfo, hostPortsOf} from '../../../../../src/controller/marathon/core/launch/task-info.ts';
import {taskEnv} from '../../../../../src/controller/marathon/core/launch/task-env.ts';
import {seededRandom} from '../../simulation.ts';
import {app} from '../fixtures.ts';

const taskId = taskIdOf(newInstanceId(toAppId('/prod/web'), seededRandom(1)), 1);
const build = (fields: Record<string, unknown>, hostPorts: (number | undefined)[] = []) =>
  buildTaskInfo({
    app: app(fields),
    selectorName: 'prod.web',
    version: '2026-01-01T00:00:00.000Z',
    config: 'c0ffee',
    taskId,
    agentId: 'A',
    host: 'node-a',
    resources: [],
    hostPorts,
    servicePorts: [],
    envPrefix: '',
    defaultUser: undefined,
  });

const env = (
  fields: Record<string, unknown>,
  hostPorts: (number | undefined)[] = [],
  prefix = '',
  servicePorts: readonly number[] = [],
) => taskEnv({app: app(fields), version: 'v', taskId, host: 'node-a', hostPorts, servicePorts, prefix});

test('a command runs in a shell', t => {
  const {command} = build({cmd: 'echo $PORT'});
  t.like(command, {shell: true, value: 'echo $PORT'});
});

test('args without an image name the program', t => {
  t.like(build({cmd: undefined, args: ['sleep', '5']}).command, {
    shell: false,
    value: 'sleep',
    arguments: ['sleep', '5'],
  });
});

test('args of an image are for its entrypoint', t => {
  const {command, container} = build({cmd: undefined, args: ['-v'], container: {docker: {image: 'nginx'}}});
  t.like(command, {shell: false, arguments: ['-v']});
  t.is(command?.value, undefined);
  t.like(container, {type: 'DOCKER', docker: {image: 'nginx', network: 'HOST'}});
});

test('a bridge maps host ports', t => {
  const fields = {
    container: {
      docker: {image: 'nginx'},
      portMappings: [
        {containerPort: 80, servicePort: 0},
        {containerPort: 0, servicePort: 0, protocol: 'udp,tcp'},
      ],
    },
    networks: [{mode: 'container/bridge'}],
  };
  const info = build(fields, [31000, 31001]);
  t.deepEqual(info.container?.docker?.port_mappings, [
    {host_port: 31000, container_port: 80, protocol: 'tcp'},
    {host_port: 31001, container_port: 31001, protocol: 'udp'},
    {host_port: 31001, container_port: 31001, protocol: 'tcp'},
  ]);
  t.deepEqual(hostPortsOf(info.discovery), [31000, 31001]);
});

test('a port that exists only in the container has no host port', t => {
  const fields = {
    container: {docker: {image: 'nginx'}, portMappings: [{containerPort: 80, servicePort: 0}]},
    networks: [{mode: 'container', name: 'dcos'}],
  };
  t.deepEqual(hostPortsOf(build(fields, [undefined]).discovery), [undefined]);
});

test('the labels find the app again', t => {
  const labels = Object.fromEntries(
    (build({labels: {a: 'b'}}).labels?.labels ?? []).map(({key, value}) => [key, value]),
  );
  t.deepEqual(labels, {
    a: 'b',
    'marathon.mesos.dev/app': '/prod/web',
    'marathon.mesos.dev/name': 'prod.web',
    'marathon.mesos.dev/version': '2026-01-01T00:00:00.000Z',
    'marathon.mesos.dev/config': 'c0ffee',
  });
});

test('grace, limits and user', t => {
  const info = build({taskKillGracePeriodSeconds: 9, resourceLimits: {cpus: 'unlimited', mem: 256}, user: 'web'});
  t.deepEqual(info.kill_policy, {grace_period: {nanoseconds: 9e9}});
  t.deepEqual(info.limits, {cpus: {value: Infinity}, mem: {value: 256}});
  t.is(info.command?.user, 'web');
});

test("the agent gets the check that is for it, and none of Marathon's own", t => {
  const check = (...fields: object[]) => build({healthChecks: fields}, [31000]).health_check;
  t.is(check({protocol: 'HTTP', path: '/up'}, {protocol: 'HTTPS'}, {protocol: 'TCP'}), undefined);
  t.like(check({protocol: 'TCP'}, {protocol: 'MESOS_HTTP', path: '/up', maxConsecutiveFailures: 0}), {
    type: 'HTTP',
    http: {port: 31000, path: '/up', scheme: 'http'},
    consecutive_failures: 0,
  });
  t.like(check({protocol: 'MESOS_HTTPS'})?.http, {scheme: 'https', path: '/'});
  t.is(check({protocol: 'MESOS_TCP', port: 0})?.tcp?.port, 31000);
  t.like(check({protocol: 'MESOS_TCP'}), {type: 'TCP', tcp: {port: 31000}, consecutive_failures: 3, delay_seconds: 15});
  t.like(check({protocol: 'COMMAND', command: {value: 'true'}}), {type: 'COMMAND', command: {value: 'true'}});
});

test('the environment of an app', t => {
  t.deepEqual(
    env(
      {cpus: 0.1, mem: 10, labels: {'my.key-x': 'v'}, portDefinitions: [{port: 8080, name: 'http'}, {port: 0}]},
      [31000, 31001],
    ),
    {
      MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
      MARATHON_APP_ID: '/prod/web',
      MARATHON_APP_VERSION: 'v',
      MARATHON_APP_RESOURCE_CPUS: '0.1',
      MARATHON_APP_RESOURCE_MEM: '10.0',
      MARATHON_APP_RESOURCE_DISK: '0.0',
      MARATHON_APP_RESOURCE_GPUS: '0',
      MARATHON_APP_LABELS: 'MY_KEY_X',
      MARATHON_APP_LABEL_MY_KEY_X: 'v',
      MESOS_TASK_ID: taskId,
      HOST: 'node-a',
      PORT: '31000',
      PORT0: '31000',
      PORT1: '31001',
      PORTS: '31000,31001',
      PORT_8080: '31000',
      PORT_HTTP: '31000',
    },
  );
});

test("the user's own variable wins, and the prefix is for ports and host only", t => {
  t.is(env({env: {HOST: 'mine'}})['HOST'], 'mine');
  const prefixed = env({}, [31000], 'P_');
  t.is(prefixed['P_PORT0'], '31000');
  t.is(prefixed['P_HOST'], 'node-a');
  t.is(prefixed['PORT0'], undefined);
  t.is(prefixed['MARATHON_APP_ID'], '/prod/web');
});

test('a secret becomes a variable, or a file', t => {
  const {command, container} = build({
    env: {PW: {secret: 'db'}, PLAIN: 'x'},
    secrets: {db: {source: '/db-credentials/password'}, all: {source: 'certificates'}},
    container: {
      type: 'MESOS',
      volumes: [
        {containerPath: '/pw', secret: 'db'},
        {containerPath: 'certs', secret: 'all'},
      ],
    },
  });
  const variables = command?.environment?.variables ?? [];
  t.deepEqual(
    variables.filter(({name}) => name === 'PW'),
    [{name: 'PW', type: 'SECRET', secret: {type: 'REFERENCE', reference: {name: 'db-credentials', key: 'password'}}}],
  );
  t.is(variables.find(({name}) => name === 'PLAIN')?.value, 'x');
  t.deepEqual(
    container?.volumes?.map(({container_path, mode, source}) => [container_path, mode, source?.secret?.reference]),
    [
      ['/pw', 'RO', {name: 'db-credentials', key: 'password'}],
      ['certs', 'RO', {name: 'certificates'}],
    ],
  );
});

test('an external volume is a Docker volume of its name', t => {
  const external = {name: 'data', provider: 'dvdi', options: {'dvdi/driver': 'rexray'}};
  const {container} = build({container: {type: 'MESOS', volumes: [{containerPath: '/d', mode: 'RW', external}]}});
  t.deepEqual(container?.volumes, [
    {
      container_path: '/d',
      mode: 'RW',
      source: {type: 'DOCKER_VOLUME', docker_volume: {driver: 'rexray', name: 'data'}},
    },
  ]);
});

test('a Mesos container: secret to pull with, seccomp profile, shared memory', t => {
  const {container} = build({
    secrets: {pull: {source: 'registry'}},
    container: {
      type: 'MESOS',
      docker: {image: 'x', pullConfig: {secret: 'pull'}},
      linuxInfo: {seccomp: {profileName: 'p.json'}, ipcInfo: {mode: 'PRIVATE', shmSize: 64}},
    },
  });
  t.is(container?.mesos?.image?.docker?.config?.reference?.name, 'registry');
  t.deepEqual(container?.linux_info, {seccomp: {profile_name: 'p.json'}, shm_size: 64});
});

for (const forcePullImage of [true, false]) {
  test(`an image is ${forcePullImage ? 'pulled again' : 'taken from the cache'} when forcePullImage is ${forcePullImage}`, t => {
    const docker = {image: 'x', forcePullImage};
    t.is(build({container: {type: 'MESOS', docker}}).container?.mesos?.image?.cached, !forcePullImage);
    t.is(build({container: {type: 'DOCKER', docker}}).container?.docker?.force_pull_image, forcePullImage);
  });
}

const linux = {
  'memory that is shared with the parent': {
    info: {ipcInfo: {mode: 'SHARE_PARENT'}},
    want: {seccomp: {}, ipc_mode: 'SHARE_PARENT'},
  },
  'no filter of system calls': {info: {seccomp: {unconfined: true}}, want: {seccomp: {unconfined: true}}},
  'a filter that is not switched off': {info: {seccomp: {unconfined: false}}, want: {seccomp: {}}},
  'the smallest size of shared memory': {
    info: {ipcInfo: {mode: 'PRIVATE', shmSize: 1}},
    want: {seccomp: {}, shm_size: 1},
  },
  'no size of shared memory': {info: {ipcInfo: {mode: 'PRIVATE', shmSize: 0}}, want: {seccomp: {}}},
};
for (const [title, {info, want}] of Object.entries(linux)) {
  test(`linuxInfo: ${title}`, t => {
    const {container} = build({container: {type: 'MESOS', docker: {image: 'x'}, linuxInfo: info}});
    t.deepEqual(container?.linux_info, want);
  });
}

test('a check of a port by its index is for the port inside of the container', t => {
  const healthChecks = [{protocol: 'MESOS_TCP', portIndex: 1}];
  const container = {type: 'DOCKER', docker: {image: 'x'}, portMappings: [{containerPort: 80}, {containerPort: 81}]};
  const bridge = {container, networks: [{mode: 'container/bridge'}], healthChecks};
  t.is(build(bridge, [31_000, 31_001]).health_check?.tcp?.port, 81);
  const host = {portDefinitions: [{port: 0}, {port: 0}], healthChecks};
  t.is(build(host, [31_000, 31_001]).health_check?.tcp?.port, 31_001);
});

test('what is fetched keeps its name, unless it is given one', t => {
  const uris = build({fetch: [{uri: 'http://x/a'}, {uri: 'http://x/b', destPath: 'c'}]}).command?.uris;
  t.deepEqual(
    uris?.map(({output_file}) => output_file),
    [undefined, 'c'],
  );
});

test('a port whose service port Marathon chose has a variable of that number', t => {
  t.like(env({}, [31000], '', [10000]), {PORT: '31000', PORT0: '31000', PORT_10000: '31000'});
});

test('a container port that is left to Marathon is the same under all its names', t => {
  const fields = {
    container: {docker: {image: 'nginx'}, portMappings: [{containerPort: 1025}, {containerPort: 0, name: 'http'}]},
    networks: [{mode: 'container', name: 'net'}],
  };
  t.like(env(fields, [undefined, undefined]), {PORT: '1025', PORT1: '1026', PORT_HTTP: '1026', PORTS: '1025,1026'});
});

test('a task hears that its group does not enforce a role', t => {
  t.is(env({})['MARATHON_APP_ENFORCE_GROUP_ROLE'], 'FALSE');
});

test('without any args the image says what runs', t => {
  const image = {container: {docker: {image: 'nginx'}}};
  for (const args of [undefined, []]) {
    const {command} = build({...image, cmd: undefined, args});
    t.deepEqual([command?.shell, command?.value, command?.arguments], [false, undefined, undefined]);
  }
});

test('a task has a terminal where its app asks for one', t => {
  const ttyOf = (fields: object) => build({...fields}).container?.tty_info;
  t.deepEqual(ttyOf({tty: true}), {});
  t.is(ttyOf({tty: false, container: {docker: {image: 'nginx'}}}), undefined);
  t.is(build({tty: false}).container, undefined);
});

test('a label is in the environment when both its key and its value are short enough', t => {
  const labels = {['k'.repeat(492)]: 'v', ['l'.repeat(493)]: 'v', m: 'v'.repeat(511), n: 'v'.repeat(512)};
  t.deepEqual(env({labels})['MARATHON_APP_LABELS'], `${'K'.repeat(492)} M`);
});
