/**
 * A MarathonApp against Deployments with kube-scheduler, one of bare pods and one of the same pods as the app's, on one
 * API server, in one run, with equal request rates:
 * `node test/perf/cluster.ts [--instances=2000] [--nodes=200] [--rounds=3] [--json FILE]`. Needs root and Go, as
 * `npm run cluster` does. Nodes and the running of pods are kwok's.
 */
import {writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {installKinds} from '../../src/programs/standalone-objects.ts';
import {createKubeClient} from '../../src/kube/client.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import {BuiltCluster} from '../cluster/built-cluster.ts';
import {Layout} from '../cluster/layout.ts';
import {ChildProgram} from '../support/child-program.ts';
import {keepAgents} from './fake-agents.ts';
import {type Contender, type Measured, race} from './cluster-race.ts';
import {appContender, BARE, deploymentContender, type Template, usageOf} from './contenders.ts';

const QPS = 1000;
const {values: flags} = parseArgs({
  options: {
    instances: {type: 'string', default: '2000'},
    nodes: {type: 'string', default: '200'},
    rounds: {type: 'string', default: '3'},
    json: {type: 'string'},
  },
});
const [instances, nodes, rounds] = [Number(flags.instances), Number(flags.nodes), Number(flags.rounds)];
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const layout = new Layout('bench');
const cluster = new BuiltCluster(layout, 0);
await cluster.down();
const started: ChildProgram[] = [];
let stopAgents = (): void => {};
try {
  await run();
} finally {
  stopAgents();
  for (const program of started) await program.end('SIGTERM');
  await cluster.down();
}

async function run(): Promise<void> {
  const {signal} = interrupted;
  await cluster.up(signal);
  await cluster.addFakeNodes(nodes, signal);
  const {kubeconfigPath} = layout;
  const client = createKubeClient({kubeconfigPath, clock: systemClock, random: systemRandom, log: silentLogger});
  const installed = await installKinds(client, systemClock);
  if (!installed.ok) throw new Error(installed.error);
  const names = Array.from({length: nodes}, (_, index) => `fake-${index + 1}`);
  stopAgents = await keepAgents(client, names);
  const controller = startController(kubeconfigPath);
  const mesosUrl = await controller.printed(/"mesosUrl":"([^"]+)"/);
  let template: Template = BARE;
  const contenders: Contender[] = [
    await deploymentContender('Deployment', cluster, client, () => BARE),
    await appContender(controller.pid, mesosUrl, client, names.length, seen => void (template = seen)),
    await deploymentContender('same pods', cluster, client, () => template),
  ];
  const serverPid = await cluster.pid('kube-apiserver');
  const rows: Measured[] = [];
  for (let round = 1; round <= rounds; round++) {
    // Who goes first changes: a later one meets a server with more history.
    const order = round % 2 === 1 ? contenders : contenders.toReversed();
    for (const contender of order) {
      signal.throwIfAborted();
      rows.push(await race(client, contender, () => usageOf([serverPid]), instances, round));
      print(rows.at(-1));
    }
  }
  summarize(rows);
}

function startController(kubeconfigPath: string): ChildProgram {
  const program = new ChildProgram([
    'bin/mesos.js',
    'controller',
    `--kubeconfig=${kubeconfigPath}`,
    '--namespace=default',
    '--ip=127.0.0.1',
    '--http_address=127.0.0.1',
    '--port=0',
    '--http_port=0',
    '--agent_ping_timeout=60secs',
    '--task_default_image=none',
    // Marathon's defaults are for clusters whose tasks take long to start.
    '--launch_tokens=2000',
    '--kill_chunk_size=2000',
    '--max_instances_per_offer=20',
    `--kube_api_qps=${QPS}`,
    `--kube_api_burst=${QPS}`,
  ]);
  started.push(program);
  return program;
}

function print(row: Measured | undefined): void {
  if (row === undefined) return;
  const {contender, round, seconds, calls, writes, cpuSeconds, rssMb, serverCpuSeconds} = row;
  console.log(
    `${contender.padEnd(12)} round ${round}: ${seconds.toFixed(1).padStart(6)} s to ${instances} running, ` +
      `${(calls / instances).toFixed(2)} calls a task (${(writes / instances).toFixed(2)} of them writes), ` +
      `${cpuSeconds.toFixed(1)} CPU s, ${rssMb.toFixed(0)} MB; ${serverCpuSeconds.toFixed(1)} CPU s of the API server`,
  );
}

function summarize(rows: readonly Measured[]): void {
  const median = (contender: string): number => {
    const seconds = rows.filter(row => row.contender === contender).map(row => row.seconds);
    return seconds.toSorted((a, b) => a - b)[Math.floor((seconds.length - 1) / 2)] ?? Number.NaN;
  };
  const factor = median('Deployment') / median('MarathonApp');
  const factorSamePods = median('same pods') / median('MarathonApp');
  console.log(
    `${nodes} nodes, ${instances} instances, ${QPS} requests/s each: ${factor.toFixed(2)} times as fast as a ` +
      `Deployment of bare pods, ${factorSamePods.toFixed(2)} times as one of the same pods`,
  );
  if (flags.json === undefined) return;
  const report = {nodes, instances, qps: QPS, factor, factorSamePods, rows};
  writeFileSync(flags.json, `${JSON.stringify(report, undefined, 1)}\n`);
}
