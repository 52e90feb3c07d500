import test from 'ava';
import {crdManifest} from '../../src/crds/manifest.ts';
import {decodeObject} from '../../src/crds/kind.ts';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {appViolations} from '../../src/crds/marathon-app-rules.ts';
import {defaultObject} from '../../src/standalone/apiserver/schema/default.ts';
import type {JsonObject} from '../../src/standalone/apiserver/schema/json.ts';
import type {Schema} from '../../src/standalone/apiserver/schema/schema.ts';
import {validateObject} from '../../src/standalone/apiserver/schema/validate.ts';

type Fields = Readonly<Record<string, unknown>>;

const schemaOf = (): Schema => {
  const spec = crdManifest(MARATHON_APPS)['spec'] as {versions: {schema: {openAPIV3Schema: Schema}}[]};
  return spec.versions[0]?.schema.openAPIV3Schema ?? {};
};
const schema = schemaOf();

/** What an API server answers to a MarathonApp of these fields. */
function refusedByApiServer(fields: Fields): string[] {
  const object = {
    apiVersion: 'mesos.dev/v1',
    kind: 'MarathonApp',
    metadata: {name: 'x'},
    spec: structuredClone(fields),
  };
  defaultObject(schema, object as unknown as JsonObject);
  return validateObject(schema, object as unknown as JsonObject, undefined).map(({message}) => message);
}

/** What /v2 answers. */
function refusedByRules(fields: Fields): string[] {
  const decoded = decodeObject(MARATHON_APPS, {apiVersion: '', kind: '', metadata: {name: 'x'}, spec: fields});
  if (!decoded.ok) return decoded.error.map(({message}) => message);
  return appViolations(decoded.value.spec, 'dev').flatMap(({errors}) => errors);
}

const cmd = 'sleep 1000';
const bridge = [{mode: 'container/bridge'}];
const constraint = (...constraint: string[]): Fields => ({cmd, constraints: [['hostname', 'UNIQUE'], constraint]});
const mapped = (...portMappings: Fields[]): Fields => ({
  networks: bridge,
  container: {docker: {image: 'nginx'}, portMappings},
});

