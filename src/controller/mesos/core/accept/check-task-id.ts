import {toTaskId} from '../ids.ts';
import {idProblem} from '../frameworks/names.ts';
import type {TaskCheck} from './acceptance.ts';

/** Ids become file names in Mesos: the same characters are forbidden here. */
export const taskIdCheck: TaskCheck = info => {
  const problem = idProblem(info.task_id.value);
  return problem === undefined ? undefined : `Invalid task ID: ${problem}`;
};

/** Until its terminal update was acknowledged, and while its agent may bring it back, a task keeps its id. */
export const uniqueTaskCheck: TaskCheck = (info, {framework}) => {
  const id = toTaskId(info.task_id.value);
  const taken = framework.tasks.has(id) || framework.unreachableTasks.has(id);
  return taken ? `Task has duplicate ID: ${id}` : undefined;
};
