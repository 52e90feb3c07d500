/** A sentence for each field by its path, `[]` for each of a list and `*` for each of a map. */
type Sentences = Readonly<Record<string, string>>;

const COMMON: Sentences = {
  '.status': 'What the master and Marathon found out. They alone write it.',
  '.status.conditions[].status': 'Whether it is so.',
  '.status.observedGeneration': 'The metadata.generation that the status speaks of.',
};

const MESOS_AGENT: Sentences = {
  ...COMMON,
  '.spec': 'What the agent says of itself, and what its operator wants of it.',
  '.spec.domain.region': 'The region, as frameworks see it.',
  '.spec.domain.zone': 'The zone in the region.',
  '.status.registeredTime': 'When a master admitted it for the first time.',
  '.status.reregisteredTime': 'When a master admitted it again, the last time.',
  '.status.unreachableTime': 'Since when it is unreachable.',
};

const MESOS_FRAMEWORK: Sentences = {
  ...COMMON,
  '.spec': 'What the framework said of itself when it subscribed.',
  '.status.registeredTime': 'When it subscribed for the first time.',
  '.status.reregisteredTime': 'When it subscribed again, the last time.',
  '.status.disconnectedTime': 'Since when it is away.',
  '.status.tasks': 'Tasks that are not terminal.',
  '.status.offers': 'Offers that it has not answered yet.',
  '.status.used': 'What its tasks hold, by resource name: cores, MiB and counts.',
};

const MESOS_ROLE: Sentences = {
  ...COMMON,
  '.spec': 'What the role is to get, and what its tasks may do.',
  '.status.role': 'The role’s path.',
  '.status.dominantShare': 'Its largest part of any one resource, over its weight.',
  '.status.frameworks': 'Frameworks that are subscribed to it.',
};

const PORT: Sentences = {
  protocol: 'What is spoken on the port; `udp,tcp` for both.',
  name: 'What discovery calls the port, and what PORT_NAME variables are made from.',
  labels: 'Labels of the port, for discovery.',
};

/** The same fields below another path. */
const below = (path: string, fields: Sentences): Sentences =>
  Object.fromEntries(Object.entries(fields).map(([name, sentence]) => [`${path}.${name}`, sentence]));

