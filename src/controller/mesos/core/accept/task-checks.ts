import type {TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {Acceptance, TaskCheck} from './acceptance.ts';
import {agentIdCheck} from './check-agent-id.ts';
import {checkCheck, healthCheckCheck} from './check-checks.ts';
import {commandCheck} from './check-command.ts';
import {containerCheck} from './check-container.ts';
import {killPolicyCheck, maxCompletionTimeCheck} from './check-durations.ts';
import {executorCheck} from './check-executor.ts';
import {limitsCheck} from './check-limits.ts';
import {poolCheck} from './check-pool.ts';
import {resourcesCheck} from './check-resources.ts';
import {taskIdCheck, uniqueTaskCheck} from './check-task-id.ts';

/** In the original's order: the first failure is the one that is reported. */
const CHECKS: readonly TaskCheck[] = [
  taskIdCheck,
  uniqueTaskCheck,
  agentIdCheck,
  killPolicyCheck,
  maxCompletionTimeCheck,
  checkCheck,
  healthCheckCheck,
  resourcesCheck,
  commandCheck,
  containerCheck,
  limitsCheck,
  executorCheck,
  poolCheck,
];

/** @returns what is wrong with a task, or undefined */
export function taskProblem(info: TaskInfo, acceptance: Acceptance): string | undefined {
  for (const check of CHECKS) {
    const problem = check(info, acceptance);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
