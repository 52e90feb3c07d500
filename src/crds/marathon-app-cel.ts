import type {Rule} from './schema.ts';

// The rules of apps that CEL can say, in the words of /v2: kubectl is refused at once. All others are in
// marathon-app-rules.ts, which knows these too. A rule is written for lists at their limit: the API server refuses a
// CRD whose rules might cost too much.

const OPERATORS = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'MAX_PER', 'UNLIKE', 'IS'];

const WHOLE = 'size(self) == 3 && self[2].matches("^[0-9]{1,9}$")';

/** Of one `[field, operator, value]`; whether an expression can be compiled is not for CEL to say. */
export const constraintItem: readonly Rule[] = [
  {
    rule: `self[1] in [${OPERATORS.map(operator => `"${operator}"`).join(', ')}]`,
    message: `Operator must be one of the following: ${OPERATORS.join(', ')}`,
  },
  {rule: 'self[1] != "UNIQUE" || size(self) == 2', message: 'UNIQUE takes no value'},
  {
    rule: `self[1] != "GROUP_BY" || size(self) == 2 || self[2] == "" || (${WHOLE} && self[2].matches("[1-9]"))`,
    message: 'GROUP_BY needs a whole number',
  },
  {rule: `self[1] != "MAX_PER" || (${WHOLE})`, message: 'MAX_PER needs a whole number'},
  {rule: 'self[1] != "LIKE" || size(self) == 3', message: 'LIKE needs a regular expression'},
  {rule: 'self[1] != "UNLIKE" || size(self) == 3', message: 'UNLIKE needs a regular expression'},
  {
    rule: 'self[1] != "IS" || (size(self) == 3 && self[2].matches("^[a-zA-Z0-9_/.-]*$"))',
    message: 'IS needs a value of letters, digits and _ / . -',
  },
  // A kube-apiserver runs rules also where there are too few items, and tells of each that it could not.
].map(({rule, message}) => ({rule: `size(self) < 2 || (${rule})`, message}));

const NAMES_UNIQUE: Rule = {
  rule: 'self.all(port, !has(port.name) || self.exists_one(other, has(other.name) && other.name == port.name))',
  message: 'Port names must be unique.',
};

export const portDefinitionList: readonly Rule[] = [
  {
    rule: 'self.all(port, port.port == 0 || self.exists_one(other, other.port == port.port))',
    message: 'Ports must be unique.',
  },
  NAMES_UNIQUE,
];

/** Of `port` and `other`: some protocol is spoken on both. */
const SAME_PROTOCOL = '(other.protocol == port.protocol || port.protocol == "udp,tcp" || other.protocol == "udp,tcp")';

export const portMappingList: readonly Rule[] = [
  NAMES_UNIQUE,
  {
    rule:
      'self.all(port, !has(port.hostPort) || port.hostPort == 0 || ' +
      `self.exists_one(other, has(other.hostPort) && other.hostPort == port.hostPort && ${SAME_PROTOCOL}))`,
    message: 'Ports must be unique.',
  },
];

export const ONE_MESOS_CHECK = 'AppDefinition can contain at most one Mesos health check';
/** A task is one container, which its agent probes in one way; none is left out without a word. */
export const ONE_AGENT_CHECK =
  'agents perform one check of a task: beside COMMAND or MESOS_ ones, use checks of type HTTP, HTTPS or TCP';

const atMostOne = (...protocols: readonly string[]): string =>
  `self.filter(check, check.protocol in [${protocols.map(it => `"${it}"`).join(', ')}]).size() < 2`;
const BY_MESOS = ['MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'];

export const healthCheckList: readonly Rule[] = [
  {rule: atMostOne(...BY_MESOS), message: ONE_MESOS_CHECK},
  {rule: `!(${atMostOne(...BY_MESOS)}) || ${atMostOne('COMMAND', ...BY_MESOS)}`, message: ONE_AGENT_CHECK},
];

export const networkList: readonly Rule[] = [
  {
    rule: 'size(self) < 2 || self.all(network, network.mode == "container")',
    message: 'May specify a single host network, single bridge network, or else 1-to-n container networks',
  },
  {
    rule: 'self.all(network, network.mode != "host" || !(has(network.name) || has(network.labels)))',
    message: 'Host networks may not have names or labels',
  },
  {
    rule: 'self.all(network, network.mode != "container/bridge" || !has(network.name))',
    message: 'Bridge networks may not have names',
  },
  {
    rule: 'self.all(network, network.mode != "container" || has(network.name))',
    message: 'Network name must be specified when container network is selected.',
  },
  {
    rule: 'self.all(network, !has(network.name) || self.exists_one(other, has(other.name) && other.name == network.name))',
    message: 'Duplicate networks are not allowed',
  },
];

