import type {TaskCheck} from './acceptance.ts';

/** Exactly one of command and executor; and no executors yet. */
export const executorCheck: TaskCheck = ({command, executor}) => {
  if ((command === undefined) === (executor === undefined)) {
    return "Task must have either 'command' or 'executor', not both or neither";
  }
  return executor === undefined ? undefined : 'Custom executors are not supported';
};
