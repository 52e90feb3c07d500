import {considerChange, considerDeletion} from './consider-change.ts';
import {leaveDeployment} from '../deployments/deploy.ts';
import {isMadeAgain} from '../deployments/deployment.ts';
import {toInstanceId, type AppId} from '../ids.ts';
import {giveWay} from '../groups/groups.ts';
import {isLaunched} from '../instances/instance.ts';
import {queueKill, removeInstance} from '../instances/kills.ts';
import {report} from '../report.ts';
import {DELETION_REFUSED} from './status.ts';
import {appOf, newApp, type App, type AppObject, type Block, type Turn} from '../state.ts';
import {tell} from '../tell.ts';
import {forgetLost} from '../instances/lost.ts';
import {wipe} from '../residents/residents.ts';
import {useServicePorts} from '../ports/used-ports.ts';
import {reconsiderForbidden} from './forbidden.ts';
import {putInForce} from './in-force.ts';
import {fileInGroups, removeFromGroups, ruleProblem} from './rules.ts';

export function onAppSeen(turn: Turn, object: AppObject): void {
  const {state} = turn;
  // It is looked after again: what runs for it is asked for.
  if (state.aside.delete(object.name)) state.nextReconcileMs = turn.nowMs;
  const known = state.apps.get(object.name);
  // Deleted and made again between two looks: another app under the same name.
  if (known !== undefined && known.object.uid !== object.uid) onAppGone(turn, object.name, known.object.uid);
  const app = state.apps.get(object.name) ?? newAppFrom(turn, object);
  const before = app.object;
  app.object = keepWhatWasKept(before, object);
  // As long as this Marathon has written nothing, an earlier leader's last words may still come.
  if (known === undefined || !state.ready) recallStatus(turn, app);
  if (app.object.kept === 'orphan' && (known === undefined || before.kept === undefined)) keepApp(turn, app);
  state.apps.set(object.name, app);
  const claims = state.claims.get(object.id) ?? new Set();
  state.claims.set(object.id, claims.add(object.name));
  fileInGroups(state, object.id);
  if (state.ready) considerClaims(turn, app);
}

/** Kubernetes may take its finalizer away before the refusal is noted on the object. */
const keepWhatWasKept = (before: AppObject, object: AppObject): AppObject =>
  before.uid === object.uid && before.kept === 'orphan' && object.deleting
    ? {...object, kept: 'orphan', deleting: false}
    : object;

function keepApp(turn: Turn, app: App): void {
  const {name, uid} = app.object;
  report(turn, app, 'Warning', 'DeletionRefused', DELETION_REFUSED);
  turn.effects.push({kind: 'keep-app', name, uid});
}

/** What an earlier leader wrote down. */
function recallStatus(turn: Turn, app: App): void {
  const {status} = app.object;
  app.lastTaskFailure = status?.lastTaskFailure;
  if (status?.version === undefined) return;
  const {version, versionInfo, reservations = []} = status;
  for (const {instanceId, ...reserved} of reservations) app.reserved.set(toInstanceId(instanceId), reserved);
  app.versionInfo = {version, ...(versionInfo ?? {lastScalingAt: version, lastConfigChangeAt: version})};
  app.config = status.configHash ?? app.object.config;
  app.restartedAt = status.restartedAt;
  const {launchDelay} = status;
  if (launchDelay === undefined) return;
  const untilMs = Date.parse(launchDelay.until);
  app.delay = {failures: launchDelay.failures, delayMs: Math.max(0, untilMs - turn.nowMs), untilMs};
}

/** Its ports are known before any app is given one of its own. */
function newAppFrom({state}: Turn, object: AppObject): App {
  const app = newApp(object);
  useServicePorts(state, app, object.status?.servicePorts ?? []);
  return app;
}

/** Its tasks stay: nobody knows them, and nobody kills them. */
export function onAppAside({state}: Turn, name: string, id: AppId): void {
  state.aside.set(name, id);
}

