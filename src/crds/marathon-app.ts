import {Type} from 'typebox';
import {limitOf} from '../lib/limits.ts';
import {defineKind, type ObjectOf} from './kind.ts';
import {
  constraintItem,
  networkList,
  healthCheckList,
  portDefinitionList,
  portMappingList,
  readinessRule,
  specRules,
  volumeRules,
} from './marathon-app-cel.ts';
import {PATH_PATTERN} from './path-pattern.ts';
import {boundedList, boundedMap, boundedText, Conditions, free, rules, text, time, within, word} from './schema.ts';

const PORT_NAME = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

/** Marathon's numbers without a limit of their own are 32 bits long. */
const MAX_INT = 2147483647;

const amount = (fallback: number, description: string) =>
  Type.Number({default: fallback, minimum: 0, ...within('maximum', 'amount'), description});
/** A CRD has no keyword for the length of a key. */
const keysBounded = rules({
  rule: `self.all(key, size(key) <= ${limitOf('keyLength')})`,
  message: `Too much: the name of a label, variable or secret: ${limitOf('keyLength')} characters at most (limit keyLength)`,
});
const port = (options: object = {}) => Type.Integer({minimum: 0, maximum: 65535, ...options});
const labels = () => Type.Optional(boundedMap(boundedText('labelLength'), 'labels', keysBounded));
const seconds = (fallback: number, description?: string) =>
  Type.Number({default: fallback, minimum: 0, ...within('maximum', 'seconds'), ...(description && {description})});
const executorAmount = () => Type.Optional(Type.Number({minimum: 0, ...within('maximum', 'amount')}));
const portIndex = () => Type.Optional(Type.Integer({minimum: 0, ...within('maximum', 'listItems')}));
const portName = () => text({pattern: PORT_NAME, ...within('maxLength', 'portNameLength')});
const protocol = Type.Optional(word(['tcp', 'udp', 'udp,tcp'], {default: 'tcp'}));

const portDefinition = Type.Object({
  port: port({
    default: 0,
    description: 'The service port; 0 asks for a free one. With requirePorts also the host port.',
  }),
  protocol,
  name: Type.Optional(portName()),
  labels: labels(),
});

const portMapping = Type.Object({
  containerPort: port({default: 0, description: 'Inside of the container; 0 means the same number as the host port.'}),
  hostPort: Type.Optional(
    port({description: 'Absent: not reachable through the host, or in bridge mode a free one; 0: a free one.'}),
  ),
  servicePort: port({default: 0}),
  protocol,
  name: Type.Optional(portName()),
  labels: labels(),
  networkNames: Type.Optional(boundedList(boundedText('networkNameLength'), 'networks')),
});

const persistent = Type.Object({
  type: word(['root', 'path', 'mount'], {default: 'root'}),
  size: Type.Integer({minimum: 1, ...within('maximum', 'amount'), description: 'MiB.'}),
  maxSize: Type.Optional(Type.Integer({minimum: 1, ...within('maximum', 'amount'), description: 'MiB; mount only.'})),
  profileName: Type.Optional(boundedText()),
  constraints: Type.Optional(boundedList(Type.Array(boundedText(), {minItems: 2, maxItems: 3}), 'constraints')),
});

const external = Type.Object({
  name: Type.Optional(boundedText()),
  provider: Type.Optional(boundedText()),
  size: Type.Optional(Type.Integer({minimum: 0, ...within('maximum', 'amount'), description: 'GiB.'})),
  options: Type.Optional(boundedMap(boundedText(), 'labels')),
  shared: Type.Optional(Type.Boolean()),
});

const volume = Type.Object(
  {
    containerPath: Type.Optional(boundedText('textLength', {minLength: 1})),
    hostPath: Type.Optional(boundedText()),
    mode: Type.Optional(word(['RO', 'RW'])),
    persistent: Type.Optional(persistent),
    external: Type.Optional(external),
    secret: Type.Optional(boundedText('keyLength')),
  },
  {description: 'A directory of the host, a persistent or external volume, or a secret.', ...rules(...volumeRules)},
);

const linuxInfo = Type.Object({
  seccomp: Type.Optional(
    Type.Object({profileName: Type.Optional(boundedText()), unconfined: Type.Boolean({default: false})}),
  ),
  ipcInfo: Type.Optional(
    Type.Object({
      mode: word(['PRIVATE', 'SHARE_PARENT'], {default: 'SHARE_PARENT'}),
      shmSize: Type.Optional(Type.Integer({minimum: 0, ...within('maximum', 'amount'), description: 'MiB.'})),
    }),
  ),
});

