import type {TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {Acceptance, TaskCheck} from './acceptance.ts';
import {agentIdCheck} from './check-agent-id.ts';
import {checkCheck, healthCheckCheck} from './check-checks.ts';
import {commandCheck} from './check-command.ts';
import {containerCheck} from './check-container.ts';
import {killPolicyCheck, maxCompletionTimeCheck} from './check-durations.ts';
import {executorCheck} from './check-executor.ts';
import {memberCheck} from './check-group.ts';
import {limitsCheck} from './check-limits.ts';
import {poolCheck} from './check-pool.ts';
import {resourcesCheck} from './check-resources.ts';
import {taskIdCheck, uniqueTaskCheck} from './check-task-id.ts';

/** Of every task. In the original's order: the first failure is the one that is reported. */
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
];
/** Of a task of its own. */
const LONE_CHECKS: readonly TaskCheck[] = [...CHECKS, executorCheck, poolCheck];
/** Of a task in a group. */
const MEMBER_CHECKS: readonly TaskCheck[] = [...CHECKS, memberCheck];

/** @returns what is wrong with a task, or undefined */
export const taskProblem = (info: TaskInfo, acceptance: Acceptance): string | undefined =>
  firstProblem(LONE_CHECKS, info, acceptance);

/** @returns what is wrong with a task of a group, or undefined; what the group takes together is not looked at */
export const memberProblem = (info: TaskInfo, acceptance: Acceptance): string | undefined =>
  firstProblem(MEMBER_CHECKS, info, acceptance);

function firstProblem(checks: readonly TaskCheck[], info: TaskInfo, acceptance: Acceptance): string | undefined {
  for (const check of checks) {
    const problem = check(info, acceptance);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
