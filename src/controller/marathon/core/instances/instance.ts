import type {TaskStatus} from '../../../../api/mesos/v1/common.ts';
import type {AgentFacts} from '../offers/agent-facts.ts';
import type {AppDefinition} from '../apps/app.ts';
import type {CheckHealth, CheckResult, Readiness} from '../health/results.ts';
import type {InstanceId, TaskId} from '../ids.ts';

/** Where an instance is. Scheduled: waiting for an offer; Provisioned: launched, and nothing heard yet. */
export type ActiveCondition =
  'Scheduled' | 'Provisioned' | 'Staging' | 'Starting' | 'Running' | 'Killing' | 'Unreachable' | 'UnreachableInactive';
/** How a task ended. */
export type TerminalCondition = 'Error' | 'Failed' | 'Finished' | 'Killed' | 'Dropped' | 'Gone' | 'Unknown';

/** The task of an instance that was launched. Times are wall-clock milliseconds. */
export type LaunchedTask = {
  readonly taskId: TaskId;
  readonly agent: AgentFacts;
  readonly role: string;
  /** One for each declared port; undefined where nothing is exposed on the host. */
  readonly hostPorts: readonly (number | undefined)[];
  readonly ipAddresses: readonly string[];
  readonly stagedAtMs: number;
  readonly startedAtMs?: number;
  /** What it was launched with; unknown of a task that an earlier leader launched. */
  readonly definition?: AppDefinition;
  /** Results of the checks that Marathon performs, by their place in the app's list. */
  readonly checks?: ReadonlyMap<number, CheckHealth>;
  /** Of the check that the agent performs. */
  readonly agentHealth?: CheckHealth;
  /** All checks together; absent as long as a result is missing and none is bad. */
  readonly healthy?: boolean;
  readonly readiness?: Readiness;
  readonly checkResult?: CheckResult;
  /** It is being killed because of a health check; why that one failed. */
  readonly failedCheck?: string;
  readonly unreachableAtMs?: number;
};

/**
 * One wanted incarnation of an app. With goal Running it is launched again under the same id whenever its task ends;
 * Decommissioned, it vanishes then. Only `step` changes it: everybody else gets it readonly.
 */
export type Instance = {
  readonly id: InstanceId;
  goal: 'Running' | 'Decommissioned';
  condition: ActiveCondition;
  sinceMs: number;
  /** Of the last launch, or 0. */
  incarnation: number;
  /** Version and configuration of the definition that its task was launched with, or will be. */
  version: string;
  config: string;
  task?: LaunchedTask;
};

/** What a status says about an instance. */
export function conditionOf(status: TaskStatus): ActiveCondition | TerminalCondition {
  switch (status.state) {
    case 'TASK_STAGING':
      return 'Staging';
    case 'TASK_STARTING':
      return 'Starting';
    case 'TASK_RUNNING':
      return 'Running';
    case 'TASK_KILLING':
      return 'Killing';
    case 'TASK_UNREACHABLE':
      return 'Unreachable';
    case 'TASK_FINISHED':
      return 'Finished';
    case 'TASK_FAILED':
      return 'Failed';
    case 'TASK_KILLED':
      return 'Killed';
    case 'TASK_ERROR':
      return 'Error';
    case 'TASK_DROPPED':
      return 'Dropped';
    case 'TASK_GONE':
    case 'TASK_GONE_BY_OPERATOR':
      return 'Gone';
    case 'TASK_LOST':
      // A partition-aware framework hears TASK_UNREACHABLE when a task may come back, so this one will not.
      return status.reason === 'REASON_INVALID_OFFERS' ? 'Dropped' : 'Gone';
    case 'TASK_UNKNOWN':
      return 'Unknown';
    default:
      return status.state satisfies never;
  }
}

const TERMINAL: ReadonlySet<string> = new Set<TerminalCondition>([
  'Error',
  'Failed',
  'Finished',
  'Killed',
  'Dropped',
  'Gone',
  'Unknown',
]);

export const isTerminalCondition = (condition: ActiveCondition | TerminalCondition): condition is TerminalCondition =>
  TERMINAL.has(condition);

/** Ends after which the next launch waits longer; a kill is somebody's wish. */
export const countsAsFailure = (condition: TerminalCondition): boolean =>
  condition !== 'Killed' && condition !== 'Unknown';

/** Ends that are kept as the app's last failure. */
export const isLastFailure = (condition: TerminalCondition): boolean =>
  condition !== 'Killed' && condition !== 'Finished';

/** It has a task that may be using resources. */
export const isLaunched = (instance: Instance): boolean => instance.condition !== 'Scheduled';

/** It counts towards what is wanted. */
export const isWanted = (instance: Instance): boolean =>
  instance.goal === 'Running' && instance.condition !== 'UnreachableInactive';

/** Running, and passing its health checks where it has any. */
export const isHealthy = (instance: Instance, hasHealthChecks: boolean): boolean =>
  instance.condition === 'Running' && (!hasHealthChecks || instance.task?.healthy === true);

type Instances = {readonly instances: ReadonlyMap<InstanceId, Instance>; readonly unmade: number};

/** Instances that wait for an offer. */
export function scheduledCount({instances, unmade}: Instances): number {
  let count = unmade;
  for (const instance of instances.values()) if (!isLaunched(instance)) count += 1;
  return count;
}

/** Instances that count towards what is wanted. */
export function wantedCount({instances, unmade}: Instances): number {
  let count = unmade;
  for (const instance of instances.values()) if (isWanted(instance)) count += 1;
  return count;
}
