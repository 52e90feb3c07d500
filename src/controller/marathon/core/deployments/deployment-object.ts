import {decodeObject} from '../../../../crds/kind.ts';
import {MARATHON_DEPLOYMENTS, type MarathonDeployment} from '../../../../crds/marathon-deployment.ts';
import type {KubeObject} from '../../../../kube/types.ts';
import type {DeepReadonly} from '../../../../lib/deep-readonly.ts';
import {toAppId, toInstanceId, type AppId} from '../ids.ts';
import {
  affectedApps,
  currentActions,
  describeActions,
  type ActionProgress,
  type Before,
  type Deployment,
  type ReadonlyDeployment,
  type DeploymentStep,
} from './deployment.ts';

type Spec = MarathonDeployment['spec'];
type Status = NonNullable<MarathonDeployment['status']>;

/** What does not change while the deployment is under way. */
export const deploymentSpec = (deployment: ReadonlyDeployment): Spec => ({
  version: deployment.version,
  startedAt: new Date(deployment.startedAtMs).toISOString(),
  apps: [...affectedApps(deployment)],
  steps: deployment.steps.map(({actions}) => ({actions: actions.map(it => ({...it}))})),
  before: deployment.before && beforeRecord(deployment.before),
});

/** An object may have 1.5 MiB in etcd, and there is more in it. */
const MOST_BEFORE = 1_000_000;

/** @returns undefined when it is too much: then only this leader knows how to go back */
function beforeRecord({apps, groups}: Before): Spec['before'] {
  const record = {
    apps: [...apps].map(([app, former]) => ({app, ...former})),
    groups: [...groups].map(([group, spec]) => ({group, ...(spec === undefined ? {} : {spec})})),
  };
  return JSON.stringify(record).length > MOST_BEFORE ? undefined : record;
}

function beforeOf({apps, groups}: NonNullable<Spec['before']>): Before {
  return {
    apps: new Map(apps.map(({app, spec, restartedAt}) => [toAppId(app), spec && {spec, restartedAt}])),
    groups: new Map(groups.map(({group, spec}) => [toAppId(group), spec])),
  };
}

/** What the next leader goes on from, and what people see of it. */
export function deploymentStatus(deployment: ReadonlyDeployment): Status {
  const actions = currentActions(deployment);
  const done = actions.filter(({app}) => deployment.progress.get(app)?.done === true).length;
  return {
    step: `${deployment.currentStep} of ${deployment.steps.length}`,
    doing: describeActions(actions),
    done: `${done} of ${actions.length}`,
    currentStep: deployment.currentStep,
    progress: [...deployment.progress].map(([app, progress]) => progressRecord(app, progress)),
  };
}

function progressRecord(
  app: AppId,
  {done, growing, restart}: DeepReadonly<ActionProgress>,
): NonNullable<Status['progress']>[number] {
  if (restart === undefined) return {app, done, growing};
  const {killNow, max, killed, credited} = restart;
  return {app, done, growing, killNow, max, killed, credited: [...credited]};
}

/** @returns undefined when the object can't be read: somebody else wrote it */
export function toDeployment(raw: KubeObject): Deployment | undefined {
  const decoded = decodeObject(MARATHON_DEPLOYMENTS, raw);
  if (!decoded.ok) return undefined;
  const {spec, status, metadata} = decoded.value;
  return {
    id: metadata.name,
    version: spec.version,
    startedAtMs: Date.parse(spec.startedAt),
    steps: spec.steps.map(({actions}): DeploymentStep => ({
      actions: actions.map(({action, app}) => ({action, app: toAppId(app)})),
    })),
    currentStep: status?.currentStep ?? 1,
    progress: new Map((status?.progress ?? []).map(record => [toAppId(record.app), progressOf(record)])),
    expected: new Set(),
    before: spec.before && beforeOf(spec.before),
  };
}

function progressOf(record: NonNullable<Status['progress']>[number]): ActionProgress {
  const {done, growing, killNow, max, killed = 0, credited = []} = record;
  const restart =
    killNow === undefined || max === undefined
      ? undefined
      : {killNow, max, killed, credited: new Set(credited.map(toInstanceId))};
  return {done, growing, restart};
}