const MARATHON_APP: Sentences = {
  ...COMMON,
  '.spec.user': 'The user of the process. Default: the flag mesos_user.',
  '.spec.gpus': 'Whole GPUs.',
  '.spec.resourceLimits': 'The most that a task may use, above what it asked for.',
  ...below('.spec.executorResources', {
    cpus: 'Cores.',
    mem: 'Memory in MiB.',
    disk: 'Disk in MiB.',
  }),
  '.spec.fetch': 'What is brought into the sandbox before the task begins.',
  ...below('.spec.fetch[]', {
    uri: 'What to fetch: http, https or file.',
    extract: 'Unpack an archive.',
    executable: 'Make the file executable; it is not unpacked then.',
    cache: 'Kept, without effect: every task fetches for itself.',
    destPath: 'The file’s name in the sandbox. Default: the last part of the URI.',
  }),
  '.spec.container': 'The container in which tasks run. Default: one of the image for tasks that name none.',
  ...below('.spec.container', {
    type: 'The containerizer of Mesos that the fields are meant for. Either becomes a container of a pod.',
    docker: 'The image, and how it is run.',
    portMappings: 'Ports of the container, which has a network of its own.',
    volumes: 'What is mounted into the container.',
    linuxInfo: 'Linux options, as in the Mesos v1 API.',
  }),
  ...below('.spec.container.docker', {
    image: 'The image, with its registry and its tag or digest.',
    forcePullImage: 'Pull the image for every task.',
    privileged: 'Run with all rights on the node, where the policy for tasks lets it.',
    parameters: 'Options of `docker run`. The annotation mesos.dev/ignored names those that have no counterpart.',
    'parameters[].key': 'The option, without its dashes.',
    'parameters[].value': 'Its value.',
    pullConfig: 'How the image is pulled.',
    'pullConfig.secret': 'The entry of `secrets` that has the registry’s credentials.',
  }),
  ...below('.spec.container.portMappings[]', {
    ...PORT,
    servicePort: 'What load balancers listen on; 0 asks for a free one.',
    networkNames: 'Networks of the app that the port belongs to. Default: all of them.',
  }),
  ...below('.spec.container.volumes[]', {
    containerPath: 'Where the volume is in the container.',
    hostPath: 'A directory of the node.',
    mode: 'Read only, or read and write.',
    persistent: 'A volume that outlives the task.',
    'persistent.type': 'The kind of disk that is wanted.',
    'persistent.profileName': 'The disk profile that is wanted.',
    'persistent.constraints': 'Which disks will do, as [field, operator, value].',
    external: 'A volume of a provider: here a PersistentVolumeClaim.',
    'external.name': 'The volume’s name with its provider.',
    'external.provider': 'Who has the volume.',
    'external.options': 'What the provider is told.',
    'external.shared': 'Several tasks may mount it at a time.',
    secret: 'The entry of `secrets` that becomes a file.',
  }),
  ...below('.spec.container.linuxInfo', {
    seccomp: 'Which system calls the container may make.',
    'seccomp.profileName': 'The profile’s name.',
    'seccomp.unconfined': 'All of them.',
    ipcInfo: 'Shared memory.',
    'ipcInfo.mode': 'Of its own, or that of the parent.',
  }),
  ...below('.spec.networks[]', {
    mode: 'The node’s network, one of the container’s own, or one behind ports of the node.',
    name: 'The name of a container network.',
    labels: 'Labels for the network’s plugin.',
  }),
  ...below('.spec.portDefinitions[]', PORT),
  '.spec.healthChecks': 'The check that a healthy task passes; one at most.',
  ...below('.spec.healthChecks[]', {
    protocol: 'A request, a connection, or a command in the container.',
    path: 'The path of an HTTP request. Default: `/`.',
    portIndex: 'Which of the declared ports is asked, counted from 0.',
    port: 'A port to ask, instead of portIndex.',
    command: 'The command of a COMMAND check.',
    'command.value': 'Run by `/bin/sh -c`. The exit code 0 is healthy.',
    ignoreHttp1xx: 'An answer from 100 to 199 counts neither as healthy nor as unhealthy.',
    ipProtocol: 'The address family of MESOS checks.',
  }),
  '.spec.check': 'A check whose result is shown, and which ends nothing.',
  ...below('.spec.check', {
    http: 'A request.',
    'http.portIndex': 'Which of the declared ports is asked, counted from 0.',
    'http.port': 'A port to ask, instead of portIndex.',
    'http.path': 'The path of the request.',
    'http.scheme': 'Either http or https, in lower or upper case.',
    tcp: 'A connection.',
    'tcp.portIndex': 'Which of the declared ports is connected to, counted from 0.',
    'tcp.port': 'A port to connect to, instead of portIndex.',
    exec: 'A command in the container.',
    'exec.command': 'The command.',
    'exec.command.shell': 'Run by `/bin/sh -c`.',
    'exec.command.argv': 'Run without a shell.',
    intervalSeconds: 'Seconds between two checks.',
    timeoutSeconds: 'A check that takes longer has failed.',
    delaySeconds: 'Seconds before the first check.',
  }),
  '.spec.readinessChecks': 'A deployment waits until new tasks pass it.',
  ...below('.spec.readinessChecks[]', {
    name: 'The name of the check.',
    protocol: 'Either HTTP or HTTPS.',
    path: 'The path of the request.',
    httpStatusCodesForReady: 'Answers that count as ready.',
    preserveLastResponse: 'Show the last answer with the deployment.',
  }),
  '.spec.dependencies': 'Ids of apps or groups that are deployed before.',
  '.spec.labels': 'Labels of the app and of its tasks.',
  '.spec.acceptedResourceRoles': 'Roles whose reserved resources are used; `*` for those that nobody reserved.',
  '.spec.secrets': 'Secrets by the name that `env` and volumes use.',
  '.spec.secrets.*.source': 'A Secret of the namespace, as `name` or `name/key`.',
  '.spec.tty': 'Give the task a terminal.',
  ...below('.spec.residency', {
    relaunchEscalationTimeoutSeconds: 'Kept, without effect.',
    taskLostBehavior: 'Kept, without effect.',
  }),
  '.status.versionInfo': 'When the spec changed last, by what changed.',
  ...below('.status.versionInfo', {
    lastScalingAt: 'When instances changed.',
    lastConfigChangeAt: 'When anything else changed.',
  }),
  ...below('.status.deployments[]', {
    id: 'The id in /v2/deployments.',
    version: 'The version that is deployed.',
    action: 'The step that is taken now.',
  }),
  ...below('.status.reservations[]', {
    instanceId: 'For whom it is reserved.',
    agentId: 'The agent that has it.',
    incarnation: 'The number of its last launch.',
  }),
  ...below('.status.launchDelay', {
    failures: 'Failures in a row.',
    until: 'When the next launch may be.',
  }),
  '.status.lastTaskFailure': 'The task that failed last.',
  ...below('.status.lastTaskFailure', {
    appId: 'The app’s id.',
    host: 'The host of its agent.',
    message: 'Why it failed.',
    state: 'The state in which it ended, as in TASK_FAILED.',
    taskId: 'The task’s id.',
    timestamp: 'When it failed.',
    version: 'The version of the app that it ran.',
    slaveId: 'The id of its agent.',
  }),
};

const MARATHON_DEPLOYMENT: Sentences = {
  '.spec': 'The plan: what the deployment changes, in which order.',
  '.status': 'How far the deployment is.',
};

const MARATHON_GROUP: Sentences = {
  ...COMMON,
  '.spec': 'What holds for all apps of the group.',
};

/** What the schemas themselves do not say, by kind: the structure stays readable, and no field goes without a sentence. */
export const FIELD_DESCRIPTIONS: Readonly<Record<string, Sentences>> = {
  MesosAgent: MESOS_AGENT,
  MesosFramework: MESOS_FRAMEWORK,
  MesosRole: MESOS_ROLE,
  MarathonApp: MARATHON_APP,
  MarathonDeployment: MARATHON_DEPLOYMENT,
  MarathonGroup: MARATHON_GROUP,
};
