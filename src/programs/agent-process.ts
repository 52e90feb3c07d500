import {randomUUID} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {startAgentApi} from '../agent-api/agent-api.ts';
import {agentResources} from '../executor-shim/agent/agent-resources.ts';
import {startAgentReporter} from '../executor-shim/agent/agent-reporter.ts';
import {readMachine} from '../executor-shim/agent/machine.ts';
import {createKubeClient} from '../kube/client.ts';
import type {Logger} from '../kube/log.ts';
import type {KubeClient} from '../kube/types.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import {type FlagValues, formatFlags} from '../lib/flags.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {markStopped} from '../standalone/agent-processes.ts';
import {pathOfTasks} from '../standalone/node/path-of-tasks.ts';
import {type ProcessNode, startProcessNode} from '../standalone/node/process-node.ts';
import {AGENT_FLAGS} from './agent-flags.ts';
import type {Surroundings} from './program.ts';
import {makeDirectory} from './make-directory.ts';

/** Ends and reports all tasks before its Lease is given back, so that no task looks lost. */
const MAX_GRACE_MS = 10_000;

/** `--pods=process`: reports this machine's resources and runs the pods bound to it as processes. */
export async function runProcessAgent(
  flags: FlagValues<typeof AGENT_FLAGS>,
  surroundings: Surroundings,
): Promise<number> {
  const {log} = surroundings;
  const prepared = await prepare(flags);
  if (!prepared.ok) return failed(log, flags.name, prepared.error);
  const {token, resources, dataDir} = prepared.value;
  const orphaned = Promise.withResolvers<void>();
  const client = createKubeClient({kubeconfigPath: flags.kubeconfig, log, clock: systemClock, random: systemRandom});
  const node = await startProcessNode({
    name: flags.name,
    dataDir,
    client,
    clock: systemClock,
    random: systemRandom,
    log,
    resources,
    token,
    hostEnv: hostEnvironment(surroundings),
    ownProgram: surroundings.self,
    ip: flags.ip ?? '127.0.0.1',
    hostname: flags.hostname ?? flags.name,
    recoveryTimeoutMs: flags.recovery_timeout,
    retention: {maxAgeMs: flags.gc_delay, everyMs: flags.disk_watch_interval},
    onOrphaned: () => orphaned.resolve(),
  });
  if (!node.ok) return failed(log, flags.name, node.error.message);
  await node.value.ready;
  const api = await startApi(flags, surroundings, {client, dataDir, resources: resources.text});
  if (!api.ok) {
    await node.value.stop({killPods: false});
    return failed(log, flags.name, api.error);
  }
  const reporter = startAgentReporter({
    name: flags.name,
    namespace: flags.namespace,
    spec: {
      nodeName: flags.name,
      hostname: flags.hostname ?? flags.name,
      port: api.value.port,
      resources: resources.text,
      ...(flags.attributes === undefined ? {} : {attributes: flags.attributes}),
      ...(flags.oversubscribed === undefined ? {} : {oversubscribed: flags.oversubscribed}),
      version: surroundings.version,
    },
    pingTimeoutMs: flags.agent_ping_timeout,
    maxPingTimeouts: flags.max_agent_ping_timeouts,
    identity: `${flags.name}_${randomUUID()}`,
    client,
    clock: systemClock,
    log,
  });
  void reporter.registered.then(() => log.info('agent registered', {agent: flags.name}));
  const why = await Promise.race([surroundings.stopRequested, orphaned.promise]);
  if (why !== undefined) await markStopped(join(dataDir, 'agents', flags.name)).catch(() => undefined);
  await stop(node.value, reporter, log, flags.name);
  await api.value.close();
  return 0;
}

/** @returns the exit code */
function failed(log: Logger, agent: string, reason: string): number {
  log.error('agent can not start', {agent, reason});
  return 1;
}

const startApi = (
  flags: FlagValues<typeof AGENT_FLAGS>,
  {log, version}: Surroundings,
  {client, dataDir, resources}: {readonly client: KubeClient; readonly dataDir: string; readonly resources: string},
): ReturnType<typeof startAgentApi> =>
  startAgentApi({
    ...{client, log, version, resources, clock: systemClock, random: systemRandom},
    name: flags.name,
    namespace: flags.namespace,
    ip: flags.ip ?? '127.0.0.1',
    port: flags.agent_port,
    hostname: flags.hostname ?? flags.name,
    attributes: flags.attributes ?? '',
    flags: formatFlags(AGENT_FLAGS, flags),
    podsDirectory: join(dataDir, 'agents', flags.name, 'pods'),
    logFile: join(dataDir, 'agents', flags.name, 'agent.log'),
  });

async function stop(
  node: ProcessNode,
  reporter: ReturnType<typeof startAgentReporter>,
  log: Logger,
  agent: string,
): Promise<void> {
  log.info('agent stopping', {agent});
  await node.stop({killPods: true, maxGraceMs: MAX_GRACE_MS});
  await reporter.stop({release: true});
}

type Prepared = {
  readonly dataDir: string;
  readonly token: string;
  readonly resources: {text: string; cpus: number; memMb: number; diskMb: number};
};

async function prepare(flags: {
  data_dir: string | undefined;
  resources: string | undefined;
  token_file: string | undefined;
}): Promise<Result<Prepared, string>> {
  const {data_dir: dataDir, token_file: tokenFile} = flags;
  if (dataDir === undefined || tokenFile === undefined) {
    return err('--data_dir and --token_file are required with --pods=process');
  }
  try {
    await makeDirectory(dataDir);
    const resources = agentResources(flags.resources ?? '', await readMachine(dataDir));
    if (!resources.ok) return err(`--resources: ${resources.error}`);
    return ok({dataDir, token: (await readFile(tokenFile, 'utf8')).trim(), resources: resources.value});
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** What a task may see of the agent's environment: no options, no secrets. */
const PASSED_ON = ['HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER', 'SHELL'];

const hostEnvironment = ({env}: Surroundings): Record<string, string> => ({
  ...Object.fromEntries(PASSED_ON.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]]))),
  PATH: pathOfTasks(env['PATH']),
});