const container = Type.Object(
  {
    type: word(['DOCKER', 'MESOS'], {default: 'DOCKER'}),
    docker: Type.Optional(
      Type.Object({
        image: boundedText('textLength', {minLength: 1}),
        forcePullImage: Type.Boolean({default: false}),
        privileged: Type.Boolean({default: false}),
        parameters: Type.Optional(
          boundedList(Type.Object({key: boundedText('keyLength'), value: boundedText('labelLength')})),
        ),
        pullConfig: Type.Optional(Type.Object({secret: boundedText('keyLength')})),
      }),
    ),
    portMappings: Type.Optional(boundedList(portMapping, 'listItems', rules(...portMappingList))),
    volumes: Type.Optional(boundedList(volume)),
    linuxInfo: Type.Optional(linuxInfo),
  },
  rules({
    rule: "self.type != 'DOCKER' || has(self.docker)",
    message: 'docker: not defined (a container of type DOCKER needs it)',
  }),
);

const healthCheck = Type.Object(
  {
    protocol: word(['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'], {default: 'HTTP'}),
    path: Type.Optional(boundedText()),
    portIndex: portIndex(),
    port: Type.Optional(port()),
    command: Type.Optional(Type.Object({value: boundedText('commandLength', {minLength: 1})})),
    gracePeriodSeconds: seconds(300, 'Failures before the first success do not count for so long.'),
    intervalSeconds: seconds(60, 'Between two probes.'),
    timeoutSeconds: seconds(20, 'A probe that takes longer has failed.'),
    maxConsecutiveFailures: Type.Integer({
      default: 3,
      minimum: 0,
      maximum: MAX_INT,
      description: 'The task is killed after so many; 0: never.',
    }),
    delaySeconds: seconds(15, 'Before the first probe.'),
    ignoreHttp1xx: Type.Boolean({default: false}),
    ipProtocol: word(['IPv4', 'IPv6'], {default: 'IPv4'}),
  },
  rules({rule: "self.protocol != 'COMMAND' || has(self.command)", message: 'not defined', fieldPath: '.command'}),
);

const checkPort = {portIndex: portIndex(), port: Type.Optional(port())};

const check = Type.Object({
  http: Type.Optional(
    Type.Object({
      ...checkPort,
      path: Type.Optional(boundedText()),
      scheme: Type.Optional(word(['http', 'https', 'HTTP', 'HTTPS'])),
    }),
  ),
  tcp: Type.Optional(Type.Object(checkPort)),
  exec: Type.Optional(
    Type.Object({
      command: Type.Object({
        shell: Type.Optional(boundedText('commandLength')),
        argv: Type.Optional(boundedList(boundedText('commandLength'), 'arguments')),
      }),
    }),
  ),
  intervalSeconds: seconds(60),
  timeoutSeconds: seconds(20),
  delaySeconds: seconds(15),
});

const readinessCheck = Type.Object(
  {
    name: boundedText('keyLength', {default: 'readinessCheck'}),
    protocol: word(['HTTP', 'HTTPS'], {default: 'HTTP'}),
    path: boundedText('textLength', {default: '/'}),
    portName: text({...within('maxLength', 'portNameLength'), default: 'http-api', description: 'A declared port.'}),
    intervalSeconds: seconds(30, 'Between two probes.'),
    timeoutSeconds: seconds(10, 'A probe that takes longer has failed; below the interval.'),
    httpStatusCodesForReady: boundedList(Type.Integer({minimum: 100, maximum: 999}), 'listItems', {default: [200]}),
    preserveLastResponse: Type.Boolean({default: false}),
  },
  rules(readinessRule),
);

const fetchItem = Type.Object({
  uri: boundedText('textLength', {minLength: 1}),
  extract: Type.Boolean({default: true}),
  executable: Type.Boolean({default: false}),
  cache: Type.Boolean({default: false}),
  destPath: Type.Optional(boundedText()),
});

