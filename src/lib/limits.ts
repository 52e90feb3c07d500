// The one table of limits. Whatever comes from outside is measured against it; docs/reference/limits.md is made from it.
// A value is generous for real use and far from harm: at the limit itself nothing stalls and nothing is lost.

/** How much is allowed of something that comes from outside. */
export type Limit = {
  readonly value: number;
  readonly unit: string;
  /** Completes "The limit of …". */
  readonly bounds: string;
  /** Completes "It holds …". */
  readonly where: string;
};

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

const EVERY_PORT = 'for each port that listens';
const BOTH_PORTS = 'for each request to :5050 and :8080';
const JSON_BODIES = 'for each body in JSON, also at the embedded API server';
const PROTOBUF = 'for each body in protobuf';
const APPS = 'for each MarathonApp, from kubectl and from /v2';
const KINDS = 'for each object of our kinds, from kubectl and from HTTP';
const CALLS = 'for each scheduler and operator call';
const OBJECTS = 'at the embedded API server';
const SANDBOXES = 'on each agent of the standalone';

const limit = (value: number, unit: string, bounds: string, where: string): Limit => ({value, unit, bounds, where});

export const LIMITS = {
  headerBytes: limit(16 * KIB, 'bytes', 'all headers of a request', EVERY_PORT),
  urlBytes: limit(8 * KIB, 'bytes', 'the path and query of a request', BOTH_PORTS),
  headerSeconds: limit(20, 'seconds', 'the time in which all headers have to come', EVERY_PORT),
  requestSeconds: limit(60, 'seconds', 'the time in which a whole request has to come', EVERY_PORT),
  idleSeconds: limit(75, 'seconds', 'how long a connection without a request stays open', EVERY_PORT),
  connections: limit(4096, 'connections', 'open connections at a time', EVERY_PORT),
  queryParameters: limit(1000, 'parameters', 'the query of a request', BOTH_PORTS),
  bodyBytes: limit(8 * MIB, 'bytes', 'a body as it is sent', BOTH_PORTS),
  inflatedBytes: limit(8 * MIB, 'bytes', 'a body after inflating', BOTH_PORTS),
  filePartBytes: limit(64 * KIB, 'bytes', 'the part of a file in one answer', 'for /files/read and READ_FILE'),
  objectBytes: limit(3 * MIB, 'bytes', 'a body that carries a Kubernetes object or patch', OBJECTS),
  objectMembers: limit(2000, 'members', 'one map of a Kubernetes object: labels, data', OBJECTS),
  objectValues: limit(50_000, 'values', 'texts, numbers, lists and objects of a Kubernetes object together', OBJECTS),
  yamlBytes: limit(64 * KIB, 'bytes', 'a body in YAML that is not JSON', OBJECTS),
  patchOperations: limit(1000, 'operations', 'the operations of a JSON patch', OBJECTS),
  events: limit(5000, 'events', 'the events that are kept', OBJECTS),
  eventSeconds: limit(3600, 'seconds', 'how long an event is kept after its last change', OBJECTS),
  historyBytes: limit(16 * MIB, 'bytes', 'changes over which a watch can resume', OBJECTS),
  recordBytes: limit(16 * MIB, 'bytes', 'one RecordIO record', 'for each stream that is read'),
  jsonDepth: limit(128, 'levels', 'lists and objects inside each other', JSON_BODIES),
  jsonValues: limit(200_000, 'values', 'texts, numbers, lists and objects of a body together', JSON_BODIES),
  jsonMembers: limit(20_000, 'members', 'one object of a body', JSON_BODIES),
  jsonTextBytes: limit(2 * MIB, 'bytes', 'one text of a body', JSON_BODIES),
  protobufValues: limit(200_000, 'values', 'fields of a body together', PROTOBUF),
  idsInCall: limit(
    20_000,
    'ids',
    'offers, tasks or operations that one call names',
    `${CALLS} and for /v2/tasks/delete`,
  ),
  changesOfApp: limit(16, 'changes', 'the changes of one app in one request', 'for each PUT and PATCH of /v2/apps'),
  appsInChange: limit(1000, 'apps', 'the apps of one request', 'for each PUT, PATCH and POST of /v2/apps'),
  errorsListed: limit(100, 'errors', 'the errors that one answer lists', 'for each refusal of /v2'),
  eventBytes: limit(
    4 * MIB,
    'bytes',
    'events that wait for one reader, or are kept for those who come back',
    'for each stream of /v2/events',
  ),
  rolesOfFramework: limit(1000, 'roles', 'the roles of a framework', CALLS),
  instances: limit(1_000_000, 'instances', 'the instances of an app', APPS),
  definitionBytes: limit(96 * KIB, 'bytes', 'a whole definition as JSON', APPS),
  commandLength: limit(64 * KIB, 'characters', 'a command, one argument or the value of one variable', APPS),
  arguments: limit(1024, 'arguments', 'the arguments of a command', APPS),
  variables: limit(1024, 'variables', 'the environment variables', APPS),
  labels: limit(256, 'labels', 'the labels of an app, a port or a network', APPS),
  keyLength: limit(1024, 'characters', 'the name of a label, variable or secret', APPS),
  labelLength: limit(32 * KIB, 'characters', 'the value of one label', APPS),
  textLength: limit(4096, 'characters', 'any other text of a definition: paths, names, URIs', APPS),
  listItems: limit(256, 'items', 'ports, volumes, URIs, secrets, parameters and other lists', APPS),
  portNameLength: limit(253, 'characters', 'the name of a port', APPS),
  networkNameLength: limit(253, 'characters', 'the name of a network', APPS),
  healthChecks: limit(32, 'checks', 'the health checks of an app', APPS),
  networks: limit(32, 'networks', 'the networks of an app', APPS),
  dependencies: limit(1024, 'apps', 'what an app depends on', APPS),
  seconds: limit(315_360_000, 'seconds', 'any time of a definition: ten years', APPS),
  amount: limit(1e12, 'cores, MiB or pieces', 'an amount of a resource', KINDS),
  resourceNames: limit(256, 'names', 'resources that are named in one place', KINDS),
  constraints: limit(64, 'constraints', 'the constraints of an app', APPS),
  expressionLength: limit(4096, 'characters', 'a regular expression', 'for each constraint LIKE and UNLIKE'),
  expressionSteps: limit(2000, 'steps', 'a compiled regular expression', 'for each constraint LIKE and UNLIKE'),
  logBytes: limit(10 * MIB, 'bytes', 'a file of a task’s output before it is rotated', SANDBOXES),
  logFiles: limit(3, 'files', 'the files of a task’s output that are kept', SANDBOXES),
  sandboxAgeSeconds: limit(604_800, 'seconds', 'how long the sandbox of an ended task is kept', SANDBOXES),
  sandboxBytes: limit(2 * GIB, 'bytes', 'the sandboxes of ended tasks together', SANDBOXES),
  sandboxes: limit(1000, 'sandboxes', 'the sandboxes of ended tasks', SANDBOXES),
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof LIMITS;

export const limitOf = (name: LimitName): number => LIMITS[name].value;

/** More came than a limit allows. `found` is how much, in the limit's unit; at least that when `atLeast`. */
export type TooMuch = {
  readonly kind: 'too-much';
  readonly limit: LimitName;
  readonly found: number;
  readonly atLeast?: boolean;
};

/** Undefined while `found` is within the limit. */
export const checkLimit = (name: LimitName, found: number): TooMuch | undefined =>
  found > limitOf(name) ? {kind: 'too-much', limit: name, found} : undefined;

/** One sentence with the limit's name, its value and what was found; the same in every answer. */
export function explainTooMuch({limit: name, found, atLeast = false}: TooMuch): string {
  const {value, unit, bounds} = LIMITS[name];
  return `Too much: ${bounds}: ${value} ${unit} at most (limit ${name}), found ${found}${atLeast ? ' or more' : ''}`;
}
