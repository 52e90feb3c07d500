import {blame} from '../../../../lib/blame.ts';
import {subjectOfFramework} from '../subjects.ts';
import {toAgentId, toFrameworkId} from '../../../../allocator/ids.ts';
import type {FrameworkCall, Operation, SchedulerEvent} from '../../../../api/mesos/v1/scheduler.ts';
import type {SavedOperation} from './saved-operation.ts';
import type {AgentId, FrameworkId} from '../ids.ts';
import type {Framework, Master, OfferOperation, ReadonlyMaster} from '../state.ts';
import type {Turn} from '../turn.ts';
import {isSameUuid} from '../tasks/updates.ts';

// What frameworks hear of operations to which they gave an id: told again until acknowledged.

const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 600_000;

type Status = (SchedulerEvent & {type: 'UPDATE_OPERATION_STATUS'})['update_operation_status']['status'];

const keyOf = (frameworkId: FrameworkId, operationId: string): string => `${frameworkId} ${operationId}`;

export const findOperation = (master: Master, frameworkId: FrameworkId, id: string): OfferOperation | undefined =>
  master.operations.get(keyOf(frameworkId, id));

/** Files an operation that is done as far as the master is concerned; its framework hears of it when that is saved. */
export function fileOperation(
  turn: Turn,
  about: {readonly frameworkId: FrameworkId; readonly agentId: AgentId; readonly info: Operation},
): OfferOperation | undefined {
  const operationId = about.info.id?.value;
  if (operationId === undefined) return undefined;
  const operation: OfferOperation = {
    ...about,
    operationId,
    uuid: turn.master.newUuid(),
    state: 'OPERATION_PENDING',
    inFlight: undefined,
  };
  turn.master.operations.set(keyOf(about.frameworkId, operationId), operation);
  return operation;
}

export function finishOperation(turn: Turn, operation: OfferOperation): void {
  if (!isFiled(turn.master, operation)) return;
  operation.state = 'OPERATION_FINISHED';
  send(turn, operation);
}

const isFiled = (master: Master, operation: OfferOperation): boolean =>
  findOperation(master, operation.frameworkId, operation.operationId) === operation;

/** It was undone; nobody has to acknowledge that. */
export function failOperation(turn: Turn, operation: OfferOperation, message: string): void {
  if (!isFiled(turn.master, operation)) return;
  forget(turn.master, operation);
  const framework = turn.master.frameworks.get(operation.frameworkId);
  if (framework === undefined) return;
  const {operationId, agentId} = operation;
  tell(turn, framework, {
    operation_id: {value: operationId},
    state: 'OPERATION_FAILED',
    message,
    agent_id: {value: agentId},
  });
}

/** A bad operation is dropped; who asked for feedback hears so. */
export function refuseOperation(turn: Turn, framework: Framework, {id}: Operation, message: string): void {
  turn.count('invalid-offer-operations');
  if (id !== undefined) tell(turn, framework, {operation_id: id, state: 'OPERATION_ERROR', message});
}

function tell(turn: Turn, framework: Framework, status: Status): void {
  turn.send(framework, {type: 'UPDATE_OPERATION_STATUS', update_operation_status: {status}});
}

function send(turn: Turn, operation: OfferOperation): void {
  const framework = turn.master.frameworks.get(operation.frameworkId);
  if (framework?.streamId === undefined || operation.state !== 'OPERATION_FINISHED') return;
  const intervalMs = Math.min((operation.inFlight?.intervalMs ?? FIRST_RETRY_MS / 2) * 2, LAST_RETRY_MS);
  operation.inFlight = {dueMs: turn.nowMs + intervalMs, intervalMs};
  tell(turn, framework, {...statusOf(operation), uuid: {value: operation.uuid}});
}

const statusOf = ({operationId, state, agentId}: OfferOperation): Status => ({
  operation_id: {value: operationId},
  state,
  agent_id: {value: agentId},
});

