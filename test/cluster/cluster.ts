// A Kubernetes to work with: `npm run cluster -- up [--nodes=3] [--kwok=200] | down | status | load <archive> | exec <node> <command>`.
import {BuiltCluster} from './built-cluster.ts';
import {isClusterName, Layout} from './layout.ts';
import {down, open, type TestCluster, up} from './test-cluster.ts';

const USAGE = `usage: npm run cluster -- <verb> [--name=dev]
  up [--nodes=3] [--kwok=200]   bring it up; kwok adds fake nodes
  down                          take it away
  status                        say where its kubeconfig is
  load <archive>                load an image into every node
  exec <node> <command...>      run a command in a node`;
const FLAG = /^--(name|nodes|kwok)=(.+)$/;

const words = process.argv.slice(2);
const flags = new Map(
  words.map(word => FLAG.exec(word)).flatMap(match => (match ? [[match[1], match[2]]] : [])) as [string, string][],
);
const [verb, ...rest] = words.filter(word => !FLAG.test(word));
const name = flags.get('name') ?? 'dev';
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  if (!isClusterName(name)) throw new Error(`--name: want dev, test or bench, got "${name}"`);
  if (verb === 'up') return bringUp(new Layout(name));
  if (verb === 'down') return down(name);
  const cluster = await open(new Layout(name).statePath);
  if (verb === 'status') return report(cluster);
  if (cluster === undefined) throw new Error(verb === undefined ? USAGE : 'no cluster is up');
  if (verb === 'load' && rest[0] !== undefined) return load(cluster, rest[0]);
  if (verb === 'exec' && rest.length > 1) return exec(cluster, rest);
  throw new Error(USAGE);
}

async function bringUp(layout: Layout): Promise<void> {
  const startedMs = performance.now();
  const nodeCount = count('nodes', 3);
  const kwok = count('kwok', 0);
  const given = process.env['KUBECONFIG'];
  try {
    const cluster = await up({name: layout.name, nodeCount, signal: interrupted.signal, given});
    if (kwok > 0 && cluster.provider === 'built')
      await new BuiltCluster(layout, nodeCount).addFakeNodes(kwok, interrupted.signal);
    report(cluster);
    console.log(`up after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  } catch (error) {
    await down(layout.name);
    throw error;
  }
}

function count(flag: string, otherwise: number): number {
  const value = Number(flags.get(flag) ?? otherwise);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`--${flag}: want a whole number, got "${flags.get(flag)}"`);
  return value;
}

function report(cluster: TestCluster | undefined): void {
  if (cluster === undefined) return console.log('no cluster is up');
  console.log(`provider:   ${cluster.provider}`);
  for (const node of cluster.nodes) console.log(`node:       ${node.name} ${node.ip}`);
  console.log(`kubeconfig: ${cluster.kubeconfigPath}`);
}

async function load(cluster: TestCluster, path: string): Promise<void> {
  if (cluster.loadImage === undefined) throw new Error('images of a given cluster come from its registry');
  await cluster.loadImage(path);
}

async function exec(cluster: TestCluster, [nodeName, ...argv]: readonly string[]): Promise<void> {
  const node = cluster.nodes.find(each => each.name === nodeName);
  if (node === undefined)
    throw new Error(`no node "${nodeName}": want one of ${cluster.nodes.map(each => each.name).join(', ')}`);
  process.stdout.write(await node.exec(argv));
}
