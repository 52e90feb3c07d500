import type {AppDefinition} from '../apps/app.ts';
import type {TaskId} from '../ids.ts';

export type TaskEnvInput = {
  readonly app: AppDefinition;
  readonly version: string;
  readonly taskId: TaskId;
  readonly host: string;
  /** One for each declared port. */
  readonly hostPorts: readonly (number | undefined)[];
  /** Those assigned, one for each declared port. */
  readonly servicePorts: readonly number[];
  /** Before PORT… and HOST. */
  readonly prefix: string;
};

/** The environment of an app's task: Marathon's variables, and over them the user's. */
export function taskEnv(input: TaskEnvInput): Readonly<Record<string, string>> {
  const {app, prefix, hostPorts, servicePorts} = input;
  const network = {HOST: input.host, ...portEnv(app, hostPorts, servicePorts)};
  const prefixed = Object.entries(network).map(([name, value]) => [`${prefix}${name}`, value]);
  return {...appEnv(input), ...labelEnv(app.labels), ...Object.fromEntries(prefixed), ...app.env};
}

function appEnv({app, version, taskId}: TaskEnvInput): Record<string, string> {
  const image = app.spec.container?.docker?.image;
  return {
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: version,
    // Groups that enforce their role are not there yet.
    MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
    ...(image === undefined ? {} : {MARATHON_APP_DOCKER_IMAGE: image}),
    MARATHON_APP_RESOURCE_CPUS: double(app.spec.cpus),
    MARATHON_APP_RESOURCE_MEM: double(app.spec.mem),
    MARATHON_APP_RESOURCE_DISK: double(app.spec.disk),
    MARATHON_APP_RESOURCE_GPUS: String(app.spec.gpus),
    MESOS_TASK_ID: taskId,
  };
}

/** Whole numbers keep a decimal, as scripts that compare these texts expect. */
const double = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

function labelEnv(labels: Readonly<Record<string, string>>): Record<string, string> {
  const included = Object.entries(labels).filter(([key, value]) => key.length < 493 && value.length < 512);
  const escaped = included.map(([key, value]): [string, string] => [escape(key), value]);
  return {
    MARATHON_APP_LABELS: escaped.map(([key]) => key).join(' '),
    ...Object.fromEntries(escaped.map(([key, value]) => [`MARATHON_APP_LABEL_${key}`, value])),
  };
}

const escape = (key: string): string => key.replaceAll(/[^A-Za-z0-9_]+/g, '_').toUpperCase();

/** Ports below are for root. */
const LOWEST_CHOSEN = 1025;

/**
 * The number that a task listens on: the host's where there is one, else the container's. Where the container's is left
 * to Marathon, the lowest that the app does not name itself: the network is the task's own.
 */
export function effectivePorts(app: AppDefinition, hostPorts: readonly (number | undefined)[]): readonly number[] {
  const named = new Set(app.ports.map(({containerPort}) => containerPort));
  let next = LOWEST_CHOSEN;
  const choose = (): number => {
    while (named.has(next)) next += 1;
    return next++;
  };
  return app.ports.map(
    ({containerPort = 0}, index) => hostPorts[index] ?? (containerPort === 0 ? choose() : containerPort),
  );
}

function portEnv(
  app: AppDefinition,
  hostPorts: readonly (number | undefined)[],
  servicePorts: readonly number[],
): Record<string, string> {
  const ports = effectivePorts(app, hostPorts);
  const first = ports[0];
  if (first === undefined) return {};
  const env: Record<string, string> = {PORT: String(first), PORTS: ports.join(',')};
  for (const [index, spec] of app.ports.entries()) {
    const port = String(ports[index] ?? 0);
    const declared = spec.containerPort ?? servicePorts[index] ?? spec.servicePort;
    env[`PORT${index}`] = port;
    if (declared !== 0) env[`PORT_${declared}`] = port;
    if (spec.name !== undefined) env[`PORT_${spec.name.toUpperCase()}`] = port;
  }
  return env;
}
