import type {Instance} from './instances/instance.ts';
import {isLaunched} from './instances/instance.ts';

/** As Marathon counts: scheduled instances count nowhere. */
export type TaskCounters = {
  readonly replicas: number;
  readonly tasksStaged: number;
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly tasksUnhealthy: number;
};

export function countTasks(instances: Iterable<Instance>): TaskCounters {
  const launched = [...instances].filter(isLaunched);
  const count = (test: (instance: Instance) => boolean): number => launched.filter(test).length;
  return {
    replicas: launched.length,
    tasksStaged: count(({condition}) => condition === 'Provisioned' || condition === 'Staging'),
    tasksRunning: count(({condition}) => condition === 'Running'),
    tasksHealthy: count(({condition, task}) => condition === 'Running' && task?.healthy === true),
    tasksUnhealthy: count(({condition, task}) => condition === 'Running' && task?.healthy === false),
  };
}