const spec = Type.Object(
  {
    id: Type.Optional(
      text({
        maxLength: 1024,
        pattern: PATH_PATTERN,
        description: 'The app’s absolute path. Default: `/` and metadata.name with each `.` read as `/`.',
      }),
    ),
    cmd: Type.Optional(boundedText('commandLength', {minLength: 1, description: 'Run by `/bin/sh -c`.'})),
    args: Type.Optional(boundedList(boundedText('commandLength'), 'arguments', {description: 'Run without a shell.'})),
    user: Type.Optional(boundedText('keyLength')),
    env: Type.Optional(
      boundedMap(free<string | {secret: string}>({description: 'A string, or {secret: name}.'}), 'variables', {
        // Their names are bounded in marathon-app-rules.ts: no CEL rule can stand beside values of more than one type.
        description: 'Environment variables.',
      }),
    ),
    instances: Type.Integer({
      default: 1,
      minimum: 0,
      ...within('maximum', 'instances'),
      description: 'How many tasks are wanted.',
    }),
    cpus: amount(1, 'Cores.'),
    mem: amount(128, 'MiB.'),
    disk: amount(0, 'MiB.'),
    gpus: Type.Integer({default: 0, minimum: 0, maximum: MAX_INT}),
    resourceLimits: Type.Optional(
      Type.Object({
        cpus: Type.Optional(free<number | 'unlimited'>({description: 'A number not below cpus, or "unlimited".'})),
        mem: Type.Optional(free<number | 'unlimited'>({description: 'A number not below mem, or "unlimited".'})),
      }),
    ),
    executor: Type.Optional(
      boundedText('textLength', {description: 'A path to a custom executor; empty: run the command.'}),
    ),
    executorResources: Type.Optional(
      Type.Object(
        {cpus: executorAmount(), mem: executorAmount(), disk: executorAmount()},
        {description: 'Of a custom executor. Kept, without effect: a command needs none.'},
      ),
    ),
    constraints: Type.Optional(
      boundedList(
        Type.Array(boundedText('expressionLength'), {minItems: 2, maxItems: 3, ...rules(...constraintItem)}),
        'constraints',
        {description: 'Where tasks may run: [field, operator] or [field, operator, value].'},
      ),
    ),
    fetch: Type.Optional(boundedList(fetchItem)),
    container: Type.Optional(container),
    networks: Type.Optional(
      boundedList(
        Type.Object({
          mode: word(['host', 'container', 'container/bridge'], {default: 'container'}),
          name: Type.Optional(boundedText('networkNameLength')),
          labels: labels(),
        }),
        'networks',
        {description: 'Default: [{mode: host}].', ...rules(...networkList)},
      ),
    ),
    portDefinitions: Type.Optional(
      boundedList(portDefinition, 'listItems', {
        ...rules(...portDefinitionList),
        description: 'Host networking only. Default: one free port named `default`; [] for none.',
      }),
    ),
    ports: Type.Optional(boundedList(port(), 'listItems', {description: 'The older form of portDefinitions.'})),
    requirePorts: Type.Boolean({default: false, description: 'Ports in portDefinitions are wanted on the host too.'}),
    healthChecks: Type.Optional(boundedList(healthCheck, 'healthChecks', rules(...healthCheckList))),
    check: Type.Optional(check),
    readinessChecks: Type.Optional(Type.Array(readinessCheck, {maxItems: 1})),
    upgradeStrategy: Type.Optional(
      Type.Object(
        {
          minimumHealthCapacity: Type.Number({
            default: 1,
            minimum: 0,
            maximum: 1,
            description: 'The part of instances that stays healthy during an upgrade.',
          }),
          maximumOverCapacity: Type.Number({
            default: 1,
            minimum: 0,
            maximum: 1,
            description: 'The part of instances that may be started in addition.',
          }),
        },
        {
          description:
            'How many instances an upgrade leaves, and how many it may add. Default: 1 and 1; 0.5 and 0 for an app with persistent or external volumes.',
        },
      ),
    ),
    backoffSeconds: seconds(1, 'The wait after the first failure.'),
    backoffFactor: Type.Number({
      default: 1.15,
      minimum: 1,
      maximum: MAX_INT,
      description: 'Each further failure multiplies the wait.',
    }),
    maxLaunchDelaySeconds: seconds(300, 'The longest wait.'),
    taskKillGracePeriodSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        ...within('maximum', 'seconds'),
        description: 'Between SIGTERM and SIGKILL. Default: the agent’s 3 s.',
      }),
    ),
    killSelection: word(['YOUNGEST_FIRST', 'OLDEST_FIRST'], {
      default: 'YOUNGEST_FIRST',
      description: 'Who goes first when scaling down.',
    }),
    unreachableStrategy: Type.Optional(
      free<'disabled' | {inactiveAfterSeconds?: number; expungeAfterSeconds?: number}>({
        description: '"disabled", or {inactiveAfterSeconds, expungeAfterSeconds}; default 0 and 0: replaced at once.',
      }),
    ),
    dependencies: Type.Optional(boundedList(boundedText(), 'dependencies')),
    labels: labels(),
    acceptedResourceRoles: Type.Optional(Type.Array(boundedText('keyLength'), {minItems: 1, maxItems: 64})),
    role: Type.Optional(
      text({minLength: 1, maxLength: 253, description: 'The role that gets the offers. Default: the flag mesos_role.'}),
    ),
    secrets: Type.Optional(
      boundedMap(
        Type.Unsafe<{source: string}>({type: 'object', required: ['source'], properties: {source: boundedText()}}),
        'listItems',
        keysBounded,
      ),
    ),
    tty: Type.Optional(Type.Boolean()),
    residency: Type.Optional(
      Type.Object(
        {
          relaunchEscalationTimeoutSeconds: Type.Optional(Type.Integer({minimum: 0, ...within('maximum', 'seconds')})),
          taskLostBehavior: Type.Optional(word(['WAIT_FOREVER', 'RELAUNCH_AFTER_TIMEOUT'])),
        },
        {description: 'Kept, without effect.'},
      ),
    ),
  },
  {
    description: 'The fields of a Marathon app, under their Marathon names.',
    ...rules(...specRules),
  },
);

