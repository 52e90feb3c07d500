import type {AppDefinition} from './app.ts';
import {startDeployment} from '../deployments/deploy.ts';
import type {DeploymentKind} from '../deployments/deployment.ts';
import {startRestart} from '../deployments/drive.ts';
import {uuid, versionAt} from '../ids.ts';
import {isLaunched, isWanted} from '../instances/instance.ts';
import {assignServicePorts} from '../ports/service-ports.ts';
import {isOld, type App, type Block, type Turn, type VersionInfo} from '../state.ts';

type Change = 'none' | 'new' | 'scale' | 'config' | 'restart';

/** Puts a definition in force: version, service ports, and a deployment where something changed. */
export function considerChange(turn: Turn, app: App, definition: AppDefinition): Block | undefined {
  if (app.versionInfo === undefined) recallStatus(turn, app);
  const change = changeOf(app, definition);
  const ports = servicePorts(turn, app, definition, change);
  if (typeof ports === 'string') return {reason: 'NoServicePort', message: ports};
  const first = app.definition === undefined;
  app.servicePorts = ports;
  app.definition = definition;
  app.config = app.object.config;
  app.restartedAt = app.object.restartedAt;
  const stamp = change === 'none' ? (first ? leftOver(turn, app) : undefined) : newStamp(turn, app);
  if (stamp === undefined) return undefined;
  applyVersion(app, change, stamp.version);
  refreshScheduled(app);
  begin(turn, app, definition, change, stamp);
  return undefined;
}

/** A deployment that an earlier leader did not finish, by its own record or by the tasks that still run. */
function leftOver(turn: Turn, app: App): Stamp | undefined {
  const version = app.versionInfo?.version ?? '';
  const mixed = [...app.instances.values()].some(instance => isLaunched(instance) && isOld(app, instance));
  return app.object.status?.deployments?.[0] ?? (mixed ? {id: uuid(turn.random), version} : undefined);
}

/** What an earlier leader wrote down. */
function recallStatus(turn: Turn, app: App): void {
  const {status} = app.object;
  app.lastTaskFailure = status?.lastTaskFailure;
  if (status?.version === undefined) return;
  const {version, versionInfo} = status;
  app.versionInfo = {version, ...(versionInfo ?? {lastScalingAt: version, lastConfigChangeAt: version})};
  app.config = status.configHash ?? app.object.config;
  app.restartedAt = status.restartedAt;
  const {launchDelay} = status;
  if (launchDelay === undefined) return;
  const untilMs = Date.parse(launchDelay.until);
  app.delay = {failures: launchDelay.failures, delayMs: Math.max(0, untilMs - turn.nowMs), untilMs};
}

function changeOf(app: App, definition: AppDefinition): Change {
  const {object} = app;
  if (app.versionInfo === undefined) return 'new';
  if (object.config !== app.config) return object.restartedAt === app.restartedAt ? 'config' : 'restart';
  if (app.definition !== undefined) return app.definition.instances === definition.instances ? 'none' : 'scale';
  // Seen for the first time by this leader, with the same configuration: anything else can only be the scale.
  return object.generation === object.status?.observedGeneration ? 'none' : 'scale';
}

function servicePorts(turn: Turn, app: App, definition: AppDefinition, change: Change): readonly number[] | string {
  const wanted = definition.ports.map(port => port.servicePort);
  if (change !== 'config' && app.servicePorts.length === wanted.length) return app.servicePorts;
  const others = [...turn.state.apps.values()].filter(other => other !== app);
  const taken = new Set(others.flatMap(other => other.servicePorts));
  const assigned = assignServicePorts(wanted, app.servicePorts, taken, turn.state.settings.servicePorts);
  return assigned.ok ? assigned.value : assigned.error;
}

type Stamp = {readonly id: string; readonly version: string};

/** A change through REST brought its version and deployment along; one through kubectl gets them here. */
function newStamp(turn: Turn, app: App): Stamp {
  const {version, deploymentId} = app.object;
  const current = app.versionInfo?.version ?? '';
  if (version !== undefined && version > current) return {version, id: deploymentId ?? uuid(turn.random)};
  const next = Math.max(turn.nowMs, current === '' ? 0 : Date.parse(current) + 1);
  return {version: versionAt(next), id: uuid(turn.random)};
}

function applyVersion(app: App, change: Change, version: string): void {
  const before = app.versionInfo ?? {version, lastScalingAt: version, lastConfigChangeAt: version};
  const next: Record<Change, VersionInfo> = {
    none: before,
    new: {version, lastScalingAt: version, lastConfigChangeAt: version},
    config: {version, lastScalingAt: version, lastConfigChangeAt: version},
    scale: {...before, version, lastScalingAt: version},
    restart: {...before, version, lastConfigChangeAt: version},
  };
  app.versionInfo = next[change];
  // Scaling does not forgive failures; anything else starts afresh.
  if (change !== 'scale' && change !== 'none') app.delay = undefined;
}

/** What was not launched yet will be with the definition in force. */
function refreshScheduled(app: App): void {
  for (const instance of app.instances.values()) {
    if (isLaunched(instance)) continue;
    instance.config = app.config;
    instance.version = app.versionInfo?.version ?? instance.version;
  }
}

/** A restart while old instances run and any are wanted; else a scaling. */
function begin(turn: Turn, app: App, definition: AppDefinition, change: Change, stamp: Stamp): void {
  const all = [...app.instances.values()];
  const restart = definition.instances > 0 && all.some(it => isLaunched(it) && isOld(app, it));
  const kind: DeploymentKind =
    change === 'new' ? 'start' : restart || isRestart(change, definition) ? 'restart' : 'scale';
  startDeployment(turn, app, {
    ...stamp,
    kind,
    growing: definition.instances > all.filter(isWanted).length || kind === 'start',
    restart: kind === 'restart' || restart ? startRestart(app, definition) : undefined,
  });
}

const isRestart = (change: Change, {instances}: AppDefinition): boolean =>
  instances > 0 && (change === 'config' || change === 'restart');

/** The object is to go; its tasks go before it. */
export function considerDeletion(turn: Turn, app: App): void {
  if (app.deployment?.kind === 'stop') return;
  if (app.versionInfo === undefined) recallStatus(turn, app);
  const stamp = newStamp(turn, app);
  app.definition = undefined;
  startDeployment(turn, app, {...stamp, kind: 'stop', growing: false, restart: undefined});
}
