import test from 'ava';
import {decodeObject} from '../../src/crds/kind.ts';
import {appViolations} from '../../src/crds/marathon-app-rules.ts';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Everything that is wrong with an app of role dev, as `path: message`. */
function problemsOf(fields: Fields): string[] {
  const spec = {...('cmd' in fields ? {} : {cmd: 'sleep 1000'}), ...fields};
  const decoded = decodeObject(MARATHON_APPS, {apiVersion: '', kind: '', metadata: {name: 'x'}, spec});
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return appViolations(decoded.value.spec, 'dev').flatMap(({path, errors}) => errors.map(text => `${path}: ${text}`));
}

const NEITHER = "/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
const docker = {type: 'DOCKER', docker: {image: 'nginx'}};
const bridge = {networks: [{mode: 'container/bridge'}]};
const twoNets = {
  networks: [
    {mode: 'container', name: 'a'},
    {mode: 'container', name: 'b'},
  ],
};
const mapped = (...portMappings: Fields[]) => ({container: {type: 'MESOS', portMappings}});
const volume = (fields: Fields) => ({container: {type: 'MESOS', volumes: [fields]}});
const persistent = volume({containerPath: 'data', mode: 'RW', persistent: {size: 10}});

const rows: Record<string, {fields: Fields; want: string | readonly string[]}> = {
  'cmd and args': {fields: {args: ['a']}, want: NEITHER},
  'no command and no container': {fields: {cmd: undefined}, want: NEITHER},
  'empty args are none': {fields: {cmd: undefined, args: []}, want: NEITHER},
  'a command of one character and args': {fields: {cmd: 'w', args: ['a']}, want: NEITHER},
  'a command of one character': {fields: {cmd: 'w'}, want: NEITHER},
  'DOCKER without docker': {fields: {container: {type: 'DOCKER'}}, want: '/container/docker: not defined'},
  'a check with docker': {
    fields: {container: docker, check: {exec: {command: {shell: 'true'}}}},
    want: "/: AppDefinition must not use 'checks' if using docker",
  },
  'a check by command': {
    fields: {check: {exec: {command: {shell: 'true'}}}},
    want: '/check/exec: a check by command is not supported, as its result cannot be seen: use http or tcp',
  },
  'a host port twice for one of two protocols': {
    fields: {...bridge, ...mapped({hostPort: 31000, protocol: 'udp,tcp'}, {hostPort: 31000, protocol: 'udp'})},
    want: '/container/portMappings: Ports must be unique.',
  },
  'gpus with docker': {
    fields: {container: docker, gpus: 1},
    want: ['/: GPU resources only work with the Mesos containerizer'],
  },
  'host and bridge networks': {
    fields: {networks: [{mode: 'host'}, {mode: 'container/bridge'}]},
    want: '/networks: May specify a single host network, single bridge network, or else 1-to-n container networks',
  },
  'a host network with a name': {
    fields: {networks: [{mode: 'host', name: 'x'}]},
    want: '/networks(0): Host networks may not have names or labels',
  },
  'a bridge with a name': {
    fields: {networks: [{mode: 'container/bridge', name: 'x'}]},
    want: '/networks(0): Bridge networks may not have names',
  },
  'a container network without a name': {
    fields: {networks: [{mode: 'container'}]},
    want: '/networks(0): Network name must be specified when container network is selected.',
  },
  'the same network twice': {
    fields: {
      networks: [
        {mode: 'container', name: 'a'},
        {mode: 'container', name: 'a'},
      ],
    },
    want: '/networks: Duplicate networks are not allowed',
  },
  'two networks with docker': {
    fields: {...twoNets, container: docker},
    want: '/networks: Docker containers may join a single container network only',
  },
  'ports and portDefinitions': {
    fields: {ports: [1], portDefinitions: []},
    want: '/: cannot specify both ports and port definitions',
  },
  'mappings on the host network': {
    fields: mapped({containerPort: 80}),
    want: '/container/portMappings: portMappings are not allowed with host-networking',
  },
  'definitions on a bridge': {
    fields: {...bridge, portDefinitions: [{port: 1}]},
    want: '/portDefinitions: portDefinitions are only allowed with host-networking',
  },
  'a port twice': {
    fields: {portDefinitions: [{port: 8080}, {port: 8080}]},
    want: '/portDefinitions: Ports must be unique.',
  },
  'a port name twice': {
    fields: {portDefinitions: [{name: 'a'}, {name: 'a'}]},
    want: '/portDefinitions: Port names must be unique.',
  },
  'the name of a mapping twice': {
    fields: {...bridge, ...mapped({name: 'a'}, {name: 'a'})},
    want: '/container/portMappings: Port names must be unique.',
  },
  'a mapping of a network that the app has not': {
    fields: {...twoNets, ...mapped({networkNames: ['c']})},
    want: '/container/portMappings(0)/networkNames: c is not one of (a, b)',
  },
  'a host port that leads into two networks': {
    fields: {...twoNets, ...mapped({hostPort: 0})},
    want: '/container/portMappings(0)/networkNames: with several container networks, a port with a host port names exactly one of them',
  },
  'two Mesos health checks': {
    fields: {healthChecks: [{protocol: 'MESOS_TCP'}, {protocol: 'MESOS_HTTP'}]},
    want: '/: AppDefinition can contain at most one Mesos health check',
  },
  'a COMMAND check beside one of Mesos': {
    fields: {healthChecks: [{protocol: 'COMMAND', command: {value: 'true'}}, {protocol: 'MESOS_TCP'}]},
    want: '/healthChecks: agents perform one check of a task: beside COMMAND or MESOS_ ones, use checks of type HTTP, HTTPS or TCP',
  },
  'a check over IPv6': {
    fields: {healthChecks: [{protocol: 'MESOS_TCP', ipProtocol: 'IPv6'}]},
    want: '/healthChecks(0)/ipProtocol: IPv6 is not supported: a task is probed at its first address',
  },
  'a health check of a port that is not there': {
    fields: {healthChecks: [{protocol: 'TCP', portIndex: 1}]},
    want: '/healthChecks(0): Health check port indices must address an element of the ports array or container port mappings.',
  },
  'a COMMAND check without a command': {
    fields: {healthChecks: [{protocol: 'COMMAND'}]},
    want: '/healthChecks(0)/command: not defined',
  },
  'a mem limit below the request': {
    fields: {mem: 256, resourceLimits: {mem: 128}},
    want: '/resourceLimits/mem: resource limit must be greater than or equal to requested resource (256.0)',
  },
  'a limit that is a word': {
    fields: {resourceLimits: {cpus: 'Infinity'}},
    want: '/resourceLimits/cpus: must be "unlimited" or a number',
  },
  'a single-instance app that would overlap itself': {
    fields: {instances: 2, labels: {MARATHON_SINGLE_INSTANCE_APP: 'true'}},
    want: [
      '/instances: an app with the label MARATHON_SINGLE_INSTANCE_APP may have one instance at most',
      '/upgradeStrategy: an app with the label MARATHON_SINGLE_INSTANCE_APP needs 0 for both capacities',
    ],
  },
  'over-capacity with a persistent volume': {
    fields: {...persistent, upgradeStrategy: {maximumOverCapacity: 1}},
    want: '/upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0',
  },
  'inactive later than expunged': {
    fields: {unreachableStrategy: {inactiveAfterSeconds: 9, expungeAfterSeconds: 3}},
    want: '/unreachableStrategy: inactiveAfterSeconds (9) must be less than or equal to expungeAfterSeconds (3)',
  },
  'a broken constraint': {
    fields: {
      constraints: [
        ['hostname', 'UNIQUE'],
        ['rack', 'LIKE', '('],
      ],
    },
    want: "/constraints(1): '(' is not a valid regular expression: a group is not closed",
  },
  'a role that the app has not': {
    fields: {acceptedResourceRoles: ['*', 'prod']},
    want: '/acceptedResourceRoles: acceptedResourceRoles can only contain * and dev',
  },
  'the default role of an app that names another': {
    fields: {role: 'prod', acceptedResourceRoles: ['dev']},
    want: '/acceptedResourceRoles: acceptedResourceRoles can only contain * and prod',
  },
  'an undeclared secret': {
    fields: {env: {PW: {secret: 'db'}}},
    want: '/env/PW/secret: references an undefined secret',
  },
  'a variable that is a number': {fields: {env: {A: 5}}, want: '/env/A: error.expected.jsstring'},
  'a host volume without a path': {
    fields: volume({containerPath: '/x', hostPath: '', mode: 'RO'}),
    want: '/container/volumes(0)/hostPath: must not be empty',
  },
  'a strange executor': {
    fields: {executor: '/a//b'},
    want: "/executor: must fully match regular expression '^(//cmd)|(/?[^/]+(/[^/]+)*)|$'",
  },
  'a URI that nobody can fetch': {
    fields: {fetch: [{uri: 'http://x/y'}, {uri: 'hdfs://x/y'}, {uri: 'http://x/y', destPath: '../y'}]},
    want: ["/fetch(1): scheme 'hdfs' is not supported", "/fetch(2): output file '../y' must stay in the sandbox"],
  },
  'a secret that cannot be the name of a Secret': {
    fields: {secrets: {db: {source: 'path/to/db'}}},
    want: '/secrets/db/source: want the name of a Secret, or <name>/<key>',
  },
  'a variable that is a whole Secret': {
    fields: {secrets: {db: {source: '/db'}}, env: {PW: {secret: 'db'}}},
    want: '/env/PW/secret: the source of the secret names no key: want /db/<key>',
  },
  'a volume of an undeclared secret': {
    fields: volume({containerPath: '/x', secret: 'db'}),
    want: '/container/volumes(0)/secret: references an undefined secret',
  },
  'a volume that is nothing': {
    fields: volume({containerPath: '/x', mode: 'RW'}),
    want: '/container/volumes(0): want hostPath, persistent, external or secret',
  },
  'an external volume without a name': {
    fields: volume({containerPath: '/x', mode: 'RW', external: {provider: 'dvdi'}}),
    want: '/container/volumes(0)/external/name: want the name of a PersistentVolumeClaim',
  },
  'an external volume for two': {
    fields: {...volume({containerPath: '/x', mode: 'RW', external: {name: 'data', provider: 'dvdi'}}), instances: 2},
    want: '/instances: one instance at most may use the external volume data, which is not shared',
  },
};
for (const [title, {fields, want}] of Object.entries(rows)) {
  test(`refused: ${title}`, t => {
    t.deepEqual(problemsOf(fields), [want].flat());
  });
}

