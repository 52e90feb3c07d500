import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
import {Conditions, free, mapOf, rules, text, time, word} from './schema.ts';

const PATH_SEGMENTS = '([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])([.]([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*';
const PORT_NAME = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

const amount = (fallback: number, description: string) => Type.Number({default: fallback, minimum: 0, description});
const port = (options: object = {}) => Type.Integer({minimum: 0, maximum: 65535, ...options});
const labels = (options: Readonly<Record<string, unknown>> = {}) => Type.Optional(mapOf(text(), options));
const seconds = (fallback: number, description: string) => Type.Number({default: fallback, minimum: 0, description});
const protocol = Type.Optional(word(['tcp', 'udp', 'udp,tcp'], {default: 'tcp'}));

const portDefinition = Type.Object({
  port: port({
    default: 0,
    description: 'The service port; 0 asks for a free one. With requirePorts also the host port.',
  }),
  protocol,
  name: Type.Optional(text({pattern: PORT_NAME})),
  labels: labels(),
});

const portMapping = Type.Object({
  containerPort: port({default: 0, description: '0 means the same number as the host port.'}),
  hostPort: Type.Optional(
    port({description: 'Absent: not reachable through the host, or in bridge mode a free one; 0: a free one.'}),
  ),
  servicePort: port({default: 0}),
  protocol,
  name: Type.Optional(text({pattern: PORT_NAME})),
  labels: labels(),
  networkNames: Type.Optional(Type.Array(text())),
});

const volume = Type.Object(
  {
    containerPath: Type.Optional(text({minLength: 1})),
    hostPath: Type.Optional(text()),
    mode: Type.Optional(word(['RO', 'RW'])),
    persistent: Type.Optional(free<Record<string, unknown>>({type: 'object'})),
    external: Type.Optional(free<Record<string, unknown>>({type: 'object'})),
    secret: Type.Optional(text()),
  },
  {description: 'A directory of the host, a persistent or external volume, or a secret.'},
);

const container = Type.Object(
  {
    type: word(['DOCKER', 'MESOS'], {default: 'DOCKER'}),
    docker: Type.Optional(
      Type.Object({
        image: text({minLength: 1}),
        forcePullImage: Type.Boolean({default: false}),
        privileged: Type.Boolean({default: false}),
        parameters: Type.Optional(Type.Array(Type.Object({key: text(), value: text()}))),
        pullConfig: Type.Optional(Type.Object({secret: text()})),
      }),
    ),
    portMappings: Type.Optional(Type.Array(portMapping, {maxItems: 256})),
    volumes: Type.Optional(Type.Array(volume, {maxItems: 256})),
    linuxInfo: Type.Optional(free<Record<string, unknown>>({type: 'object'})),
  },
  rules({
    rule: "self.type != 'DOCKER' || has(self.docker)",
    message: 'docker: not defined (a container of type DOCKER needs it)',
  }),
);

const healthCheck = Type.Object({
  protocol: word(['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'], {default: 'HTTP'}),
  path: Type.Optional(text()),
  portIndex: Type.Optional(Type.Integer({minimum: 0})),
  port: Type.Optional(port()),
  command: Type.Optional(Type.Object({value: text({minLength: 1})})),
  gracePeriodSeconds: seconds(300, 'Failures before the first success do not count for so long.'),
  intervalSeconds: seconds(60, 'Between two probes.'),
  timeoutSeconds: seconds(20, 'A probe that takes longer has failed.'),
  maxConsecutiveFailures: Type.Integer({
    default: 3,
    minimum: 0,
    description: 'The task is killed after so many; 0: never.',
  }),
  delaySeconds: seconds(15, 'Before the first probe.'),
  ignoreHttp1xx: Type.Boolean({default: false}),
  ipProtocol: word(['IPv4', 'IPv6'], {default: 'IPv4'}),
});

const fetchItem = Type.Object({
  uri: text({minLength: 1}),
  extract: Type.Boolean({default: true}),
  executable: Type.Boolean({default: false}),
  cache: Type.Boolean({default: false}),
  destPath: Type.Optional(text()),
});

