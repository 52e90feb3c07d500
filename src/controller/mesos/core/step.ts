import type {FrameworkCall} from '../../../api/mesos/v1/scheduler.ts';
import {toFrameworkId} from '../../../allocator/ids.ts';
import {inOneGo} from '../../../allocator/slices.ts';
import {accept, decline} from './accept/accept.ts';
import {agentIdStored, agentObjectGone, agentSeen, leaseSeen, lookAtAgents, nodeSeen} from './agents/presence.ts';
import {allocate} from './offers/allocate.ts';
import type {Command, Denied} from './commands.ts';
import {continueDrains} from './agents/drain.ts';
import type {Effect} from './effects.ts';
import type {AgentId, FrameworkId} from './ids.ts';
import {removeFramework} from './frameworks/framework-removal.ts';
import {killTask} from './tasks/kill.ts';
import {failOverdueLaunches} from './tasks/launch-timeout.ts';
import {roleProblem, rolesOf} from './frameworks/names.ts';
import {rescindOldOffers} from './offers/offers.ts';
import {answerInverseOffers, rescindOldInverseOffers} from './maintenance/inverse-offers.ts';
import {setMaintenance} from './maintenance/maintain.ts';
import {acknowledgeOperation, reconcileOperations, resendOperations} from './operations/feedback.ts';
import {operate} from './operations/operate.ts';
import {afterSave, reservationsNotSaved, reservationsSaved, saveChanges} from './operations/saves.ts';
import {reconcile} from './tasks/reconcile.ts';
import {launchRefused, podGone, podRead, podReleased, podSeen} from './tasks/pods.ts';
import {restore} from './restore.ts';
import {retryWishes, setWishes} from './roles/roles.ts';
import type {Framework, Master} from './state.ts';
import {
  disconnected,
  frameworkNotSaved,
  frameworkSaved,
  removeOverdueFrameworks,
  subscribe,
  updateFramework,
} from './frameworks/subscription.ts';
import {Turn} from './turn.ts';
import {acknowledge, resendDue} from './tasks/updates.ts';

/**
 * The master's owner does one thing: changes `master` and answers what the world must do about it.
 *
 * @param nowMs wall clock; never goes back
 * @returns     effects, to be performed in order
 */
export function step(master: Master, command: Command, nowMs: number): readonly Effect[] {
  const turn = new Turn(master, nowMs);
  perform(turn, command);
  return turn.finish();
}

function perform(turn: Turn, command: Command): void {
  const {master} = turn;
  switch (command.kind) {
    case 'restore':
      return restore(turn, command);
    case 'subscribe':
      return subscribe(turn, command.streamId, command.call, command.principal);
    case 'framework-saved':
      return frameworkSaved(turn, command);
    case 'framework-not-saved':
      return frameworkNotSaved(turn, command);
    case 'disconnected':
      return disconnected(turn, command.streamId);
    case 'call':
      return performCall(turn, command.call, command.denied);
    case 'maintenance':
      return setMaintenance(turn, command.maintenance);
    case 'operate':
      return operate(turn, command);
    case 'reservations-saved':
      return reservationsSaved(turn, command.agentId, command.saveId);
    case 'reservations-not-saved':
      return reservationsNotSaved(turn, command.agentId, command.saveId, command.message);
    case 'agent-seen':
      return agentSeen(turn, command);
    case 'agent-object-gone':
      return agentObjectGone(turn, command);
    case 'lease-seen':
      return leaseSeen(turn, command);
    case 'node-seen':
      return nodeSeen(turn, command);
    case 'agent-id-stored':
      return agentIdStored(turn, command);
    case 'pod-seen':
    case 'pod-read':
    case 'pod-gone':
    case 'pod-released':
    case 'launch-refused':
      return performOnPod(turn, command);
    case 'allocate':
      return inOneGo(allocate(turn, command.periodic ? 'periodic' : 'events'));
    case 'tick':
      return tick(turn);
    case 'roles':
      return setWishes(turn, command.wishes);
    case 'whitelist':
      return master.allocator.updateWhitelist(command.hostnames);
    case 'domain':
      master.domain = command.domain;
      return master.allocator.updateDomain(command.domain);
    case 'teardown':
      return tearDown(turn, command.frameworkId);
    default:
      return command satisfies never;
  }
}