export const volumeRules: readonly Rule[] = [
  {rule: 'has(self.containerPath)', message: 'error.path.missing', fieldPath: '.containerPath'},
  {rule: '!has(self.hostPath) || self.hostPath != ""', message: 'must not be empty', fieldPath: '.hostPath'},
];

export const readinessRule: Rule = {
  rule: 'self.timeoutSeconds < self.intervalSeconds',
  message: 'timeoutSeconds must be less than intervalSeconds',
};

const ON_HOST = '(!has(self.networks) || size(self.networks) == 0 || self.networks[0].mode == "host")';
const HAS_MAPPINGS =
  '(has(self.container) && has(self.container.portMappings) && size(self.container.portMappings) > 0)';
const HAS_DEFINITIONS =
  '((has(self.portDefinitions) && size(self.portDefinitions) > 0) || (has(self.ports) && size(self.ports) > 0))';
const PORTS_BY_DEFAULT =
  '!has(self.portDefinitions) && !has(self.ports) && !(has(self.container) && has(self.container.portMappings))';
const NAMED = (list: string): string =>
  `(has(${list}) && ${list}.exists(port, has(port.name) && port.name == check.portName))`;

/** Words that end an id in URLs, so no id may end with them; the last two no id of the kind can have. */
const RESERVED_WORDS = ['restart', 'tasks', 'versions'];
const RESERVED = 'must not end with any of the following reserved keywords: restart, tasks, versions, ., ..';

/** What is reserved for an app with persistent volumes stays as it is. */
export const OTHER_VOLUMES = 'Persistent volumes can not be changed!';
export const OTHER_NEEDS =
  'Resident apps may not change resource requirements: make another app with the cpus, mem, disk, gpus and host ports that are wanted.';

const isResident = (spec: string): string =>
  `(has(${spec}.container) && has(${spec}.container.volumes) && ${spec}.container.volumes.exists(volume, has(volume.persistent)))`;
const persistentOf = (spec: string): string => `${spec}.container.volumes.filter(volume, has(volume.persistent))`;
const sameVolumes = ['containerPath', 'persistent.type', 'persistent.size']
  .map(field => `${persistentOf('self')}.map(it, it.${field}) == ${persistentOf('oldSelf')}.map(it, it.${field})`)
  .join(' && ');
const sameNeeds = ['cpus', 'mem', 'disk', 'gpus', 'requirePorts']
  .map(field => `self.${field} == oldSelf.${field}`)
  .join(' && ');

export const specRules: readonly Rule[] = [
  {
    rule: `${isResident('self')} == ${isResident('oldSelf')} && (!${isResident('self')} || (${sameVolumes}))`,
    message: OTHER_VOLUMES,
  },
  {rule: `!${isResident('oldSelf')} || (${sameNeeds})`, message: OTHER_NEEDS},
  {
    rule:
      '!(has(self.cmd) && has(self.args) && size(self.args) > 0) && ' +
      '((has(self.cmd) && size(self.cmd) > 1) || (has(self.args) && size(self.args) > 0) || has(self.container))',
    message: "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
  },
  {
    rule: '!(has(self.ports) && has(self.portDefinitions))',
    message: 'cannot specify both ports and port definitions',
  },
  {
    rule: `!has(self.id) || ![${RESERVED_WORDS.map(word => `"/${word}"`).join(', ')}].exists(end, self.id.endsWith(end))`,
    message: RESERVED,
  },
  {rule: `!${ON_HOST} || !${HAS_MAPPINGS}`, message: 'portMappings are not allowed with host-networking'},
  {rule: `${ON_HOST} || !${HAS_DEFINITIONS}`, message: 'portDefinitions are only allowed with host-networking'},
  {
    rule: '!(has(self.container) && self.container.type == "DOCKER" && has(self.check))',
    message: "AppDefinition must not use 'checks' if using docker",
  },
  {
    rule: '!(has(self.container) && self.container.type == "DOCKER" && has(self.container.linuxInfo))',
    message: 'linuxInfo only works with the Mesos containerizer',
  },
  {
    rule:
      '!has(self.readinessChecks) || self.readinessChecks.all(check, ' +
      `(check.portName == "default" && ${PORTS_BY_DEFAULT}) || ${NAMED('self.portDefinitions')} || (has(self.container) && ${NAMED('self.container.portMappings')}))`,
    message: 'portName must be the name of a declared port',
  },
  {
    rule: 'has(self.id) == has(oldSelf.id) && (!has(self.id) || self.id == oldSelf.id)',
    message: 'id is immutable: create another MarathonApp for another id',
  },
];
