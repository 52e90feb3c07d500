import {join, posix} from 'node:path';
import {argvOf} from './container-command.ts';
import type {Container, ContainerPort, Pod, Volume, VolumeMount} from './pod.ts';
import type {VolumeSource} from './volume-sources.ts';
import {parseQuantity} from '../../kube/quantity.ts';

export type LaunchWarning = {readonly reason: 'MountIgnored' | 'PortNotMapped'; readonly message: string};

/** How to run one container, and what the task cannot have as written. */
export type LaunchPlan = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Made before the start: directories, and symbolic links (path in the sandbox -> target). */
  readonly directories: readonly string[];
  readonly links: ReadonlyMap<string, string>;
  /** Written before the start, for nobody else to read: the data of secrets, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** A directory whose entries are linked into the sandbox: what init containers have left there. */
  readonly inherit?: string;
  /** For the user, as events. */
  readonly warnings: readonly LaunchWarning[];
  /** In front of a command that is to run beside the task: empty for host processes. */
  readonly execPrefix: readonly string[];
  readonly cleanup?: readonly string[];
};

export type LaunchContext = {
  readonly pod: Pod;
  readonly container: Container;
  readonly isInit: boolean;
  /** The container's variables, references resolved. */
  readonly env: ReadonlyMap<string, string>;
  /** Where ports of the host are published. */
  readonly ip: string;
  /** Variables of the host that every process gets: PATH, HOME… */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Runs this very program. */
  readonly ownProgram: readonly string[];
  readonly runDirectory: string;
  readonly volumesDirectory: string;
  /** Claims and secrets, by the volume's name. */
  readonly volumes: ReadonlyMap<string, VolumeSource>;
  /** `<pod uid>/<container>/<restart>`. */
  readonly runId: string;
};

const SANDBOX = 'MESOS_SANDBOX';

type MappedPort = ContainerPort & {readonly hostPort: number};
type Mount = {
  readonly mount: VolumeMount;
  readonly target: string;
  /** It is there, or somebody else makes it: a path of the host, a claim's directory, a file. */
  readonly isMade: boolean;
};

/** The plan for a process of the host: no file system of its own, so mounts become links and paths are translated. */
export function planHostProcess(context: LaunchContext): LaunchPlan {
  const {mounts, warnings} = mountsOf(context);
  const sandbox = sandboxOf(context, mounts);
  const linked = mounts.map(mount => ({mount, link: linkOf(mount, context)}));
  const links = linked.flatMap(({mount, link}) => (link ? [[join(sandbox, link), mount.target] as const] : []));
  const lost = linked.flatMap(({mount, link}) => (link === undefined ? [lostMount(mount)] : []));
  return {
    argv: [...programOf(context), ...argvOf(context.container, context.env)],
    env: {...context.hostEnv, ...Object.fromEntries(context.env), [SANDBOX]: sandbox},
    cwd: workingDirectory(context, mounts, sandbox),
    directories: [sandbox, ...madeDirectories(context, mounts)],
    files: secretFiles(context),
    links: new Map(links),
    ...(!context.isInit && {inherit: sharedSandbox(context)}),
    warnings: [...warnings, ...lost, ...mappedPorts(context).map(unmapped)],
    execPrefix: [],
  };
}

/** An init container without image and command has ours: its arguments are for this program. */
const programOf = ({container, isInit, ownProgram}: LaunchContext): readonly string[] =>
  isInit && !container.image && (container.command ?? []).length === 0 ? ownProgram : [];

