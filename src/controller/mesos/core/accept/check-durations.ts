import type {TaskCheck} from './acceptance.ts';

export const killPolicyCheck: TaskCheck = info =>
  (info.kill_policy?.grace_period?.nanoseconds ?? 0) < 0
    ? "Task's 'kill_policy.grace_period' must be non-negative"
    : undefined;

export const maxCompletionTimeCheck: TaskCheck = info =>
  (info.max_completion_time?.nanoseconds ?? 0) < 0 ? "Task's 'max_completion_time' must be non-negative" : undefined;