/** Sends again what has waited too long for its acknowledgement. */
export function resendOperations(turn: Turn): void {
  for (const operation of turn.master.operations.values()) {
    if (operation.inFlight === undefined || turn.nowMs < operation.inFlight.dueMs) continue;
    blame(subjectOfFramework(operation.frameworkId), () => send(turn, operation));
  }
}

/** A new session has not seen what the old one left unacknowledged. */
export function resendOperationsTo(turn: Turn, frameworkId: FrameworkId): void {
  for (const operation of turn.master.operations.values()) {
    if (operation.frameworkId !== frameworkId) continue;
    operation.inFlight = undefined;
    send(turn, operation);
  }
}

/** @returns the agent whose object must forget the operation; undefined: nothing was acknowledged */
export function acknowledgeOperation(
  turn: Turn,
  framework: Framework,
  call: FrameworkCall & {type: 'ACKNOWLEDGE_OPERATION_STATUS'},
): AgentId | undefined {
  const {operation_id, agent_id, uuid} = call.acknowledge_operation_status;
  const operation = findOperation(turn.master, framework.id, operation_id.value);
  if (operation?.inFlight === undefined || operation.agentId !== agent_id?.value) return undefined;
  if (!isSameUuid(operation.uuid, uuid)) return undefined;
  forget(turn.master, operation);
  return operation.agentId;
}

const forget = (master: Master, {frameworkId, operationId}: OfferOperation): boolean =>
  master.operations.delete(keyOf(frameworkId, operationId));

/** A removed framework hears nothing more. @returns agents whose objects must forget its operations */
export function forgetOperationsOf(master: Master, frameworkId: FrameworkId): ReadonlySet<AgentId> {
  const theirs = [...master.operations.values()].filter(operation => operation.frameworkId === frameworkId);
  for (const operation of theirs) forget(master, operation);
  return new Set(theirs.map(({agentId}) => agentId));
}

/** Tells the framework what is known of the operations it names; of all when it names none. */
export function reconcileOperations(
  turn: Turn,
  framework: Framework,
  call: FrameworkCall & {type: 'RECONCILE_OPERATIONS'},
): void {
  const {operations = []} = call.reconcile_operations;
  const known = [...turn.master.operations.values()].filter(({frameworkId}) => frameworkId === framework.id);
  if (operations.length === 0) for (const operation of known) tell(turn, framework, statusOf(operation));
  for (const {operation_id, agent_id} of operations) {
    const operation = findOperation(turn.master, framework.id, operation_id.value);
    if (operation !== undefined) tell(turn, framework, statusOf(operation));
    else
      tell(turn, framework, {
        operation_id,
        state: unknownState(turn.master, agent_id?.value),
        ...(agent_id && {agent_id}),
      });
  }
}

function unknownState({agents, recoveredAgents, unreachableAgents, goneAgents}: Master, agentId = ''): Status['state'] {
  const id = toAgentId(agentId);
  if (agents.has(id)) return 'OPERATION_UNKNOWN';
  if (recoveredAgents.has(id) || (agentId === '' && recoveredAgents.size > 0)) return 'OPERATION_RECOVERING';
  if (unreachableAgents.has(id)) return 'OPERATION_UNREACHABLE';
  return goneAgents.has(id) ? 'OPERATION_GONE_BY_OPERATOR' : 'OPERATION_UNKNOWN';
}

/** What of them is written to an agent's object. */
export const savedOperations = (master: ReadonlyMaster, agentId: AgentId): SavedOperation[] =>
  [...master.operations.values()]
    .filter(operation => operation.agentId === agentId)
    .map(({frameworkId, uuid, info}) => ({frameworkId, uuid, info}));

/** An earlier leader saved it: it is done. */
export function restoreOperation(master: Master, agentId: AgentId, saved: SavedOperation): void {
  const operationId = saved.info.id?.value;
  if (operationId === undefined) return;
  const frameworkId = toFrameworkId(saved.frameworkId);
  master.operations.set(keyOf(frameworkId, operationId), {
    frameworkId,
    operationId,
    agentId,
    uuid: saved.uuid,
    info: saved.info,
    state: 'OPERATION_FINISHED',
    inFlight: undefined,
  });
}
