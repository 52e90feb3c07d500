import {Resources} from '../../../../allocator/resources.ts';
import type {ExecutorInfo, TaskInfo} from '../../../../api/mesos/v1/common.ts';
import {toTaskId} from '../ids.ts';
import {resourcesFromWire} from '../resource-conversion.ts';
import type {Launch, Task} from './task.ts';
import type {LaunchKey} from './task-record.ts';

export type LaunchParts = LaunchKey &
  Pick<Launch, 'agentId' | 'role'> & {
    /** As the master completed them. */
    readonly infos: readonly TaskInfo[];
    /** Of a group. */
    readonly executor?: ExecutorInfo | undefined;
  };

/** A launch whose pod was not asked for. */
export function makeLaunch({frameworkId, launchId, pod, agentId, role, infos, executor}: LaunchParts): Launch {
  const tasks: Task[] = [];
  const launch: Launch = {
    ...{frameworkId, launchId, pod, agentId, role, executor, tasks},
    resources: [...infos, executor].reduce((sum, part) => sum.add(resourcesOf(part)), Resources.EMPTY),
    phase: {kind: 'waiting'},
  };
  for (const info of infos) tasks.push(makeTask(launch, info));
  return launch;
}

const makeTask = (launch: Launch, info: TaskInfo): Task => ({
  taskId: toTaskId(info.task_id.value),
  launch,
  info,
  resources: resourcesOf(info),
  phase: {kind: 'live', state: 'TASK_STAGING', seen: undefined},
  statuses: [],
  updates: [],
  inFlight: undefined,
});

/** What cannot be read was refused before. */
function resourcesOf(part: Pick<TaskInfo, 'resources'> | undefined): Resources {
  const resources = resourcesFromWire(part?.resources ?? []);
  return resources.ok ? resources.value : Resources.EMPTY;
}