const spec = Type.Object(
  {
    id: Type.Optional(
      text({
        maxLength: 1024,
        pattern: `^(/${PATH_SEGMENTS})+$`,
        description: 'The app’s absolute path. Default: `/` and metadata.name with each `.` read as `/`.',
      }),
    ),
    cmd: Type.Optional(text({minLength: 1, description: 'Run by `/bin/sh -c`.'})),
    args: Type.Optional(Type.Array(text(), {description: 'Run without a shell.'})),
    user: Type.Optional(text()),
    env: Type.Optional(
      mapOf(free<string | {secret: string}>({description: 'A string, or {secret: name}.'}), {
        description: 'Environment variables.',
      }),
    ),
    instances: Type.Integer({default: 1, minimum: 0, maximum: 2147483647, description: 'How many tasks are wanted.'}),
    cpus: amount(1, 'Cores.'),
    mem: amount(128, 'MiB.'),
    disk: amount(0, 'MiB.'),
    gpus: Type.Integer({default: 0, minimum: 0, maximum: 2147483647}),
    resourceLimits: Type.Optional(
      Type.Object({
        cpus: Type.Optional(free<number | 'unlimited'>({description: 'A number not below cpus, or "unlimited".'})),
        mem: Type.Optional(free<number | 'unlimited'>({description: 'A number not below mem, or "unlimited".'})),
      }),
    ),
    executor: Type.Optional(text({description: 'A path to a custom executor; empty: run the command.'})),
    constraints: Type.Optional(
      Type.Array(Type.Array(text(), {minItems: 2, maxItems: 3}), {
        maxItems: 256,
        description: 'Where tasks may run: [field, operator] or [field, operator, value].',
      }),
    ),
    fetch: Type.Optional(Type.Array(fetchItem, {maxItems: 256})),
    container: Type.Optional(container),
    networks: Type.Optional(
      Type.Array(
        Type.Object({
          mode: word(['host', 'container', 'container/bridge'], {default: 'container'}),
          name: Type.Optional(text()),
          labels: labels(),
        }),
        {maxItems: 32, description: 'Default: [{mode: host}].'},
      ),
    ),
    portDefinitions: Type.Optional(
      Type.Array(portDefinition, {
        maxItems: 256,
        description: 'Host networking only. Default: one free port named `default`; [] for none.',
      }),
    ),
    ports: Type.Optional(Type.Array(port(), {maxItems: 256, description: 'The older form of portDefinitions.'})),
    requirePorts: Type.Boolean({default: false, description: 'Ports in portDefinitions are wanted on the host too.'}),
    healthChecks: Type.Optional(Type.Array(healthCheck, {maxItems: 32})),
    check: Type.Optional(free<Record<string, unknown>>({type: 'object'})),
    readinessChecks: Type.Optional(Type.Array(free<Record<string, unknown>>({type: 'object'}), {maxItems: 1})),
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
        {default: {}},
      ),
    ),
    backoffSeconds: seconds(1, 'The wait after the first failure.'),
    backoffFactor: Type.Number({default: 1.15, minimum: 1, description: 'Each further failure multiplies the wait.'}),
    maxLaunchDelaySeconds: seconds(300, 'The longest wait.'),
    taskKillGracePeriodSeconds: Type.Optional(
      Type.Integer({minimum: 0, description: 'Between SIGTERM and SIGKILL. Default: the agent’s 3 s.'}),
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
    dependencies: Type.Optional(Type.Array(text(), {maxItems: 1024})),
    labels: labels(),
    acceptedResourceRoles: Type.Optional(Type.Array(text(), {minItems: 1, maxItems: 64})),
    role: Type.Optional(
      text({minLength: 1, maxLength: 253, description: 'The role that gets the offers. Default: the flag mesos_role.'}),
    ),
    secrets: Type.Optional(
      mapOf(
        Type.Unsafe<{source: string}>({type: 'object', required: ['source'], properties: {source: {type: 'string'}}}),
      ),
    ),
    tty: Type.Optional(Type.Boolean()),
    residency: Type.Optional(free<Record<string, unknown>>({type: 'object', description: 'Kept, without effect.'})),
  },
  {
    description: 'The fields of a Marathon app, under their Marathon names.',
    ...rules(
      {
        rule: '!(has(self.cmd) && has(self.args)) && (has(self.cmd) || has(self.args) || has(self.container))',
        message: "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
      },
      {
        rule: '!(has(self.ports) && has(self.portDefinitions))',
        message: 'cannot specify both ports and port definitions',
      },
      {
        rule: 'has(self.id) == has(oldSelf.id) && (!has(self.id) || self.id == oldSelf.id)',
        message: 'id is immutable: create another MarathonApp for another id',
      },
    ),
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
