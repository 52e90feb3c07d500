import type {Logger} from '../kube/log.ts';
import type {Clock, Timer} from '../lib/clock.ts';
import type {AgentProcess, AgentProcesses} from './agent-processes.ts';

export type AgentSupervisor = {
  /** Starts no agent any more. Resolves when a start that was under way is over. */
  readonly stop: () => Promise<void>;
};

export type AgentSupervisorOptions = {
  readonly processes: AgentProcesses;
  /** The agents that have to run, with their arguments. */
  readonly wanted: ReadonlyMap<string, readonly string[]>;
  readonly clock: Clock;
  readonly log: Logger;
  /** An agent that had crashed runs again, as another process. */
  readonly onRestarted: (agent: AgentProcess) => Promise<void>;
};

const LOOK_EVERY_MS = 250;
/** An agent that ran for so long before it crashed is started again at once. */
const SETTLED_MS = 60_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** The pause before an agent is started again that crashed `crashes` times in a row, each soon after its start. */
export const pauseBeforeStartMs = (crashes: number): number =>
  crashes <= 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 2));

/**
 * Starts agents again that crash; they adopt the tasks that went on. An agent that was told to stop (SIGTERM) stays away
 * until the next start of the main process: it has ended its tasks, and somebody wanted that.
 */
export function superviseAgents(options: AgentSupervisorOptions): AgentSupervisor {
  const watchers = [...options.wanted].map(([name, argv]) => watch(name, argv, options));
  return {stop: async () => void (await Promise.all(watchers.map(stop => stop())))};
}

function watch(
  name: string,
  argv: readonly string[],
  {processes, clock, log, onRestarted}: AgentSupervisorOptions,
): () => Promise<void> {
  let stopped = false;
  let timer: Timer | undefined;
  let looking = Promise.resolve();
  let crashes = 0;
  let startedMs = clock.monotonic();
  let startAtMs: number | undefined;

  const look = async (): Promise<void> => {
    const state = await processes.state(name);
    if (state !== 'crashed' || stopped) return;
    if (startAtMs === undefined) {
      crashes = clock.monotonic() - startedMs >= SETTLED_MS ? 1 : crashes + 1;
      startAtMs = clock.monotonic() + pauseBeforeStartMs(crashes);
      log.warn('agent crashed', {agent: name, crashes, startsInMs: pauseBeforeStartMs(crashes)});
    }
    if (clock.monotonic() < startAtMs) return;
    startAtMs = undefined;
    startedMs = clock.monotonic();
    const started = await processes.ensure(name, argv);
    if (started.ok) await onRestarted(started.value);
    else log.error('agent not started', {agent: name, reason: started.error});
  };
  const next = (): void => {
    if (stopped) return;
    timer = clock.after(LOOK_EVERY_MS, () => {
      looking = look()
        .catch((error: unknown) => log.error('agent not started', {agent: name, reason: String(error)}))
        .then(next);
    });
  };
  next();
  return () => {
    stopped = true;
    timer?.cancel();
    return looking;
  };
}
