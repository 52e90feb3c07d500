// Runs the contract suite of the API server and the suites of test/cluster on a real Kubernetes, which it brings up and
// takes away: `npm run test:cluster [-- arguments of ava]`. Needs `go`, and root for nodes.
import {spawn} from 'node:child_process';
import {globSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {binaryPath} from './binaries.ts';
import {claim} from './daemon.ts';
import {Layout} from './layout.ts';
import {loadTestImage} from './support/test-image.ts';
import {down, type TestCluster, up} from './test-cluster.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const AVA = fileURLToPath(new URL('../../node_modules/ava/entrypoints/cli.js', import.meta.url));
const CONFIG = '--config=test/cluster/ava.config.mjs';
/** They stop, drain or cut off what others use, or measure time. */
const ALONE = ['chart', 'high-availability', 'node-failure', 'nodes'];
const NODES = 3;
const layout = new Layout('test');

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());

try {
  await claim(layout.ownerPath);
  await runAll();
} catch (error) {
  // Without a cluster nothing can be said.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function runAll(): Promise<void> {
  const startedMs = performance.now();
  const passed = (): string => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
  try {
    // What an earlier run left when it was killed.
    await down(layout.name);
    const given = process.env['KUBECONFIG'];
    const cluster = await up({name: layout.name, nodeCount: NODES, signal: interrupted.signal, given});
    console.log(`${cluster.provider} cluster up after ${passed()}`);
    if (cluster.loadImage !== undefined) await loadTestImage(cluster);
    // A build takes minutes that no test has.
    for (const tool of ['kubectl', 'helm'] as const) await binaryPath(tool, interrupted.signal);
    const suites = await runSuites(cluster);
    for (const {title, passed, failed, code} of suites)
      console.log(`${code === 0 ? 'passed' : 'FAILED'}: ${title}: ${passed} tests passed, ${failed} failed`);
    process.exitCode = suites.find(({code}) => code !== 0)?.code ?? 0;
  } finally {
    await down(layout.name);
    await rm(layout.ownerPath, {force: true});
    console.log(`all taken away after ${passed()}`);
  }
}

type Suite = {readonly title: string; readonly code: number; readonly passed: number; readonly failed: number};

async function runSuites({kubeconfigPath, loadImage}: TestCluster): Promise<Suite[]> {
  const isLoaded = loadImage !== undefined && {TEST_IMAGE_LOADED: '1'};
  const environment = {CONTRACT_KUBECONFIG: kubeconfigPath, TEST_CLUSTER: layout.statePath, ...isLoaded};
  const given = process.argv.slice(2);
  if (given.length > 0) return [await ava(given.join(' '), given, environment)];
  const all = globSync('test/cluster/*.test.ts', {cwd: ROOT}).toSorted();
  const single = ALONE.map(name => `test/cluster/${name}.test.ts`);
  const quiet = all.filter(file => !single.includes(file));
  return [
    await ava('the API server’s contract', ['test/contract/apiserver/**/*.test.ts'], environment),
    await ava('the cluster, side by side', [CONFIG, '--concurrency=2', ...quiet], environment),
    await ava('the cluster, one after another', [CONFIG, '--concurrency=1', ...single], environment),
  ];
}

/** Runs AVA and counts along: it says how many passed only where it comes to an end by itself. */
async function ava(
  title: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Suite> {
  const child = spawn(process.execPath, [AVA, ...args], {
    cwd: ROOT,
    env: {...process.env, ...environment},
    stdio: ['inherit', 'pipe', 'inherit'],
    signal: interrupted.signal,
  });
  const counts = {passed: 0, failed: 0};
  createInterface({input: child.stdout}).on('line', line => {
    console.log(line);
    const [, mark] = /^\s*([✔✘])/.exec(line) ?? [];
    if (mark === '✔') counts.passed++;
    if (mark === '✘') counts.failed++;
  });
  const code = await new Promise<number>(resolve => {
    child.once('close', ended => resolve(ended ?? 1));
    child.once('error', () => resolve(1));
  });
  return {title, code, ...counts};
}