/** The plan for a container of docker or podman: with the host's network, but where the pod maps host ports into its own. */
export function planImage(context: LaunchContext, program: string): LaunchPlan {
  const {mounts, warnings} = mountsOf(context);
  const {container, env} = context;
  const name = `mesos-${context.runId.replaceAll('/', '-')}`;
  const [entrypoint, ...rest] = container.command ?? [];
  const inherited = context.isInit ? undefined : sharedSandbox(context);
  const words = argvOf({...container, command: rest}, env);
  const options = [
    ...['--name', name],
    ...networkOf(context),
    ...(container.imagePullPolicy === 'Always' ? ['--pull', 'always'] : []),
    ...limitsOf(container),
    ...securityOf(container),
    ...mounts.flatMap(({mount, target}) => ['-v', `${target}:${mount.mountPath}${mount.readOnly ? ':ro' : ''}`]),
    // Links to what init containers left lead there.
    ...(inherited === undefined ? [] : ['-v', `${inherited}:${inherited}`]),
    ...[...env].flatMap(([key, value]) => ['-e', `${key}=${value}`]),
    ...(container.workingDir ? ['-w', container.workingDir] : []),
    ...(entrypoint === undefined ? [] : ['--entrypoint', argvOf({name, command: [entrypoint]}, env)[0] ?? entrypoint]),
  ];
  return {
    // What comes after is no option, whatever it begins with.
    argv: [program, 'run', ...options, '--', container.image ?? '', ...words],
    env: {...context.hostEnv},
    cwd: context.runDirectory,
    directories: madeDirectories(context, mounts),
    files: secretFiles(context),
    links: new Map(),
    ...(inherited !== undefined && {inherit: inherited}),
    warnings,
    execPrefix: [program, 'exec', '-i', name],
    cleanup: [program, 'rm', '-f', name],
  };
}

/** The ports that a pod with a network of its own wants to be reached at from the host. */
const mappedPorts = ({pod, container}: LaunchContext): readonly MappedPort[] =>
  pod.spec.hostNetwork === true
    ? []
    : (container.ports ?? []).filter((port): port is MappedPort => (port.hostPort ?? 0) > 0);

function networkOf(context: LaunchContext): string[] {
  const ports = mappedPorts(context);
  if (ports.length === 0) return ['--network', 'host'];
  return ports.flatMap(({hostPort, containerPort, protocol = 'TCP'}) => [
    '--publish',
    `${context.ip}:${hostPort}:${containerPort}/${protocol.toLowerCase()}`,
  ]);
}

const unmapped = ({hostPort, containerPort}: MappedPort): LaunchWarning => ({
  reason: 'PortNotMapped',
  message: `A host process has the host's network: listen on ${hostPort} instead of ${containerPort}.`,
});

function limitsOf({resources}: Container): string[] {
  const amounts = {...resources?.requests, ...resources?.limits};
  const cpu = parseQuantity(amounts['cpu'] ?? 0) ?? 0;
  const memory = parseQuantity(amounts['memory'] ?? 0) ?? 0;
  // Docker refuses less than 6 MiB.
  const bytes = Math.max(Math.ceil(memory), 6 * 2 ** 20);
  return [...(cpu > 0 ? ['--cpus', cpu.toFixed(3)] : []), ...(memory > 0 ? ['--memory', `${bytes}b`] : [])];
}

function securityOf({securityContext = {}}: Container): string[] {
  const {privileged, runAsUser, runAsGroup, readOnlyRootFilesystem, capabilities} = securityContext;
  const user = runAsGroup === undefined ? `${runAsUser}` : `${runAsUser ?? 0}:${runAsGroup}`;
  return [
    ...(privileged === true ? ['--privileged'] : []),
    ...(runAsUser === undefined && runAsGroup === undefined ? [] : ['--user', user]),
    ...(readOnlyRootFilesystem === true ? ['--read-only'] : []),
    ...(capabilities?.drop ?? []).flatMap(name => ['--cap-drop', name]),
    ...(capabilities?.add ?? []).flatMap(name => ['--cap-add', name]),
  ];
}

