import type {AppDefinition} from './app.ts';
import type {VersionInfo} from './app-version.ts';
import {putInForce} from './in-force.ts';
import {beginAction, letGo, startDeployment} from '../deployments/deploy.ts';
import {isMadeAgain, workOf, workStepOf, type ActionProgress, type Deployment} from '../deployments/deployment.ts';
import {planSteps, type PlannedChange} from '../deployments/plan.ts';
import {startRestart} from '../deployments/restart.ts';
import {uuid, versionAt} from '../ids.ts';
import {isLaunched, wantedCount} from '../instances/instance.ts';
import {assignServicePorts} from '../ports/service-ports.ts';
import {isUsedByOthers, useServicePorts} from '../ports/used-ports.ts';
import {tellChange, tellHealthChecks} from '../tell.ts';
import {appOf, isOld, type App, type Block, type Turn} from '../state.ts';

type Change = 'none' | 'new' | 'scale' | 'config' | 'restart';

/**
 * Puts a definition in force: version, service ports, and a deployment where something changed. A change that belongs
 * to a later step of its deployment waits for that step; until then the former definition stays in force.
 */
export function considerChange(turn: Turn, app: App, definition: AppDefinition): Block | undefined {
  const {id} = app.object;
  const change = changeOf(app, definition);
  if (isExpected(turn, app, change)) return undefined;
  const first = app.definition === undefined;
  // Its deployment was cancelled before its step: the definition comes into force, and what runs stays.
  const orphaned = app.waitsForStep && app.deployment === undefined;
  const lock = app.deployment !== undefined && belongsTo(app, change, app.deployment) ? app.deployment : undefined;
  if (change !== 'none' && lock !== undefined && workStepOf(lock, id) > lock.currentStep) {
    letWait(turn, app, definition, versionAfter(app, change, lock.version));
    return undefined;
  }
  app.waitsForStep = false;
  const ports = servicePorts(turn, app, definition, change);
  if (typeof ports === 'string') return {reason: 'NoServicePort', message: ports};
  const stamp = change === 'none' ? undefined : (lock ?? newStamp(turn, app));
  const kind = kindOf(app, definition, change);
  const deployment = lock ?? (orphaned ? undefined : ownDeployment(turn, app, kind, stamp, first));
  if (deployment !== undefined && stamp !== undefined && workStepOf(deployment, id) > deployment.currentStep) {
    letWait(turn, app, definition, versionAfter(app, change, stamp.version));
    return undefined;
  }
  useServicePorts(turn.state, app, ports);
  const hadChecks = app.definition?.hasHealthChecks === true;
  putInForce(turn.state, app, definition);
  app.config = app.object.config;
  app.restartedAt = app.object.restartedAt;
  if (stamp !== undefined) applyVersion(turn, app, definition, change, stamp.version);
  if (stamp !== undefined && change !== 'scale') tellHealthChecks(turn, app, hadChecks);
  refreshScheduled(app);
  if (deployment === undefined || deployment.progress.has(id)) return undefined;
  if (workStepOf(deployment, id) !== deployment.currentStep) return undefined;
  nameVictims(app, stamp?.version);
  beginAction(turn, app, deployment, progressOf(app, definition, kind));
  return undefined;
}

/** A plan comes before the writes of its apps: until its own has come, an app stays as it is. */
function isExpected(turn: Turn, app: App, change: Change): boolean {
  const {deployment, object} = app;
  if (deployment?.expected.has(object.id) !== true) return false;
  // What waited for its step in an earlier deployment waits on.
  if (object.deploymentId !== deployment.id) return change === 'none' || app.waitsForStep;
  deployment.expected.delete(object.id);
  if (workStepOf(deployment, object.id) === 0) letGo(turn, deployment, object.id);
  return false;
}

/** The lock is of this change, and not of an earlier one that this one is to replace. */
const belongsTo = (app: App, change: Change, {version}: Deployment): boolean =>
  change === 'none' || version > (app.versionInfo?.version ?? '');

/** A deployment of this app alone: for a change from kubectl, or one that an earlier leader had not finished. */
function ownDeployment(
  turn: Turn,
  app: App,
  kind: PlannedChange['change'],
  stamp: Stamp | undefined,
  first: boolean,
): Deployment | undefined {
  const plan = stamp ?? (first ? leftOver(turn, app) : undefined);
  if (plan === undefined) return undefined;
  if (stamp !== undefined) tellChange(turn, [app.object.id], plan);
  const steps = planSteps([{app: app.object.id, change: kind}], () => 0);
  const {spec} = app.definition ?? {};
  const former = kind === 'start' ? undefined : spec && {spec, restartedAt: app.restartedAt};
  const isKnown = kind === 'start' || former !== undefined;
  const before = isKnown ? {apps: new Map([[app.object.id, former]]), groups: new Map()} : undefined;
  // One of the same change may be under way without this app.
  const id = turn.state.deployments.has(plan.id) ? uuid(turn.random) : plan.id;
  return startDeployment(turn, {id, version: plan.version, steps, before});
}

