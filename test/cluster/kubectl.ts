// Builds kubectl from its pinned Go module and prints its path: `node test/cluster/kubectl.ts`. Needs `go`; the result is cached.
import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);
const VERSION = 'v1.35.4';
const PACKAGE = 'k8s.io/kubernetes/cmd/kubectl';
/** Modules under k8s.io that have versions of their own and live outside the staging folder. */
const OWN_VERSIONS = new Set(['utils', 'kube-openapi', 'json', 'gengo', 'klog', 'system-validators']);

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mesos-operator');
const goMod = await toolsModule();
const folder = join(cache, `kubectl-${VERSION}-${createHash('sha256').update(goMod).digest('hex').slice(0, 12)}`);
const binary = join(folder, 'kubectl');
if (!(await exists(binary))) await build();
console.log(binary);

/** A go.mod that points every staging module, which kubernetes requires at v0.0.0, at its published version. */
async function toolsModule(): Promise<string> {
  const {stdout} = await run('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${VERSION}`], {
    cwd: '/',
    maxBuffer: 1 << 24,
  });
  const {GoMod} = JSON.parse(stdout) as {GoMod: string};
  const required = await run('go', ['mod', 'edit', '-json', GoMod], {maxBuffer: 1 << 24});
  const {Require} = JSON.parse(required.stdout) as {Require: {Path: string; Version: string}[]};
  const staging = Require.filter(({Path, Version}) => Path.startsWith('k8s.io/') && Version === 'v0.0.0').map(
    ({Path}) => Path.slice('k8s.io/'.length),
  );
  const names = [...new Set([...staging, 'sample-cli-plugin', 'sample-controller'])]
    .filter(name => !OWN_VERSIONS.has(name))
    .sort();
  const replaced = names.map(name => `replace k8s.io/${name} => k8s.io/${name} v0${VERSION.slice(2)}`);
  return ['module tools', '', 'go 1.25', '', `require k8s.io/kubernetes ${VERSION}`, '', ...replaced, ''].join('\n');
}

async function build(): Promise<void> {
  const work = `${folder}.${process.pid}`;
  await mkdir(work, {recursive: true});
  await writeFile(join(work, 'go.mod'), goMod);
  const [, minor] = VERSION.slice(1).split('.');
  const ldflags = ['gitVersion=' + VERSION, 'gitMajor=1', `gitMinor=${minor}`]
    .map(pair => `-X k8s.io/component-base/version.${pair}`)
    .join(' ');
  console.error(`building kubectl ${VERSION} …`);
  await run('go', ['build', '-mod=mod', '-trimpath', '-ldflags', `-s -w ${ldflags}`, '-o', 'kubectl', PACKAGE], {
    cwd: work,
    env: {...process.env, CGO_ENABLED: '0'},
    maxBuffer: 1 << 26,
  });
  await rm(folder, {recursive: true, force: true});
  await rename(work, folder);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
