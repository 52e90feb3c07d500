import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {sharePorts} from '../executor-shim/agent/agent-resources.ts';
import {systemClock} from '../kube/system-clock.ts';
import type {KubeClient} from '../kube/types.ts';
import type {FlagValues} from '../lib/flags.ts';
import {ok, type Result} from '../lib/result.ts';
import {type AgentProcess, type AgentProcesses, createAgentProcesses} from '../standalone/agent-processes.ts';
import {superviseAgents} from '../standalone/agent-supervisor.ts';
import type {ApiServer} from '../standalone/apiserver/server.ts';
import {sweepTasks} from '../standalone/node/sweep.ts';
import type {Surroundings} from './program.ts';
import type {STANDALONE_FLAGS} from './standalone-flags.ts';
import {forgetAgent} from './standalone-objects.ts';

const AGENT_GRACE_MS = 20_000;
const TASK_GRACE_MS = 3000;
const PORTS = {begin: 31_000, end: 32_000};

export type AgentsOptions = {
  readonly flags: FlagValues<typeof STANDALONE_FLAGS>;
  readonly surroundings: Surroundings;
  readonly dataDir: string;
  readonly namespace: string;
  readonly api: ApiServer;
  readonly client: KubeClient;
};

export type Agents = {
  readonly names: readonly string[];
  readonly running: () => readonly AgentProcess[];
  /** Starts agents again that crash from now on. `onChange`: other processes run than before. */
  readonly supervise: (onChange: () => Promise<void>) => void;
  /** Ends the supervision; agents go on. */
  readonly leaveAlone: () => Promise<void>;
  /** Ends all agents that ever ran on the data directory, and their tasks. */
  readonly stop: () => Promise<void>;
};

/** The agents of a standalone: `start` starts or finds them, and takes leave of those that an earlier start had in addition. */
export function createAgents(options: AgentsOptions): Agents & {readonly start: () => Promise<Result<void, string>>} {
  const {surroundings, dataDir} = options;
  const processes = createAgentProcesses({
    folder: join(dataDir, 'agents'),
    command: [...surroundings.self, 'agent'],
    clock: systemClock,
  });
  const wanted = wantedAgents(options);
  const running = new Map<string, AgentProcess>();
  let supervisor: ReturnType<typeof superviseAgents> | undefined;
  const leaveAlone = async (): Promise<void> => supervisor?.stop();
  return {
    names: [...wanted.keys()],
    running: () => [...running.values()],
    start: async () => {
      await dismissSurplus(options, processes, wanted);
      await writeFile(tokenFile(options), options.api.token, {mode: 0o600});
      for (const [name, argv] of wanted) {
        const started = await processes.ensure(name, argv);
        if (!started.ok) return started;
        running.set(name, started.value);
      }
      return ok(undefined);
    },
    supervise: onChange => {
      const onRestarted = (agent: AgentProcess): Promise<void> => {
        running.set(agent.name, agent);
        return onChange();
      };
      supervisor = superviseAgents({processes, wanted, clock: systemClock, log: surroundings.log, onRestarted});
    },
    leaveAlone,
    stop: async () => {
      await leaveAlone();
      await Promise.all((await processes.known()).map(name => stopAgent(processes, dataDir, name)));
    },
  };
}

/** Ends an agent and its tasks; those of one that was killed before are still there. */
async function stopAgent(processes: AgentProcesses, dataDir: string, name: string): Promise<void> {
  await processes.stop(name, AGENT_GRACE_MS);
  await sweepTasks(join(dataDir, 'agents', name, 'pods'), TASK_GRACE_MS, systemClock);
}

async function dismissSurplus(
  {dataDir, client, namespace}: AgentsOptions,
  processes: AgentProcesses,
  wanted: ReadonlyMap<string, unknown>,
): Promise<void> {
  const surplus = (await processes.known()).filter(name => !wanted.has(name));
  await Promise.all(surplus.map(name => stopAgent(processes, dataDir, name)));
  for (const name of surplus) {
    await forgetAgent(client, namespace, name);
    await processes.forget(name);
  }
}

const tokenFile = ({dataDir}: AgentsOptions): string => join(dataDir, 'agent-token');

/** Arguments by name. */
function wantedAgents(options: AgentsOptions): ReadonlyMap<string, readonly string[]> {
  const indexes = Array.from({length: options.flags.agents}, (_, index) => index);
  return new Map(indexes.map(index => [`agent${index + 1}`, agentArguments(options, `agent${index + 1}`, index)]));
}

function agentArguments(options: AgentsOptions, name: string, index: number): string[] {
  const {flags, dataDir, api, namespace} = options;
  const {begin, end} = sharePorts(PORTS, index, Math.max(1, flags.agents));
  const ports = /(^|;)\s*ports\b/.test(flags.agent_resources) ? '' : `;ports:[${begin}-${end}]`;
  return [
    `--name=${name}`,
    `--data_dir=${dataDir}`,
    `--kubeconfig=${api.kubeconfigPath}`,
    `--namespace=${namespace}`,
    `--ip=${flags.ip}`,
    `--hostname=${name}.localhost`,
    `--resources=${flags.agent_resources}${ports}`,
    ...(flags.agent_attributes === '' ? [] : [`--attributes=${flags.agent_attributes}`]),
    `--agent_ping_timeout=${flags.agent_ping_timeout}ms`,
    `--max_agent_ping_timeouts=${flags.max_agent_ping_timeouts}`,
    `--token_file=${tokenFile(options)}`,
    `--log_level=${flags.log_level}`,
  ];
}
