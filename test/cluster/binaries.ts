import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);
const MAX_OUTPUT = 1 << 26;
const KUBERNETES = {module: 'k8s.io/kubernetes', version: 'v1.35.4'};

/** A program of a real cluster: built from its pinned Go module, never downloaded as a binary. */
type Binary = {
  readonly module: string;
  readonly version: string;
  /** Import path of its main package. */
  readonly package: string;
};

const ofKubernetes = (name: string): Binary => ({...KUBERNETES, package: `${KUBERNETES.module}/cmd/${name}`});

const BINARIES = {
  kubectl: ofKubernetes('kubectl'),
  'kube-apiserver': ofKubernetes('kube-apiserver'),
  'kube-controller-manager': ofKubernetes('kube-controller-manager'),
  'kube-scheduler': ofKubernetes('kube-scheduler'),
  'kube-proxy': ofKubernetes('kube-proxy'),
  kubelet: ofKubernetes('kubelet'),
  etcd: {module: 'go.etcd.io/etcd/server/v3', version: 'v3.6.5', package: 'go.etcd.io/etcd/server/v3'},
  helm: {module: 'helm.sh/helm/v3', version: 'v3.21.4', package: 'helm.sh/helm/v3/cmd/helm'},
  kwok: {module: 'sigs.k8s.io/kwok', version: 'v0.7.0', package: 'sigs.k8s.io/kwok/cmd/kwok'},
} satisfies Record<string, Binary>;

export type BinaryName = keyof typeof BINARIES;

/** Modules under k8s.io that have versions of their own and live outside the staging folder. */
const OWN_VERSIONS = new Set(['utils', 'kube-openapi', 'json', 'gengo', 'klog', 'system-validators']);

/**
 * Path of an executable, built when the cache has none for this go.mod. Minutes the first time, then a second.
 *
 * @throws when `go` is missing or fails, with its output
 */
export async function binaryPath(name: BinaryName, signal?: AbortSignal): Promise<string> {
  const binary = BINARIES[name];
  const goMod = await toolsModule(binary);
  const key = createHash('sha256').update(goMod).digest('hex').slice(0, 12);
  const folder = join(cacheDir(), `${name}-${binary.version}-${key}`);
  const path = join(folder, name);
  if (!(await exists(path))) await build(name, binary, goMod, folder, signal);
  return path;
}

const cacheDir = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mesos-operator');

/** A go.mod that requires the binary's module; Kubernetes needs its staging modules pointed at published versions. */
async function toolsModule({module, version}: Binary): Promise<string> {
  const replaced = module === KUBERNETES.module ? await stagingReplacements(version) : [];
  return ['module tools', '', 'go 1.25', '', `require ${module} ${version}`, '', ...replaced, ''].join('\n');
}

/** Kubernetes requires every staging module at v0.0.0: one `replace` for each. */
async function stagingReplacements(version: string): Promise<string[]> {
  const downloaded = await go(['mod', 'download', '-json', `${KUBERNETES.module}@${version}`]);
  const {GoMod} = JSON.parse(downloaded) as {GoMod: string};
  const {Require} = JSON.parse(await go(['mod', 'edit', '-json', GoMod])) as {
    Require: {Path: string; Version: string}[];
  };
  const staging = Require.filter(each => each.Path.startsWith('k8s.io/') && each.Version === 'v0.0.0');
  const names = staging.map(({Path}) => Path.slice('k8s.io/'.length));
  return [...new Set([...names, 'sample-cli-plugin', 'sample-controller'])]
    .filter(name => !OWN_VERSIONS.has(name))
    .sort()
    .map(name => `replace k8s.io/${name} => k8s.io/${name} v0${version.slice(2)}`);
}

/** Builds beside the folder and moves into place, so that a folder is whole or absent. */
async function build(
  name: BinaryName,
  binary: Binary,
  goMod: string,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const work = `${folder}.${process.pid}`;
  await mkdir(work, {recursive: true});
  await writeFile(join(work, 'go.mod'), goMod);
  console.error(`building ${name} ${binary.version} …`);
  try {
    const flags = ['-mod=mod', '-trimpath', '-ldflags', linkerFlags(binary), '-o', name];
    await go(['build', ...flags, binary.package], work, signal);
    if (await exists(join(folder, name))) return;
    await rm(folder, {recursive: true, force: true});
    await rename(work, folder);
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}

/** Without its version Kubernetes says v0.0.0-master. */
function linkerFlags({module, version}: Binary): string {
  const [major, minor] = version.slice(1).split('.');
  const pairs = [`gitVersion=${version}`, `gitMajor=${major}`, `gitMinor=${minor}`];
  const stamps = module === KUBERNETES.module ? pairs.map(pair => `-X k8s.io/component-base/version.${pair}`) : [];
  return ['-s', '-w', ...stamps].join(' ');
}

/** Runs go at the lowest priority: a build must not slow down what somebody measures meanwhile. */
async function go(args: readonly string[], cwd = '/', signal?: AbortSignal): Promise<string> {
  const env = {...process.env, CGO_ENABLED: '0'};
  try {
    return (await run('nice', ['-n', '19', 'go', ...args], {cwd, env, maxBuffer: MAX_OUTPUT, signal})).stdout;
  } catch (error) {
    const {code, message} = error as {code?: unknown; message: string};
    // 127 is what nice answers for a program that is not there.
    throw new Error(code === 127 ? 'go is not on the PATH: a real cluster is built from Go modules' : message);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
