import type {Instance} from '../instances/instance.ts';
import {isOld, type ReadonlyApp} from '../state.ts';
import type {Readiness} from './results.ts';

/**
 * A deployment waits for what it started. What ran before it, and what is started when none is under way, is not asked.
 */
export function awaitsReadiness(app: ReadonlyApp, instance: Readonly<Instance>): boolean {
  const {definition, deployment} = app;
  if (definition === undefined || (definition.spec.readinessChecks ?? []).length === 0) return false;
  const progress = deployment?.progress.get(app.object.id);
  if (deployment === undefined || progress === undefined || progress.done) return false;
  const {task} = instance;
  return (
    task !== undefined &&
    task.readiness?.ready !== true &&
    task.stagedAtMs >= deployment.startedAtMs &&
    !isOld(app, instance)
  );
}

export type ReadinessResult = Readiness & {readonly name: string; readonly taskId: string};

/** Of the tasks that have been asked, for people who wait for a deployment. */
export function readinessResults({definition, instances}: ReadonlyApp): readonly ReadinessResult[] {
  const name = definition?.spec.readinessChecks?.[0]?.name;
  if (name === undefined) return [];
  return [...instances.values()].flatMap(({task}) =>
    task?.readiness === undefined ? [] : [{name, taskId: task.taskId, ...task.readiness}],
  );
}
