import type {MarathonAppStatus} from '../../../../crds/marathon-app.ts';
import type {AppDefinition} from './app.ts';
import {APP_ANNOTATIONS} from '../../../../crds/meta.ts';
import {isDelayed} from '../instances/backoff.ts';
import {countTasks} from '../counters.ts';
import {workOf, workStepOf} from '../deployments/deployment.ts';
import {isHealthy, scheduledCount} from '../instances/instance.ts';
import {explainShortage} from '../offers/offer-stats.ts';
import type {VersionInfo} from './app-version.ts';
import {podSelector} from './selector.ts';
import {isOld, type ReadonlyApp} from '../state.ts';

/** A condition without its times: whoever writes it knows when it changed. */
export type ConditionNow = {
  readonly type: 'Available' | 'Progressing' | 'Degraded';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
};

type Verdict = Omit<ConditionNow, 'type'>;

const verdict = (status: boolean, reason: string, message: string): Verdict => ({
  status: status ? 'True' : 'False',
  reason,
  message,
});

/** What the object's status should say, but for its conditions. A field that is undefined is to be removed. */
export const appStatus = (app: ReadonlyApp, nowMs: number): Omit<MarathonAppStatus, 'conditions'> => ({
  // What waits for its step is a change still, also for the next leader.
  observedGeneration: app.waitsForStep ? app.object.status?.observedGeneration : app.object.generation,
  ...countTasks(app.instances.values()),
  selector: podSelector(app.object.name),
  ...(app.versionInfo === undefined ? {} : recorded(app, app.versionInfo, nowMs)),
});

/** What the next leader recalls; an object that could never be considered keeps what it has. */
function recorded(
  app: ReadonlyApp,
  {version, ...times}: VersionInfo,
  nowMs: number,
): Omit<MarathonAppStatus, 'conditions'> {
  const {delay, deployment} = app;
  return {
    version,
    versionInfo: times,
    configHash: app.config,
    restartedAt: app.restartedAt,
    servicePorts: [...app.servicePorts],
    deployments:
      deployment === undefined
        ? undefined
        : [{id: deployment.id, version: deployment.version, action: workOf(deployment, app.object.id)}],
    launchDelay:
      delay !== undefined && isDelayed(delay, nowMs)
        ? {failures: delay.failures, until: new Date(delay.untilMs).toISOString()}
        : undefined,
    reservations:
      app.reserved.size === 0
        ? undefined
        : [...app.reserved].map(([instanceId, reserved]) => ({instanceId, ...reserved})),
    lastTaskFailure: app.lastTaskFailure,
  };
}

export function appConditions(app: ReadonlyApp, nowMs: number): readonly ConditionNow[] {
  return [
    {type: 'Available', ...available(app)},
    {type: 'Progressing', ...progressing(app, nowMs)},
    {type: 'Degraded', ...degraded(app, nowMs)},
  ];
}

const instancesText = (count: number): string => (count === 1 ? '1 instance' : `${count} instances`);

function available(app: ReadonlyApp): Verdict {
  const {definition} = app;
  if (definition === undefined) {
    return verdict(
      false,
      app.object.deleting ? 'Terminating' : (app.block?.reason ?? 'Unknown'),
      app.block?.message ?? '',
    );
  }
  const good = healthy(app, definition);
  const word = definition.hasHealthChecks ? 'healthy' : 'running';
  const message = `${good} of ${instancesText(definition.instances)} ${word}`;
  return good >= definition.instances
    ? verdict(true, 'InstancesAvailable', message)
    : verdict(false, 'InstancesMissing', message);
}

const healthy = (app: ReadonlyApp, {hasHealthChecks}: AppDefinition): number =>
  [...app.instances.values()].filter(({goal}) => goal === 'Running').filter(it => isHealthy(it, hasHealthChecks))
    .length;

