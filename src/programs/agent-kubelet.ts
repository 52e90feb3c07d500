import {randomUUID} from 'node:crypto';
import {createServer, type Server} from 'node:http';
import {answerHealth, HealthRegistry} from '../controller/runtime/health.ts';
import {type KubeletAgent, startKubeletAgent} from '../executor-shim/agent/kubelet-agent.ts';
import {parseNodeResources} from '../executor-shim/agent/node-resources.ts';
import {createKubeClient} from '../kube/client.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import type {FlagValues} from '../lib/flags.ts';
import {connectionOptions, guardConnections} from '../lib/connections.ts';
import {err, ok, type Result} from '../lib/result.ts';
import type {AGENT_FLAGS} from './agent-flags.ts';
import type {Surroundings} from './program.ts';

type Flags = FlagValues<typeof AGENT_FLAGS>;

/** `--pods=kubelet`: reports what a node has left for tasks, which its kubelet runs. Needs nothing of the node itself. */
export async function runKubeletAgent(flags: Flags, surroundings: Surroundings): Promise<number> {
  const {log, stopRequested} = surroundings;
  const resources = parseNodeResources(flags.resources ?? '', flags.headroom);
  if (!resources.ok) {
    surroundings.complain(resources.error);
    return 1;
  }
  const client = createKubeClient({
    kubeconfigPath: flags.kubeconfig,
    environment: surroundings.env,
    log,
    clock: systemClock,
    random: systemRandom,
  });
  const health = new HealthRegistry();
  const server = await listen(health, flags.ip, flags.port);
  if (!server.ok) {
    surroundings.complain(`--port=${flags.port}: ${server.error}`);
    return 1;
  }
  const agent = startKubeletAgent({
    nodeName: flags.name,
    namespace: flags.namespace,
    report: {
      resources: resources.value,
      attributes: flags.attributes ?? '',
      oversubscribed: flags.oversubscribed,
      labelsAsAttributes: flags.node_labels_as_attributes,
      tolerated: flags.tolerated_taints,
      hostname: flags.hostname,
      port: portOf(server.value),
      version: surroundings.version,
    },
    headroomWindowMs: flags.headroom_window,
    pingTimeoutMs: flags.agent_ping_timeout,
    maxPingTimeouts: flags.max_agent_ping_timeouts,
    identity: `${flags.name}_${randomUUID()}`,
    client,
    clock: systemClock,
    random: systemRandom,
    log,
  });
  health.addReadiness('reports', () => reports(agent, flags.agent_ping_timeout));
  void agent.registered.then(() => log.info('agent registered', {agent: flags.name}));
  await stopRequested;
  log.info('agent stopping', {agent: flags.name});
  await agent.stop();
  server.value.close();
  return 0;
}

/** A process that cannot report is not helped by a restart: it is only not ready. */
function reports(agent: KubeletAgent, pingTimeoutMs: number): true | string {
  const lastMs = agent.lastSuccessMs();
  if (lastMs === undefined) return 'the node was not reported yet';
  const silentMs = systemClock.monotonic() - lastMs;
  return silentMs < pingTimeoutMs || `the node was last reported ${Math.round(silentMs / 1000)} s ago`;
}

function listen(health: HealthRegistry, ip: string | undefined, port: number): Promise<Result<Server, string>> {
  const server = createServer(connectionOptions(), (request, response) => {
    if (!answerHealth(health, request, response)) response.writeHead(404).end();
  });
  return new Promise(resolve => {
    server.once('error', error => resolve(err(error.message)));
    server.listen(port, ip, () => {
      guardConnections(server, () => undefined);
      resolve(ok(server));
    });
  });
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}