function mountsOf(context: LaunchContext): {mounts: Mount[]; warnings: LaunchWarning[]} {
  const mounts: Mount[] = [];
  const warnings: LaunchWarning[] = [];
  for (const mount of context.container.volumeMounts ?? []) {
    const volume = context.pod.spec.volumes?.find(({name}) => name === mount.name);
    const root = volume && rootOf(volume, mount, context);
    if (root === undefined) warnings.push(ignored(`Volume ${mount.name} is of a type that this node does not have.`));
    else mounts.push({mount, target: join(root, mount.subPath ?? ''), isMade: volume?.emptyDir === undefined});
  }
  return {mounts, warnings};
}

function rootOf(volume: Volume, mount: VolumeMount, context: LaunchContext): string | undefined {
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  const source = context.volumes.get(volume.name);
  if (source?.kind === 'directory') return source.path;
  if (source?.kind === 'files') return join(context.volumesDirectory, volume.name);
  if (volume.emptyDir === undefined) return undefined;
  // Every run of a main container has a sandbox of its own, as in Mesos.
  const own = !context.isInit && mount.mountPath === context.env.get(SANDBOX);
  return own ? context.runDirectory : join(context.volumesDirectory, volume.name);
}

const madeDirectories = ({volumes, volumesDirectory}: LaunchContext, mounts: readonly Mount[]): readonly string[] => [
  ...mounts.filter(({isMade}) => !isMade).map(({target}) => target),
  ...[...volumes].flatMap(([name, {kind}]) => (kind === 'files' ? [join(volumesDirectory, name)] : [])),
];

const secretFiles = ({volumes, volumesDirectory}: LaunchContext): ReadonlyMap<string, Uint8Array> =>
  new Map(
    [...volumes].flatMap(([name, source]) =>
      source.kind === 'files'
        ? [...source.files].map(([path, data]) => [join(volumesDirectory, name, path), data] as const)
        : [],
    ),
  );

/** The directory behind MESOS_SANDBOX: init containers write into the volume, the others into their run's directory. */
function sandboxOf(context: LaunchContext, mounts: readonly Mount[]): string {
  const mounted = mounts.find(({mount}) => mount.mountPath === context.env.get(SANDBOX));
  return mounted?.target ?? context.runDirectory;
}

function sharedSandbox({container, pod, env, volumesDirectory}: LaunchContext): string | undefined {
  const mount = container.volumeMounts?.find(({mountPath}) => mountPath === env.get(SANDBOX));
  const used = pod.spec.initContainers?.some(init => init.volumeMounts?.some(({name}) => name === mount?.name));
  return mount !== undefined && used === true ? join(volumesDirectory, mount.name) : undefined;
}

/** Where in the sandbox a mount appears: '' where nothing is to be done, undefined where it cannot appear. */
function linkOf({mount, target}: Mount, {env}: LaunchContext): string | undefined {
  const path = posix.normalize(mount.mountPath);
  const sandbox = env.get(SANDBOX);
  if (path === sandbox || path === target) return '';
  if (sandbox !== undefined && path.startsWith(`${sandbox}/`)) return path.slice(sandbox.length + 1);
  return path.startsWith('/') || path.startsWith('..') ? undefined : path;
}

const ignored = (message: string): LaunchWarning => ({reason: 'MountIgnored', message});

const lostMount = ({mount, target}: Mount): LaunchWarning =>
  ignored(`Volume ${mount.name} cannot be mounted at ${mount.mountPath} of a host process; it is at ${target}.`);

/** `workingDir`, translated where it lies in a volume. */
function workingDirectory({container}: LaunchContext, mounts: readonly Mount[], sandbox: string): string {
  const wanted = container.workingDir;
  if (!wanted) return sandbox;
  if (!wanted.startsWith('/')) return join(sandbox, wanted);
  const around = mounts
    .filter(({mount}) => wanted === mount.mountPath || wanted.startsWith(`${mount.mountPath}/`))
    .sort((a, b) => b.mount.mountPath.length - a.mount.mountPath.length)[0];
  return around === undefined ? wanted : join(around.target, wanted.slice(around.mount.mountPath.length));
}
