import {blame} from '../../../lib/blame.ts';
import type {Random} from '../../../lib/clock.ts';
import {onAppAside, onAppGone, onAppSeen, reconsider} from './apps/apps.ts';
import type {Command} from './commands.ts';
import {recount, updateDemand} from './offers/demand.ts';
import {advanceDeployment} from './deployments/advance.ts';
import type {Deployment} from './deployments/deployment.ts';
import {onDeploymentGone, onDeploymentSeen, onPlan, onPlanWritten} from './deployments/planned.ts';
import {considerGroup, noteGroups, onGroupGone, onGroupSeen} from './groups/groups.ts';
import {report} from './report.ts';
import {drive} from './deployments/drive.ts';
import type {Effect} from './effects.ts';
import {wipe} from './residents/residents.ts';
import {onProbeAnswer} from './health/answers.ts';
import {decommission, flushKills, queueKill} from './instances/kills.ts';
import {forgetAgent} from './offers/offer-stats.ts';
import {onOffers} from './offers/offers.ts';
import {onRestored} from './instances/restore.ts';
import {instancePrefix, prefixOf} from './ids.ts';
import {newTurn, type App, type MarathonState, type Turn} from './state.ts';
import {onLeavingAgents} from './deployments/surge.ts';
import {subjectOfApp} from './subjects.ts';
import {onTick} from './tick.ts';
import {findTask, onUpdate, reschedule} from './instances/updates.ts';

/** Takes one command in: changes the state in place and tells what the world must do about it, in order. */
export function step(state: MarathonState, command: Command, nowMs: number, random: Random): readonly Effect[] {
  const turn = newTurn(state, nowMs, random);
  handle(turn, command);
  const seen = settle(turn);
  flushKills(turn);
  updateDemand(turn);
  for (const app of seen.apps) {
    if (state.apps.get(app.object.name) === app) turn.effects.push({kind: 'app-changed', name: app.object.name});
  }
  for (const id of noteGroups(turn, seen.apps)) turn.effects.push({kind: 'group-changed', id});
  for (const {id} of seen.deployments) turn.effects.push({kind: 'deployment-changed', id});
  return turn.effects;
}

type Seen = {readonly apps: ReadonlySet<App>; readonly deployments: ReadonlySet<Deployment>};

/** Drives what was touched. An action that ends may let a deployment go on, whose next step touches other apps. */
function settle(turn: Turn): Seen {
  const apps = new Set<App>();
  const deployments = new Set<Deployment>();
  while (turn.touched.size + turn.reconsider.size + turn.deployments.size + turn.reconsiderGroups.size > 0) {
    for (const group of drained(turn.reconsiderGroups)) {
      blame({kind: 'MarathonGroup', name: group.object.name}, () => considerGroup(turn, group));
    }
    for (const app of drained(turn.reconsider)) blame(subjectOfApp(app), () => reconsider(turn, app));
    for (const app of drained(turn.touched)) {
      blame(subjectOfApp(app), () => driveOne(turn, app));
      apps.add(app);
    }
    for (const deployment of drained(turn.deployments)) {
      deployments.add(deployment);
      blame({kind: 'MarathonDeployment', name: deployment.id}, () => advanceDeployment(turn, deployment));
    }
  }
  return {apps, deployments};
}

function driveOne(turn: Turn, app: App): void {
  if (turn.state.apps.get(app.object.name) === app) drive(turn, app);
  recount(turn, app);
}

function drained<T>(set: Set<T>): readonly T[] {
  const items = [...set];
  set.clear();
  return items;
}

function handle(turn: Turn, command: Command): void {
  const {state} = turn;
  switch (command.kind) {
    case 'app-seen':
      return onAppSeen(turn, command.object);
    case 'app-gone':
      return onAppGone(turn, command.name, command.uid);
    case 'group-seen':
      return onGroupSeen(turn, command.object);
    case 'group-gone':
      return onGroupGone(turn, command.name, command.uid);
    case 'subscribed':
      return onSubscribed(turn, command);
    case 'restored':
      return onRestored(turn, command.tasks, command.agents);
    case 'disconnected':
      state.connected = false;
      return;
    case 'offers':
      return onOffers(turn, command.offers);
    case 'update':
      return onUpdate(turn, command.status);
    case 'agent-removed':
      return onAgentRemoved(turn, command.agentId);
    case 'agents-leaving':
      return onLeavingAgents(turn, command.agentIds);
    case 'accept-refused':
      return onAcceptRefused(turn, command.taskIds, command.message);
    case 'kill-instances':
      return onKillInstances(turn, command);
    case 'app-aside':
      return onAppAside(turn, command.name, command.id);
    case 'deployment-seen':
      return onDeploymentSeen(turn, command.deployment);
    case 'deployment-gone':
      return onDeploymentGone(turn, command.id, 'its MarathonDeployment was deleted');
    case 'cancel-deployment':
      return onDeploymentGone(turn, command.id, 'somebody asked for it');
    case 'plan-deployment':
      return onPlan(turn, command);
    case 'plan-written':
      return onPlanWritten(turn, command.id, command.failed);
    case 'probe-answer':
      return onProbeAnswer(turn, command.taskId, command.check, command.answer);
    case 'reset-delay':
      return onResetDelay(turn, command.name);
    case 'tick':
      return onTick(turn);
    default:
      return command satisfies never;
  }
}

function onSubscribed(turn: Turn, command: Extract<Command, {kind: 'subscribed'}>): void {
  const {state} = turn;
  state.connected = true;
  state.frameworkId = command.frameworkId;
  state.homeRegion = command.homeRegion;
  state.subscribedRoles = new Set(command.roles);
  state.roles.clear();
  for (const role of command.roles) {
    state.roles.set(role, {suppressed: command.suppressedRoles.includes(role), filtered: false, newWork: false});
  }
  state.nextReconcileMs = turn.nowMs + state.settings.reconciliationInitialDelayMs;
}

function onAgentRemoved({state, touched}: Turn, agentId: string): void {
  state.agents.delete(agentId);
  for (const app of state.apps.values()) if (app.offerStats?.lastByAgent.has(agentId) === true) touched.add(app);
  for (const {offerStats} of state.apps.values()) if (offerStats !== undefined) forgetAgent(offerStats, agentId);
}

function onAcceptRefused(turn: Turn, taskIds: readonly string[], message: string): void {
  for (const taskId of taskIds) {
    const found = findTask(turn, taskId);
    if (found === undefined || found.instance.condition !== 'Provisioned') continue;
    reschedule(turn, found.app, found.instance);
    report(turn, found.app, 'Warning', 'LaunchRefused', message);
  }
}

/** A person's kill adds no delay: the instance is launched again, unless it was decommissioned. */
function onKillInstances(
  turn: Turn,
  {instanceIds, decommission: forGood}: Extract<Command, {kind: 'kill-instances'}>,
): void {
  const byPrefix = Map.groupBy(instanceIds, prefixOf);
  for (const app of turn.state.apps.values()) {
    for (const id of byPrefix.get(instancePrefix(app.object.id)) ?? []) {
      const instance = app.instances.get(id);
      if (instance === undefined) continue;
      if (forGood) {
        wipe(turn.state, app, id);
        decommission(turn, app, instance);
      } else if (instance.task !== undefined) queueKill(turn, instance.task.taskId, instance.task.agent.agentId);
    }
  }
}

function onResetDelay(turn: Turn, name: string): void {
  const app = turn.state.apps.get(name);
  if (app === undefined) return;
  app.delay = undefined;
  turn.touched.add(app);
}