export function onAppGone(turn: Turn, name: string, uid: string): void {
  const {state} = turn;
  state.aside.delete(name);
  const app = state.apps.get(name);
  if (app === undefined || app.object.uid !== uid) return;
  turn.touched.add(app);
  for (const instance of [...app.instances.values()]) {
    const {task} = instance;
    removeInstance(turn, app, instance);
    if (task !== undefined && isLaunched(instance)) queueKill(turn, task.taskId, task.agent.agentId);
  }
  forgetLost(turn, app, ...app.lost);
  for (const id of [...app.reserved.keys()]) wipe(state, app, id);
  useServicePorts(state, app, []);
  putInForce(state, app, undefined);
  const owned = appOf(state, app.object.id) === app;
  state.apps.delete(name);
  const claims = state.claims.get(app.object.id);
  claims?.delete(name);
  if (claims?.size === 0) {
    state.claims.delete(app.object.id);
    removeFromGroups(state, app.object.id);
  }
  state.forbidden.delete(name);
  reconsiderForbidden(turn);
  if (owned) tellEnd(turn, app);
  if (owned && !isMadeAgain(state.locks.get(app.object.id), app.object.id))
    leaveDeployment(turn, app.object.id, `${app.object.id} is gone`);
  // Another object that claimed the id may have its turn now.
  for (const other of claims ?? []) considerByName(turn, other);
}

function tellEnd(turn: Turn, {object}: App): void {
  const {id: appId, definition} = object;
  if (definition.ok && definition.value.hasHealthChecks) tell(turn, {eventType: 'remove_health_check_event', appId});
  tell(turn, {eventType: 'app_terminated_event', appId});
}

/** Looks at an app and at every other object that claims its id: who of them owns it may have changed. */
function considerClaims(turn: Turn, app: App): void {
  for (const name of turn.state.claims.get(app.object.id) ?? []) considerByName(turn, name);
}

function considerByName(turn: Turn, name: string): void {
  const app = turn.state.apps.get(name);
  if (app !== undefined && turn.state.ready) consider(turn, app);
}

/** Compares an app's object with what is in force and begins what follows from the difference. */
export function consider(turn: Turn, app: App): void {
  turn.touched.add(app);
  const {object} = app;
  if (appOf(turn.state, object.id) === app) app.deployment = turn.state.locks.get(object.id);
  if (object.deleting) return considerDeletion(turn, app);
  const block = blockOf(turn, app);
  if (block !== undefined) return setBlock(turn, app, block);
  if (!object.definition.ok) return;
  const forbidden = ruleProblem(turn.state, app, object.definition.value);
  if (forbidden !== undefined) {
    turn.state.forbidden.add(object.name);
    return setBlock(turn, app, {reason: 'InvalidSpec', message: forbidden});
  }
  turn.state.forbidden.delete(object.name);
  if (!object.claimed) turn.effects.push({kind: 'claim-app', name: object.name, uid: object.uid});
  const before = app.definition;
  const problem = considerChange(turn, app, object.definition.value);
  if (before === undefined && app.definition !== undefined) giveWay(turn, object.id);
  if (app.definition !== before) reconsiderForbidden(turn);
  if (problem === undefined) app.block = undefined;
  else setBlock(turn, app, problem);
}

/** It has its turn in a deployment, or lost its place in one. */
export function reconsider(turn: Turn, app: App): void {
  if (turn.state.ready && turn.state.apps.get(app.object.name) === app) consider(turn, app);
}

function blockOf(turn: Turn, {object}: App): Block | undefined {
  const owner = appOf(turn.state, object.id)?.object.name ?? object.name;
  if (owner !== object.name) {
    return {reason: 'DuplicateId', message: `${object.id} belongs to the older MarathonApp ${owner}`};
  }
  return object.definition.ok ? undefined : {reason: 'InvalidSpec', message: object.definition.error};
}

function setBlock(turn: Turn, app: App, block: Block): void {
  if (app.block?.message !== block.message) report(turn, app, 'Warning', block.reason, block.message);
  app.block = block;
  putInForce(turn.state, app, undefined);
  if (app.deployment === undefined) return;
  leaveDeployment(turn, app.object.id, block.message);
  app.deployment = undefined;
}