const fine: Record<string, Fields> = {
  'a command': {},
  'args alone': {cmd: undefined, args: ['a']},
  'an image alone': {cmd: undefined, container: docker},
  'a command in a container': {container: docker},
  'empty args beside a command': {args: []},
  'several ports that ask for any': {portDefinitions: [{port: 0}, {port: 0}]},
  'a health check of the default port': {healthChecks: [{protocol: 'TCP', portIndex: 0}]},
  'several checks, of which one is the agent’s': {
    healthChecks: [{protocol: 'HTTP', path: '/ok'}, {protocol: 'TCP'}, {protocol: 'MESOS_TCP'}, {protocol: 'HTTP'}],
  },
  'a host port for tcp and for udp': {
    ...bridge,
    ...mapped({hostPort: 31000}, {hostPort: 31000, protocol: 'udp'}),
  },
  gpus: {gpus: 1},
  unlimited: {resourceLimits: {cpus: 'unlimited', mem: 'unlimited'}},
  'the default role': {acceptedResourceRoles: ['*', 'dev']},
  'the default executor': {executor: '//cmd'},
  'two networks, and a host port that names one': {...twoNets, ...mapped({hostPort: 0, networkNames: ['a']})},
};
for (const [title, fields] of Object.entries(fine)) {
  test(`fine: ${title}`, t => {
    t.deepEqual(problemsOf(fields), []);
  });
}