// Refused by kubectl and by /v2 in the same words.
const alike: Readonly<Record<string, {fields: Fields; want: string}>> = {
  'neither a command nor a container': {
    fields: {},
    want: "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
  },
  'an id that ends with a word of the API': {
    fields: {id: '/web/restart', cmd},
    want: 'must not end with any of the following reserved keywords: restart, tasks, versions, ., ..',
  },
  'linuxInfo beside docker': {
    fields: {container: {docker: {image: 'x'}, linuxInfo: {seccomp: {unconfined: true}}}},
    want: 'linuxInfo only works with the Mesos containerizer',
  },
  'a command and arguments': {
    fields: {cmd, args: ['a']},
    want: "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
  },
  'an unknown operator': {
    fields: constraint('rack', 'NEAR'),
    want: 'Operator must be one of the following: UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE, IS',
  },
  'UNIQUE with a value': {fields: constraint('rack', 'UNIQUE', 'x'), want: 'UNIQUE takes no value'},
  'GROUP_BY with a word': {fields: constraint('rack', 'GROUP_BY', 'x'), want: 'GROUP_BY needs a whole number'},
  'GROUP_BY of no groups': {fields: constraint('rack', 'GROUP_BY', '00'), want: 'GROUP_BY needs a whole number'},
  'MAX_PER without a number': {fields: constraint('rack', 'MAX_PER'), want: 'MAX_PER needs a whole number'},
  'LIKE without an expression': {fields: constraint('rack', 'LIKE'), want: 'LIKE needs a regular expression'},
  'UNLIKE without an expression': {fields: constraint('rack', 'UNLIKE'), want: 'UNLIKE needs a regular expression'},
  'IS with a blank': {
    fields: constraint('rack', 'IS', 'a b'),
    want: 'IS needs a value of letters, digits and _ / . -',
  },
  'a port twice': {fields: {cmd, portDefinitions: [{port: 80}, {port: 80}]}, want: 'Ports must be unique.'},
  'a port name twice': {
    fields: {cmd, portDefinitions: [{name: 'a'}, {port: 1, name: 'a'}]},
    want: 'Port names must be unique.',
  },
  'a host port twice': {fields: mapped({hostPort: 80}, {hostPort: 80}), want: 'Ports must be unique.'},
  'the name of a mapping twice': {fields: mapped({name: 'a'}, {name: 'a'}), want: 'Port names must be unique.'},
  'ports and portDefinitions': {
    fields: {cmd, ports: [], portDefinitions: []},
    want: 'cannot specify both ports and port definitions',
  },
  'mappings on the host network': {
    fields: {container: {docker: {image: 'x'}, portMappings: [{}]}},
    want: 'portMappings are not allowed with host-networking',
  },
  'definitions on a bridge': {
    fields: {networks: bridge, container: {docker: {image: 'x'}}, portDefinitions: [{}]},
    want: 'portDefinitions are only allowed with host-networking',
  },
  'two kinds of networks': {
    fields: {cmd, networks: [{mode: 'host'}, {mode: 'container/bridge'}]},
    want: 'May specify a single host network, single bridge network, or else 1-to-n container networks',
  },
  'a host network with a name': {
    fields: {cmd, networks: [{mode: 'host', name: 'x'}]},
    want: 'Host networks may not have names or labels',
  },
  'a bridge with a name': {
    fields: {cmd, networks: [{mode: 'container/bridge', name: 'x'}]},
    want: 'Bridge networks may not have names',
  },
  'a container network without a name': {
    fields: {cmd, networks: [{}]},
    want: 'Network name must be specified when container network is selected.',
  },
  'a network twice': {
    fields: {cmd, networks: [{name: 'x'}, {name: 'x'}]},
    want: 'Duplicate networks are not allowed',
  },
  'two Mesos health checks': {
    fields: {cmd, healthChecks: [{protocol: 'MESOS_HTTP'}, {protocol: 'MESOS_TCP'}]},
    want: 'AppDefinition can contain at most one Mesos health check',
  },
  'two checks by the agent': {
    fields: {cmd, healthChecks: [{protocol: 'COMMAND', command: {value: 'true'}}, {protocol: 'MESOS_TCP'}]},
    want: 'agents perform one check of a task: beside COMMAND or MESOS_ ones, use checks of type HTTP, HTTPS or TCP',
  },
  'a health check without its command': {fields: {cmd, healthChecks: [{protocol: 'COMMAND'}]}, want: 'not defined'},
  'a check beside docker': {
    fields: {container: {docker: {image: 'x'}}, check: {exec: {command: {shell: 'true'}}}},
    want: "AppDefinition must not use 'checks' if using docker",
  },
  'a volume without a path': {
    fields: {cmd, container: {type: 'MESOS', volumes: [{hostPath: '/x'}]}},
    want: 'error.path.missing',
  },
  'a volume with an empty path': {
    fields: {cmd, container: {type: 'MESOS', volumes: [{containerPath: 'x', hostPath: ''}]}},
    want: 'must not be empty',
  },
  'a readiness check of a port that is not there': {
    fields: {cmd, portDefinitions: [{name: 'http'}], readinessChecks: [{}]},
    want: 'portName must be the name of a declared port',
  },
  'a readiness check that takes as long as its interval': {
    fields: {cmd, readinessChecks: [{portName: 'default', intervalSeconds: 5, timeoutSeconds: 5}]},
    want: 'timeoutSeconds must be less than intervalSeconds',
  },
  'a label with an endless name': {
    fields: {cmd, labels: {['x'.repeat(1025)]: ''}},
    want: 'Too much: the name of a label, variable or secret: 1024 characters at most (limit keyLength)',
  },
};
for (const [title, {fields, want}] of Object.entries(alike)) {
  test(`refused at admission and by /v2 in the same words: ${title}`, t => {
    t.deepEqual(refusedByApiServer(fields), [`Invalid value: ${want}`]);
    t.true(
      refusedByRules(fields).some(message => message.startsWith(want)),
      JSON.stringify(refusedByRules(fields)),
    );
  });
}

const fine: Readonly<Record<string, Fields>> = {
  'a command': {cmd},
  'empty arguments beside a command': {cmd, args: []},
  'every operator': {
    cmd,
    constraints: [
      ['hostname', 'UNIQUE'],
      ['rack', 'CLUSTER'],
      ['rack', 'CLUSTER', 'a'],
      ['rack', 'GROUP_BY'],
      ['rack', 'GROUP_BY', '3'],
      ['rack', 'LIKE', 'a|b'],
      ['rack', 'UNLIKE', 'a|b'],
      ['rack', 'MAX_PER', '2'],
      ['@zone', 'IS', 'a-1'],
    ],
  },
  'several ports to be chosen': {cmd, portDefinitions: [{}, {port: 0}, {port: 80}]},
  'mappings of a bridge': mapped({containerPort: 80, name: 'http', hostPort: 0}, {containerPort: 81, hostPort: 0}),
  'two container networks': {cmd, container: {type: 'MESOS'}, networks: [{name: 'a'}, {name: 'b'}]},
  'a readiness check of a declared port': {
    cmd,
    portDefinitions: [{name: 'http-api'}],
    readinessChecks: [{}],
  },
  'a readiness check of a mapping': {
    ...mapped({containerPort: 80, name: 'web'}),
    readinessChecks: [{portName: 'web'}],
  },
  'a readiness check of the port by default': {cmd, readinessChecks: [{portName: 'default'}]},
};
for (const [title, fields] of Object.entries(fine)) {
  test(`taken at admission and by /v2: ${title}`, t => {
    t.deepEqual([refusedByApiServer(fields), refusedByRules(fields)], [[], []]);
  });
}
