import {countTasks} from '../core/counters.ts';
import {isLaunched, type Instance} from '../core/instances/instance.ts';
import type {ReadonlyApp} from '../core/state.ts';

type Json = Record<string, unknown>;

/** Numbers of tasks and how long they have lived, by the version they run; a group without tasks is left out. */
export function taskStats({instances, versionInfo}: ReadonlyApp, nowMs: number): Json {
  const launched = [...instances.values()].filter(isLaunched);
  const {lastScalingAt, lastConfigChangeAt} = versionInfo ?? {lastScalingAt: '', lastConfigChangeAt: ''};
  const groups = {
    startedAfterLastScaling: launched.filter(({version}) => version >= lastScalingAt),
    withLatestConfig: launched.filter(({version}) => version >= lastConfigChangeAt),
    withOutdatedConfig: launched.filter(({version}) => version < lastConfigChangeAt),
    totalSummary: launched,
  };
  const filled = Object.entries(groups).filter(([, group]) => group.length > 0);
  return Object.fromEntries(filled.map(([name, group]) => [name, {stats: statsOf(group, nowMs)}]));
}

function statsOf(instances: readonly Instance[], nowMs: number): Json {
  const {tasksStaged, tasksRunning, tasksHealthy, tasksUnhealthy} = countTasks(instances);
  const counts = {staged: tasksStaged, running: tasksRunning, healthy: tasksHealthy, unhealthy: tasksUnhealthy};
  const ages = instances.flatMap(({task}) => (task?.startedAtMs === undefined ? [] : [nowMs - task.startedAtMs]));
  return ages.length === 0 ? {counts} : {counts, lifeTime: lifeTimeOf(ages.toSorted((a, b) => a - b))};
}

/** @param ages sorted, in milliseconds; one at least */
function lifeTimeOf(ages: readonly number[]): Json {
  const at = (index: number): number => ages[index] ?? 0;
  const middle = (at(Math.floor((ages.length - 1) / 2)) + at(Math.floor(ages.length / 2))) / 2;
  const average = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  return {averageSeconds: average / 1000, medianSeconds: middle / 1000};
}
