import {randomUUID} from 'node:crypto';
import {access, constants, rename, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {makeDirectory} from './make-directory.ts';
import {parseAttributes} from '../controller/mesos/objects/attributes.ts';
import {type Operator, startOperator} from '../controller/operator.ts';
import {agentResources, sharePorts} from '../executor-shim/agent/agent-resources.ts';
import {readMachine} from '../executor-shim/agent/machine.ts';
import {createKubeClient} from '../kube/client.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import type {KubeClient} from '../kube/types.ts';
import type {FlagValues} from '../lib/flags.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {type AgentProcess, type AgentProcesses, createAgentProcesses} from '../standalone/agent-processes.ts';
import {type ApiServer, startApiServer} from '../standalone/apiserver/server.ts';
import {sweepTasks} from '../standalone/node/sweep.ts';
import type {Surroundings} from './program.ts';
import {greeting} from './standalone-greeting.ts';
import type {STANDALONE_FLAGS} from './standalone-flags.ts';
import {agentsReady, forgetAgent, forgetOwnLease, installKinds} from './standalone-objects.ts';

type Flags = FlagValues<typeof STANDALONE_FLAGS>;

const NAMESPACE = 'default';
/** Every main process of a data directory leads under a name that begins so; the directory's lock admits one at a time. */
const IDENTITY = 'standalone_';
const AGENT_GRACE_MS = 20_000;
const TASK_GRACE_MS = 3000;

/** API server, controller and agents on one machine. */
export async function runStandalone(flags: Flags, surroundings: Surroundings): Promise<number> {
  const fatal = Promise.withResolvers<string>();
  const system = await start(flags, surroundings, fatal.resolve);
  if (!system.ok) {
    surroundings.complain(system.error);
    return 1;
  }
  for (const line of greeting(system.value)) surroundings.print(line);
  const reason = await Promise.race([surroundings.stopRequested.then(() => undefined), fatal.promise]);
  if (reason !== undefined) {
    surroundings.log.error('standalone ends; agents and tasks go on', {reason});
    return 1;
  }
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
async function start(
  flags: Flags,
  surroundings: Surroundings,
  onFatal: (reason: string) => void,
): Promise<Result<System, string>> {
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
  const operator = await startController(flags, surroundings, api.value, client, onFatal);
  if (!operator.ok) {
    await api.value.close();
    return operator;
  }
  const processes = createAgentProcesses({
    folder: join(dataDir, 'agents'),
    command: [...surroundings.self, 'agent'],
    clock: systemClock,
  });
  const agents = await startAgents(flags, dataDir, api.value, processes, client);
  const stop = async (): Promise<void> => {
    // The master goes first, so that nothing is started anew on agents that are still there.
    await operator.value.stop();
    await Promise.all((await processes.known()).map(name => stopAgent(processes, dataDir, name)));
    await api.value.close();
  };
  if (!agents.ok) {
    await stop();
    return agents;
  }
  await operator.value.leading;
  const names = agents.value.map(({name}) => name);
  if (!(await agentsReady(client, NAMESPACE, names, systemClock)))
    surroundings.complain(`not all agents are ready: kubectl get mesosagents, or ${dataDir}/agents/<name>/agent.log`);
  const endpoints: Endpoints = {
    apiUrl: api.value.url,
    mesosUrl: operator.value.mesosUrl,
    marathonUrl: operator.value.marathonUrl,
    kubeconfig: api.value.kubeconfigPath,
    agents: agents.value.map(({name, pid}) => ({name, pid})),
  };
  await writeEndpoints(dataDir, endpoints);
  return ok({...endpoints, stop});
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
  onFatal: (reason: string) => void,
): Promise<Result<Operator, string>> {
  const installed = await installKinds(client, systemClock);
  if (!installed.ok) return installed;
  await forgetOwnLease(client, NAMESPACE, IDENTITY);
  return startOperator({
    kubeconfigPath: api.kubeconfigPath,
    namespace: NAMESPACE,
    identity: `${IDENTITY}${randomUUID()}`,
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
    onFatal,
  });
}

const PORTS = {begin: 31_000, end: 32_000};
const agentName = (index: number): string => `agent${index + 1}`;

/** Ends an agent and its tasks; those of one that was killed before are still there. */
async function stopAgent(processes: AgentProcesses, dataDir: string, name: string): Promise<void> {
  await processes.stop(name, AGENT_GRACE_MS);
  await sweepTasks(join(dataDir, 'agents', name, 'pods'), TASK_GRACE_MS, systemClock);
}

/** Starts or finds the agents, and takes leave of those that an earlier start had in addition. */
async function startAgents(
  flags: Flags,
  dataDir: string,
  api: ApiServer,
  processes: AgentProcesses,
  client: KubeClient,
): Promise<Result<readonly AgentProcess[], string>> {
  const wanted = Array.from({length: flags.agents}, (_, index) => agentName(index));
  const surplus = (await processes.known()).filter(name => !wanted.includes(name));
  await Promise.all(surplus.map(name => stopAgent(processes, dataDir, name)));
  for (const name of surplus) {
    await forgetAgent(client, NAMESPACE, name);
    await processes.forget(name);
  }
  const tokenFile = join(dataDir, 'agent-token');
  await writeFile(tokenFile, api.token, {mode: 0o600});
  const agents: AgentProcess[] = [];
  for (const [index, name] of wanted.entries()) {
    const started = await processes.ensure(name, agentArguments(flags, dataDir, api, tokenFile, name, index));
    if (!started.ok) return started;
    agents.push(started.value);
  }
  return ok(agents);
}

function agentArguments(
  flags: Flags,
  dataDir: string,
  api: ApiServer,
  tokenFile: string,
  name: string,
  index: number,
): string[] {
  const {begin, end} = sharePorts(PORTS, index, Math.max(1, flags.agents));
  const ports = /(^|;)\s*ports\b/.test(flags.agent_resources) ? '' : `;ports:[${begin}-${end}]`;
  return [
    `--name=${name}`,
    `--data_dir=${dataDir}`,
    `--kubeconfig=${api.kubeconfigPath}`,
    `--namespace=${NAMESPACE}`,
    `--ip=${flags.ip}`,
    `--hostname=${name}.localhost`,
    `--resources=${flags.agent_resources}${ports}`,
    ...(flags.agent_attributes === '' ? [] : [`--attributes=${flags.agent_attributes}`]),
    `--agent_ping_timeout=${flags.agent_ping_timeout}ms`,
    `--max_agent_ping_timeouts=${flags.max_agent_ping_timeouts}`,
    `--token_file=${tokenFile}`,
    `--log_level=${flags.log_level}`,
  ];
}

async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  const path = join(dataDir, 'endpoints.json');
  await writeFile(`${path}.new`, `${JSON.stringify(endpoints, null, 2)}\n`);
  await rename(`${path}.new`, path);
}