type PodCommand = Extract<Command, {readonly kind: `pod-${string}` | 'launch-refused'}>;

function performOnPod(turn: Turn, command: PodCommand): void {
  switch (command.kind) {
    case 'pod-seen':
      return podSeen(turn, command);
    case 'pod-read':
      return podRead(turn, command);
    case 'pod-gone':
      return podGone(turn, command);
    case 'pod-released':
      return podReleased(turn, command);
    case 'launch-refused':
      return launchRefused(turn, command);
    default:
      return command satisfies never;
  }
}

function tearDown(turn: Turn, frameworkId: FrameworkId): void {
  const framework = turn.master.frameworks.get(frameworkId);
  if (framework !== undefined) removeFramework(turn, framework, 'Framework torn down by the operator');
}

/** Calls of a framework that is not subscribed (any more) change nothing. */
function performCall(turn: Turn, call: FrameworkCall, denied?: Denied): void {
  const framework = turn.master.frameworks.get(toFrameworkId(call.framework_id.value));
  if (framework?.streamId === undefined) return;
  switch (call.type) {
    case 'TEARDOWN':
      return removeFramework(turn, framework, 'Framework torn down');
    case 'ACCEPT':
      return accept(turn, framework, call, denied);
    case 'DECLINE':
      return decline(turn, framework, call);
    case 'REVIVE':
      return revive(turn, framework, call.revive?.roles ?? []);
    case 'SUPPRESS':
      return suppress(turn, framework, call.suppress?.roles ?? []);
    case 'KILL':
      return killTask(turn, framework, call);
    case 'ACKNOWLEDGE':
      return acknowledge(turn, framework, call);
    case 'RECONCILE':
      return reconcile(turn, framework, call);
    case 'UPDATE_FRAMEWORK':
      return updateFramework(turn, framework, call.update_framework);
    case 'ACKNOWLEDGE_OPERATION_STATUS':
      return operationAcknowledged(turn, acknowledgeOperation(turn, framework, call));
    case 'RECONCILE_OPERATIONS':
      return reconcileOperations(turn, framework, call);
    case 'ACCEPT_INVERSE_OFFERS':
      return answerInverseOffers(turn, framework, 'ACCEPT', call.accept_inverse_offers);
    case 'DECLINE_INVERSE_OFFERS':
      return answerInverseOffers(turn, framework, 'DECLINE', call.decline_inverse_offers);
    // There are no executors that these could be about; REQUEST is a hint, as in Mesos.
    case 'SHUTDOWN':
    case 'MESSAGE':
    case 'REQUEST':
    case 'UNKNOWN':
      return undefined;
    default:
      return call satisfies never;
  }
}

/** The agent's object need not keep it any more. */
function operationAcknowledged(turn: Turn, agentId: AgentId | undefined): void {
  if (agentId === undefined) return;
  afterSave(turn, agentId);
  saveChanges(turn, agentId);
}

/** One wrong role makes the whole call void. */
const areSubscribed = (framework: Framework, roles: readonly string[]): boolean =>
  roles.every(role => roleProblem(role) === undefined && rolesOf(framework.info).includes(role));

function revive(turn: Turn, framework: Framework, roles: readonly string[]): void {
  if (!areSubscribed(framework, roles)) return;
  const revived = new Set(roles.length === 0 ? framework.suppressedRoles : roles);
  framework.suppressedRoles = framework.suppressedRoles.difference(revived);
  turn.master.allocator.revive(framework.id, roles);
}

function suppress(turn: Turn, framework: Framework, roles: readonly string[]): void {
  if (!areSubscribed(framework, roles)) return;
  framework.suppressedRoles = framework.suppressedRoles.union(
    new Set(roles.length === 0 ? rolesOf(framework.info) : roles),
  );
  turn.master.allocator.suppress(framework.id, roles);
}

function tick(turn: Turn): void {
  lookAtAgents(turn);
  rescindOldOffers(turn);
  failOverdueLaunches(turn);
  removeOverdueFrameworks(turn);
  retryWishes(turn);
  resendDue(turn);
  resendOperations(turn);
  rescindOldInverseOffers(turn);
  continueDrains(turn);
}