/** A deployment that an earlier leader did not finish, by its record; or what a mended spec has left half-way. */
function leftOver(turn: Turn, app: App): Stamp | undefined {
  const version = app.versionInfo?.version ?? '';
  const mixed = app.block !== undefined && hasOld(app);
  return app.object.status?.deployments?.[0] ?? (mixed ? {id: uuid(turn.random), version} : undefined);
}

const hasOld = (app: App): boolean => [...app.instances.values()].some(it => isLaunched(it) && isOld(app, it));

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
  const {state} = turn;
  const isTaken = (port: number): boolean => isUsedByOthers(state, app, port);
  const assigned = assignServicePorts(wanted, app.servicePorts, isTaken, state.settings.servicePorts);
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

function applyVersion(turn: Turn, app: App, definition: AppDefinition, change: Change, version: string): void {
  app.versionInfo = versionAfter(app, change, version);
  keepVersion(turn, app, definition, app.versionInfo);
  // Scaling does not forgive failures; anything else starts afresh.
  if (change !== 'scale') app.delay = undefined;
}

function versionAfter(app: App, change: Change, version: string): VersionInfo {
  const before = app.versionInfo ?? {version, lastScalingAt: version, lastConfigChangeAt: version};
  const next: Record<Change, VersionInfo> = {
    none: before,
    new: {version, lastScalingAt: version, lastConfigChangeAt: version},
    config: {version, lastScalingAt: version, lastConfigChangeAt: version},
    scale: {...before, version, lastScalingAt: version},
    restart: {...before, version, lastConfigChangeAt: version},
  };
  return next[change];
}

/** Accepted, and kept from now on; in force with its step. */
function letWait(turn: Turn, app: App, definition: AppDefinition, version: VersionInfo): void {
  if (!app.waitsForStep) keepVersion(turn, app, definition, version);
  app.waitsForStep = true;
}

function keepVersion(turn: Turn, app: App, {spec}: AppDefinition, version: VersionInfo): void {
  const {name, uid} = app.object;
  turn.effects.push({kind: 'keep-version', name, uid, version: {...version, spec, servicePorts: app.servicePorts}});
}

/** What was not launched yet will be with the definition in force. */
function refreshScheduled(app: App): void {
  for (const instance of app.instances.values()) {
    if (isLaunched(instance)) continue;
    instance.config = app.config;
    instance.version = app.versionInfo?.version ?? instance.version;
  }
}

/** A restart where the configuration changes, or old instances still run; else a scaling. */
function kindOf(app: App, {instances}: AppDefinition, change: Change): PlannedChange['change'] {
  if (change === 'new') return 'start';
  const {config} = app.object;
  const mixed = [...app.instances.values()].some(it => isLaunched(it) && it.config !== config);
  return instances > 0 && (change === 'config' || change === 'restart' || mixed) ? 'restart' : 'scale';
}

function progressOf(app: App, definition: AppDefinition, kind: PlannedChange['change']): ActionProgress {
  return {
    growing: kind === 'start' || definition.instances > wantedCount(app),
    restart:
      kind === 'restart' || (definition.instances > 0 && hasOld(app)) ? startRestart(app, definition) : undefined,
    done: false,
  };
}

/** They came with the change that is now in force, so they go with it and with no other. */
function nameVictims(app: App, version: string | undefined): void {
  const {victims} = app.object;
  app.victims = new Set(version !== undefined && app.object.version === version ? victims : []);
}

/** The object is to go; its tasks go before it, in its step where it goes with others. */
export function considerDeletion(turn: Turn, app: App): void {
  const {id} = app.object;
  const planned = app.deployment;
  if (isMadeAgain(planned, id)) return endApp(turn, app);
  if (planned === undefined || workOf(planned, id) !== 'StopApplication') beginStop(turn, app);
  const {deployment} = app;
  if (deployment === undefined || deployment.progress.has(id)) return;
  if (workStepOf(deployment, id) > deployment.currentStep) return;
  endApp(turn, app);
  beginAction(turn, app, deployment, {growing: false, restart: undefined, done: false});
}

function endApp(turn: Turn, app: App): void {
  putInForce(turn.state, app, undefined);
  app.unmade = 0;
  turn.touched.add(app);
}

function beginStop(turn: Turn, app: App): void {
  // A second object that claims the id has no say in what happens to the first.
  if (appOf(turn.state, app.object.id) !== app) return;
  const steps = planSteps([{app: app.object.id, change: 'stop'}], () => 0);
  const stamp = newStamp(turn, app);
  tellChange(turn, [app.object.id], stamp);
  const {definition, restartedAt} = app.object;
  const former = definition.ok ? {spec: definition.value.spec, restartedAt} : undefined;
  const before = former && {apps: new Map([[app.object.id, former]]), groups: new Map()};
  startDeployment(turn, {...stamp, steps, before});
}
