import {randomUUID} from 'node:crypto';
import {access, constants, rename, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {makeDirectory} from './make-directory.ts';
import {parseAttributes} from '../controller/mesos/objects/attributes.ts';
import {agentResources} from '../executor-shim/agent/agent-resources.ts';
import {readMachine} from '../executor-shim/agent/machine.ts';
import {createKubeClient} from '../kube/client.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import type {KubeClient} from '../kube/types.ts';
import type {FlagValues} from '../lib/flags.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {type ApiServer, startApiServer} from '../standalone/apiserver/server.ts';
import {type LastingOperator, startLastingOperator} from './lasting-operator.ts';
import type {Surroundings} from './program.ts';
import {createAgents} from './standalone-agents.ts';
import {greeting} from './standalone-greeting.ts';
import type {STANDALONE_FLAGS} from './standalone-flags.ts';
import {agentsReady, forgetOwnLease, installKinds} from './standalone-objects.ts';

type Flags = FlagValues<typeof STANDALONE_FLAGS>;

const NAMESPACE = 'default';
/** Every main process of a data directory leads under a name that begins so; the directory's lock admits one at a time. */
const IDENTITY = 'standalone_';

/** API server, controller and agents on one machine. */
export async function runStandalone(flags: Flags, surroundings: Surroundings): Promise<number> {
  const system = await start(flags, surroundings);
  if (!system.ok) {
    surroundings.complain(system.error);
    return 1;
  }
  for (const line of greeting(system.value)) surroundings.print(line);
  await surroundings.stopRequested;
  surroundings.print('Stopping: tasks, agents, master, API server.');
  await system.value.stop();
  return 0;
}

/** The flag that is to blame when the API server can't start. */
const FLAG_OF = {data: 'data-dir', address: 'ip', port: 'api-port'} as const;

/** What runs, as in endpoints.json. */
type Endpoints = {
  readonly apiUrl: string;
  readonly mesosUrl: string;
  readonly marathonUrl: string;
  readonly kubeconfig: string;
  readonly agents: readonly {readonly name: string; readonly pid: number}[];
};

type System = Endpoints & {readonly stop: () => Promise<void>};

/** Starts one part after the other; what was started is stopped again when a later one can't be. */
async function start(flags: Flags, surroundings: Surroundings): Promise<Result<System, string>> {
  const dataDir = resolve(flags.data_dir);
  const checked = await checkBefore(flags, dataDir);
  if (!checked.ok) return checked;
  const api = await startApiServer({
    dataDir,
    ip: flags.ip,
    port: flags.api_port,
    clock: systemClock,
    random: systemRandom,
    log: surroundings.log,
  });
  if (!api.ok) return err(`--${FLAG_OF[api.error.about]}: ${api.error.message}`);
  const client = createKubeClient({
    kubeconfigPath: api.value.kubeconfigPath,
    log: surroundings.log,
    clock: systemClock,
    random: systemRandom,
  });
  const operator = await startController(flags, surroundings, api.value, client);
  if (!operator.ok) {
    await api.value.close();
    return operator;
  }
  const agents = createAgents({flags, surroundings, dataDir, namespace: NAMESPACE, api: api.value, client});
  const stop = async (): Promise<void> => {
    await agents.leaveAlone();
    // The master goes first, so that nothing is started anew on agents that are still there.
    await operator.value.stop();
    await agents.stop();
    await api.value.close();
  };
  const endpoints = (): Endpoints => ({
    apiUrl: api.value.url,
    mesosUrl: operator.value.mesosUrl,
    marathonUrl: operator.value.marathonUrl,
    kubeconfig: api.value.kubeconfigPath,
    agents: agents.running().map(({name, pid}) => ({name, pid})),
  });
  const begun = await agents.start();
  if (!begun.ok) {
    await stop();
    return begun;
  }
  let announced = false;
  agents.supervise(async () => {
    if (announced) await writeEndpoints(dataDir, endpoints());
  });
  await operator.value.leading;
  if (!(await agentsReady(client, NAMESPACE, agents.names, systemClock)))
    surroundings.complain(`not all agents are ready: kubectl get mesosagents, or ${dataDir}/agents/<name>/agent.log`);
  announced = true;
  await writeEndpoints(dataDir, endpoints());
  return ok({...endpoints(), stop});
}

async function checkBefore(flags: Flags, dataDir: string): Promise<Result<void, string>> {
  try {
    await makeDirectory(dataDir, 0o700);
    await access(dataDir, constants.W_OK);
  } catch (error) {
    return err(`--data-dir: can't write to ${dataDir}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const resources = agentResources(flags.agent_resources, await readMachine(dataDir));
  if (!resources.ok) return err(`--agent-resources: ${resources.error}`);
  const attributes = parseAttributes(flags.agent_attributes);
  return attributes.ok ? ok(undefined) : err(`--agent-attributes: ${attributes.error}`);
}

async function startController(
  flags: Flags,
  {log, version}: Surroundings,
  api: ApiServer,
  client: KubeClient,
): Promise<Result<LastingOperator, string>> {
  const installed = await installKinds(client, systemClock);
  if (!installed.ok) return installed;
  return startLastingOperator({
    kubeconfigPath: api.kubeconfigPath,
    namespace: NAMESPACE,
    newIdentity: () => `${IDENTITY}${randomUUID()}`,
    beforeStart: () => forgetOwnLease(client, NAMESPACE, IDENTITY),
    master: {
      ...flags,
      ip: flags.ip,
      port: flags.mesos_port,
      advertise_ip: undefined,
      advertise_port: undefined,
      node_name: undefined,
    },
    marathon: flags,
    marathonAddress: {ip: flags.ip, port: flags.marathon_port},
    portFlags: {master: 'mesos-port', marathon: 'marathon-port'},
    lease: {durationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000},
    version,
    clock: systemClock,
    random: systemRandom,
    log,
  });
}

async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  const path = join(dataDir, 'endpoints.json');
  await writeFile(`${path}.new`, `${JSON.stringify(endpoints, null, 2)}\n`);
  await rename(`${path}.new`, path);
}