/** The first thing that somebody waits for. */
function progressing(app: ReadonlyApp, nowMs: number): Verdict {
  const all = [...app.instances.values()];
  if (app.object.deleting) return verdict(true, 'Terminating', `${instancesText(all.length)} to be killed`);
  const {definition, deployment} = app;
  if (app.block !== undefined) return verdict(false, app.block.reason, app.block.message);
  if (app.waitsForStep && deployment !== undefined) {
    const step = `${workStepOf(deployment, app.object.id)} of ${deployment.steps.length}`;
    return verdict(true, 'WaitingForDeployment', `its turn is step ${step} of deployment ${deployment.id}`);
  }
  if (definition === undefined) return verdict(true, 'Starting', 'not looked at yet');
  const scheduled = scheduledCount(app);
  if (scheduled > 0) return waiting(app, scheduled, nowMs);
  const old = all.filter(instance => isOld(app, instance)).length;
  if (old > 0) return verdict(true, 'RollingUpdate', `${instancesText(old)} of an older version left`);
  const leaving = all.filter(({goal}) => goal === 'Decommissioned').length;
  if (leaving > 0) return verdict(true, 'ScalingDown', `${instancesText(leaving)} to be killed`);
  const starting = all.filter(({condition}) => ['Provisioned', 'Staging', 'Starting'].includes(condition)).length;
  if (starting > 0) return verdict(true, 'Launching', `${instancesText(starting)} starting`);
  if (deployment !== undefined) return verdict(true, 'WaitingForHealth', available(app).message);
  const unreachable = unreachableCount(app);
  if (unreachable > 0) return verdict(false, 'Unreachable', onUnreachable(unreachable));
  const {status, message} = available(app);
  if (status !== 'True') return verdict(false, 'InstancesMissing', message);
  return verdict(false, 'Stable', 'every instance runs as wanted');
}

const unreachableCount = ({instances}: ReadonlyApp): number =>
  [...instances.values()].filter(({task}) => task?.unreachableAtMs !== undefined).length;

const onUnreachable = (count: number): string => `${instancesText(count)} on unreachable agents`;

/** Why instances are not launched, for a person; undefined when none waits. */
export function waitingText(app: ReadonlyApp, nowMs: number): string | undefined {
  const scheduled = scheduledCount(app);
  return scheduled === 0 ? undefined : waiting(app, scheduled, nowMs).message;
}

function waiting(app: ReadonlyApp, scheduled: number, nowMs: number): Verdict {
  const {delay} = app;
  if (delay !== undefined && isDelayed(delay, nowMs)) {
    const until = new Date(delay.untilMs).toISOString();
    return verdict(
      true,
      'BackingOff',
      `${instancesText(scheduled)} waiting until ${until} after ${delay.failures} ${delay.failures === 1 ? 'failure' : 'failures'}`,
    );
  }
  const why = app.offerStats === undefined ? undefined : explainShortage(app.offerStats);
  return verdict(
    true,
    'WaitingForOffers',
    `${instancesText(scheduled)} to be launched${why === undefined ? ', waiting for offers' : `: ${why}`}`,
  );
}

/** There is no way back from a deletion, so the object stays. */
export const DELETION_REFUSED =
  'deleting it with --cascade=orphan would leave its tasks to nobody, so it goes on as before; to delete it with its ' +
  `tasks, delete it through /v2/apps, or remove its annotation ${APP_ANNOTATIONS.kept}`;

function degraded(app: ReadonlyApp, nowMs: number): Verdict {
  if (app.object.kept !== undefined) return verdict(true, 'DeletionRefused', DELETION_REFUSED);
  if (app.block !== undefined) return verdict(true, app.block.reason, app.block.message);
  // Between two launches of an app that fails in a loop nothing is delayed, and yet nothing is well.
  const isFailing = app.delay !== undefined && available(app).status !== 'True';
  if (isFailing || isDelayed(app.delay, nowMs)) {
    const {state = 'TASK_FAILED', message = '', host = ''} = app.lastTaskFailure ?? {};
    return verdict(true, 'TaskFailing', `${state} on ${host}: ${message || 'no message'}`);
  }
  const all = [...app.instances.values()];
  const unreachable = unreachableCount(app);
  if (unreachable > 0) return verdict(true, 'Unreachable', onUnreachable(unreachable));
  const {tasksUnhealthy} = countTasks(all);
  if (tasksUnhealthy > 0) return verdict(true, 'Unhealthy', `${instancesText(tasksUnhealthy)} failing health checks`);
  return verdict(false, 'AsExpected', 'no failures');
}
