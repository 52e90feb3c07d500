import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {MESOS_AGENTS, type MesosAgent} from '../../src/crds/mesos-agent.ts';
import {createKubeClient} from '../../src/kube/client.ts';
import {NODES, PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import type {KubeClient, KubeObject} from '../../src/kube/types.ts';
import {ChildProgram} from '../support/child-program.ts';
import {eventually} from '../support/eventually.ts';
import {handshakeBytes, type Port, resetAfter} from '../support/reset.ts';
import {Standalone} from '../support/standalone.ts';

const MESOS = fileURLToPath(new URL('../../bin/mesos.js', import.meta.url));
/** Nothing else has agents there. */
const OTHER_NAMESPACE = 'kube-public';

const RESETS = 150;

const portOf = (url: string): Port => {
  const {protocol, hostname, port} = new URL(url);
  return {host: hostname, port: Number(port), tls: protocol === 'https:'};
};

/** Requests of every kind that a port of ours sees: plain ones, with a body that is missing, and upgrades. */
function requests(path: string, authorization: string): string[] {
  const head = (line: string, ...more: string[]): string =>
    [line, 'Host: localhost', ...more, '', '']
      .filter((each, at, all) => each !== '' || at >= all.length - 2)
      .join('\r\n');
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: v5.channel.k8s.io',
  ];
  const body = '{"id":"never"';
  const withBody = ['Content-Type: application/json', 'Content-Length: 100'];
  return [
    head(`GET ${path} HTTP/1.1`),
    head(`GET ${path} HTTP/1.1`, ...upgrade),
    head(`GET ${path} HTTP/1.1`, authorization, ...upgrade) + '\x81\x85\0\0\0\0\x00echo\xff\xff\xff\xff',
    head(`POST ${path} HTTP/1.1`, authorization, ...withBody) + body,
    head(`CONNECT localhost:1 HTTP/1.1`),
    head(`GET /healthz HTTP/1.1`) + head(`GET /healthz HTTP/1.1`),
    'nonsense\r\n\r\n',
  ];
}

/** Not from Math.random: a failure is run again with the seed that it printed. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

async function resetMany(at: Port, path: string, authorization: string, seed: number): Promise<void> {
  const chance = numbers(seed);
  const kinds = requests(path, authorization);
  for (let n = 0; n < RESETS; n += 10) {
    const batch = Array.from({length: 10}, () => {
      const request = kinds[Math.floor(chance.next().value * kinds.length)] ?? '';
      // Now and then all of it: the reset then meets the answer.
      const bytes = Math.floor(chance.next().value * 1.2 * (request.length + handshakeBytes(at)));
      return resetAfter(at, request, bytes);
    });
    await Promise.all(batch);
  }
}

type Node = KubeObject & {
  readonly status: {readonly daemonEndpoints: {readonly kubeletEndpoint: {readonly Port: number}}};
};

async function portsOfNodes(client: KubeClient): Promise<Port[]> {
  const nodes = await client.list<Node>(NODES, {});
  if (!nodes.ok) return [];
  return nodes.value.items.map(({status}) => loopback(status.daemonEndpoints.kubeletEndpoint.Port));
}

const loopback = (port: number): Port => ({host: '127.0.0.1', port, tls: false});

async function podOf(client: KubeClient): Promise<string> {
  const pods = await client.list(PODS, {namespace: 'default'});
  return (pods.ok ? pods.value.items[0]?.metadata.name : undefined) ?? '';
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const seedOf = (t: ExecutionContext): number => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  t.log(`SEED=${seed}`);
  return seed;
};

test('connections that are reset at any byte end nothing, on any port', async t => {
  const seed = seedOf(t);
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', {id: 'long', cmd: 'exec sleep 4321', cpus: 0.1, mem: 16, instances: 3});
  const tasks = await system.untilRunning('long', 3);
  const client = createKubeClient({
    kubeconfigPath: system.at.kubeconfig,
    log: silentLogger,
    clock: systemClock,
    random: systemRandom,
  });
  const pod = await podOf(client);
  const token = `Authorization: Bearer ${(await readFile(`${system.dataDir}/agent-token`, 'utf8')).trim()}`;
  const exec = `/exec/default/${pod}/mesos?command=cat&stdin=1&stdout=1`;
  const nodes = await portsOfNodes(client);
  t.is(nodes.length, 3);
  for (const node of nodes) await resetMany(node, exec, token, seed);
  await resetMany(portOf(system.at.apiUrl), `/api/v1/namespaces/default/pods/${pod}${exec.slice(5)}`, token, seed);
  await resetMany(portOf(system.at.apiUrl), '/api/v1/namespaces/default/configmaps', token, seed);
  await resetMany(portOf(system.at.mesosUrl), '/api/v1', token, seed);
  await resetMany(portOf(system.at.mesosUrl), '/api/v1/scheduler', token, seed);
  await resetMany(portOf(system.at.marathonUrl), '/v2/apps', token, seed);
  await resetMany(portOf(system.at.marathonUrl), '/v2/events', token, seed);

  t.deepEqual(
    system.at.agents.map(({pid}) => isAlive(pid)),
    [true, true, true],
  );
  t.deepEqual(await system.untilRunning('long', 3), tasks);
  for (const {port} of nodes) t.is(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text(), 'ok');
  t.is((await system.marathon('PUT', '/v2/apps/long', {instances: 4})).status, 200);
  await system.untilRunning('long', 4);

  const flags = ['--name=agent1', `--namespace=${OTHER_NAMESPACE}`, `--kubeconfig=${system.at.kubeconfig}`, '--port=0'];
  const agent = new ChildProgram([MESOS, 'agent', '--pods=kubelet', ...flags]);
  t.teardown(() => agent.end('SIGKILL'));
  const health = await eventually('the health port', async () => {
    const found = await client.get<MesosAgent>(MESOS_AGENTS, 'agent1', OTHER_NAMESPACE);
    return found.ok ? found.value.spec.port : undefined;
  });
  await resetMany(loopback(health), '/healthz', token, seed);
  t.true(agent.isRunning);
  t.is((await fetch(`http://127.0.0.1:${health}/healthz`)).status, 200);
});
