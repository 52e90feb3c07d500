import {Resources} from '../../../../allocator/resources.ts';
import type {AgentId} from '../ids.ts';
import {resourcesToWire} from '../resource-conversion.ts';
import type {Batch, Checkpoint} from '../state.ts';
import {enter, findLaunch} from '../tasks/launches.ts';
import {observeAll} from '../tasks/observe.ts';
import type {Launch} from '../tasks/task.ts';
import type {Turn} from '../turn.ts';
import {checkpointOf, pendingSave, withReservations} from './checkpoint.ts';
import {destroyedVolumes} from './volumes.ts';
import {failOperation, finishOperation, savedOperations} from './feedback.ts';
import {hasRoom} from '../agents/room.ts';
import {endOf} from '../tasks/pod-ends.ts';
import type {ObservedStatus, PodOrder} from '../tasks/task-record.ts';

// A reservation is told, offered and used only once the agent's object has it: whoever leads next will know it too.

const newBatch = (): Batch => ({orders: [], returns: [], operations: [], requests: []});

/** What will be done when the changes of this step have been saved. `saveChanges` has to follow. */
export function afterSave(turn: Turn, agentId: AgentId): Batch {
  const checkpoint = checkpointOf(turn.master, agentId);
  checkpoint.next ??= newBatch();
  return checkpoint.next;
}

/** Asks for the save, unless one is under way: then this one follows it. */
export function saveChanges(turn: Turn, agentId: AgentId): void {
  const {master} = turn;
  const checkpoint = master.checkpoints.get(agentId);
  if (checkpoint?.next === undefined || checkpoint.saving !== undefined) return;
  const {next, resources} = checkpoint;
  const saveId = master.nextSave++;
  checkpoint.saving = {saveId, resources, batch: next};
  checkpoint.next = undefined;
  turn.emit({
    kind: 'save-reservations',
    agentId,
    saveId,
    resources: resourcesToWire(resources, undefined, true),
    operations: savedOperations(master, agentId),
  });
}

/** Launches at once, or as soon as everything that was reserved on the agent before is saved. */
export function launchWhenSaved(turn: Turn, launch: Launch, order: PodOrder): void {
  const checkpoint = turn.master.checkpoints.get(launch.agentId);
  const batch = checkpoint === undefined ? undefined : pendingSave(checkpoint);
  if (batch === undefined) return createPod(turn, launch, order);
  batch.orders.push(order);
}

function createPod(turn: Turn, launch: Launch, order: PodOrder): void {
  enter(turn, launch, {kind: 'starting', sinceMs: turn.nowMs});
  turn.emit({kind: 'create-pod', order});
}

/** Undefined once its framework does not want it any more. */
function waitingFor({master}: Turn, {launchId}: PodOrder): Launch | undefined {
  const launch = findLaunch(master, launchId);
  return launch?.phase.kind === 'waiting' ? launch : undefined;
}

/** The object has it. */
export function reservationsSaved(turn: Turn, agentId: AgentId, saveId: number): void {
  const checkpoint = turn.master.checkpoints.get(agentId);
  const saving = checkpoint?.saving;
  if (checkpoint === undefined || saving?.saveId !== saveId) return;
  const {orders, operations, requests} = saving.batch;
  destroyVolumes(turn, agentId, checkpoint.saved, saving.resources);
  checkpoint.saved = saving.resources;
  checkpoint.saving = undefined;
  for (const order of orders) {
    const launch = waitingFor(turn, order);
    if (launch === undefined) continue;
    if (hasRoom(turn.master, launch)) createPod(turn, launch, order);
    else endUnmade(turn, launch, endOf('no-room-left'));
  }
  giveBackAll(turn, agentId, saving.batch);
  for (const operation of operations) finishOperation(turn, operation);
  for (const requestId of requests) turn.emit({kind: 'answer', requestId});
  turn.touch(undefined, agentId);
  saveChanges(turn, agentId);
}

/** Nobody may find a volume whose data is gone: the object has forgotten it by now. */
function destroyVolumes(turn: Turn, agentId: AgentId, before: Resources, after: Resources): void {
  for (const volume of destroyedVolumes(agentId, before, after)) turn.emit({kind: 'destroy-volume', volume});
}

function giveBackAll(turn: Turn, agentId: AgentId, {returns}: Batch): void {
  for (const {frameworkId, role, resources} of returns) {
    turn.master.allocator.recoverResources(agentId, frameworkId, role, resources, undefined, turn.nowMs);
  }
}

/** The object cannot have it, and neither can whoever asked: everything is as it was saved last. */
export function reservationsNotSaved(turn: Turn, agentId: AgentId, saveId: number, message: string): void {
  const checkpoint = turn.master.checkpoints.get(agentId);
  if (checkpoint?.saving?.saveId !== saveId) return;
  undoUnsaved(turn, agentId, checkpoint, `Reservations could not be saved: ${message}`);
  const agent = turn.master.agents.get(agentId);
  if (agent === undefined) return;
  turn.note('warn', 'reservations not saved', {agentId, name: agent.record.name, message});
  turn.master.allocator.updateAgent(agentId, withReservations(agent.record.total, checkpoint.resources));
}

function undoUnsaved(turn: Turn, agentId: AgentId, checkpoint: Checkpoint, message: string): void {
  const batches = [checkpoint.saving?.batch, checkpoint.next].filter(batch => batch !== undefined);
  checkpoint.saving = undefined;
  checkpoint.next = undefined;
  checkpoint.resources = checkpoint.saved;
  for (const batch of batches) {
    for (const order of batch.orders) {
      const launch = waitingFor(turn, order);
      if (launch !== undefined) endUnmade(turn, launch, notSaved(message));
    }
    giveBackAll(turn, agentId, batch);
    for (const operation of batch.operations) failOperation(turn, operation, message);
    for (const requestId of batch.requests) turn.emit({kind: 'answer', requestId, refusal: {status: 409, message}});
  }
}

/** Its pod was never asked for. */
function endUnmade(turn: Turn, launch: Launch, end: ObservedStatus): void {
  const framework = turn.master.frameworks.get(launch.frameworkId);
  if (framework !== undefined) observeAll(turn, framework, launch, end);
}

const notSaved = (message: string): ObservedStatus => ({
  state: 'TASK_FAILED',
  source: 'SOURCE_MASTER',
  reason: 'REASON_CONTAINER_LAUNCH_FAILED',
  message,
});

/** Somebody has removed the agent's object, and with it all reservations. */
export function forgetReservations(turn: Turn, agentId: AgentId): void {
  const checkpoint = turn.master.checkpoints.get(agentId);
  if (checkpoint === undefined) return;
  undoUnsaved(turn, agentId, checkpoint, 'The agent was removed by the operator');
  destroyVolumes(turn, agentId, checkpoint.saved, Resources.EMPTY);
  turn.master.checkpoints.delete(agentId);
  for (const operation of [...turn.master.operations.values()]) {
    if (operation.agentId === agentId) failOperation(turn, operation, 'The agent was removed by the operator');
  }
}