const count = (description: string) => Type.Optional(Type.Integer({minimum: 0, description}));

const status = Type.Object({
  conditions: Type.Optional(Conditions),
  observedGeneration: Type.Optional(Type.Integer({minimum: 0})),
  replicas: count('Instances launched and not terminal.'),
  selector: Type.Optional(text({description: 'Selects the pods of the app; for HorizontalPodAutoscalers.'})),
  tasksStaged: count('Launched, not running yet.'),
  tasksRunning: count('Running.'),
  tasksHealthy: count('Running and passing all health checks.'),
  tasksUnhealthy: count('Running and failing a health check.'),
  version: Type.Optional(time({description: 'When the spec last changed, as Marathon counts it.'})),
  versionInfo: Type.Optional(Type.Object({lastScalingAt: time(), lastConfigChangeAt: time()})),
  configHash: Type.Optional(
    text({description: 'Of everything in the spec but instances: another hash means a rolling replacement.'}),
  ),
  restartedAt: Type.Optional(text({description: 'The restart request that was answered last.'})),
  servicePorts: Type.Optional(Type.Array(Type.Integer(), {description: 'One for each declared port.'})),
  deployments: Type.Optional(
    Type.Array(Type.Object({id: text(), version: time(), action: Type.Optional(text())}), {
      description: 'Changes under way.',
    }),
  ),
  launchDelay: Type.Optional(
    Type.Object({failures: Type.Integer(), until: time()}, {description: 'Why the next launch waits.'}),
  ),
  reservations: Type.Optional(
    Type.Array(Type.Object({instanceId: text(), agentId: text(), incarnation: Type.Integer()}), {
      description: 'What is reserved for instances of an app with persistent volumes, whether they run or not.',
    }),
  ),
  lastTaskFailure: Type.Optional(
    Type.Object({
      appId: text(),
      host: text(),
      message: text(),
      state: text(),
      taskId: text(),
      timestamp: time(),
      version: time(),
      slaveId: Type.Optional(text()),
    }),
  ),
});

export const MARATHON_APPS = defineKind({
  plural: 'marathonapps',
  singular: 'marathonapp',
  kind: 'MarathonApp',
  shortNames: ['mapp'],
  description: 'An app that Marathon keeps running on the agents of the cluster.',
  columns: [
    {name: 'App', type: 'string', jsonPath: '.spec.id', priority: 1},
    {name: 'Instances', type: 'integer', jsonPath: '.spec.instances', description: 'Wanted.'},
    {name: 'Running', type: 'integer', jsonPath: '.status.tasksRunning'},
    {name: 'Healthy', type: 'integer', jsonPath: '.status.tasksHealthy', priority: 1},
    {name: 'Available', type: 'string', jsonPath: '.status.conditions[?(@.type=="Available")].status'},
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Progressing")].reason',
      description: 'What is going on.',
    },
    {name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Progressing")].message', priority: 1},
    {name: 'Version', type: 'string', jsonPath: '.status.version', priority: 1},
    {name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp'},
  ],
  scale: {
    specReplicasPath: '.spec.instances',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  spec,
  status,
});

export type MarathonApp = ObjectOf<typeof MARATHON_APPS>;
export type MarathonAppSpec = MarathonApp['spec'];
export type MarathonAppStatus = NonNullable<MarathonApp['status']>;
