import {Resources} from '../../../../allocator/resources.ts';
import type {Refusal} from '../../../../allocator/hierarchical-allocator.ts';
import type {Filters, TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {FrameworkCall, Operation} from '../../../../api/mesos/v1/scheduler.ts';
import type {Denied} from '../commands.ts';
import {toOfferId} from '../ids.ts';
import {giveBack, offerAtOnce, takeOffer, withdrawOffer} from '../offers/offers.ts';
import {refuseOperation} from '../operations/feedback.ts';
import {afterSave, saveChanges} from '../operations/saves.ts';
import type {Framework} from '../state.ts';
import {lostState, masterStatus} from '../tasks/statuses.ts';
import {countTask, tell} from '../tasks/launches.ts';
import type {Turn} from '../turn.ts';
import type {Acceptance} from './acceptance.ts';
import {convert} from './convert.ts';
import {launchGroup, launchTask} from './launch.ts';
import {offersProblem} from './offers-check.ts';

/** ACCEPT: operations in order against the shrinking pool; a bad one does not stop the others. */
export function accept(
  turn: Turn,
  framework: Framework,
  call: FrameworkCall & {type: 'ACCEPT'},
  denied: Denied = NOTHING,
): void {
  const {offer_ids = [], operations = [], filters} = call.accept;
  const ids = offer_ids.map(({value}) => toOfferId(value));
  const problem = offersProblem(turn.master, framework, ids);
  const first = ids[0] === undefined ? undefined : turn.master.offers.get(ids[0]);
  const agent = first === undefined ? undefined : turn.master.agents.get(first.agentId);
  if (problem !== undefined || first === undefined || agent === undefined) {
    for (const id of ids) if (framework.offers.has(id)) withdrawOffer(turn, id);
    for (const operation of operations) dropOperation(turn, framework, operation, problem ?? 'Agent is gone');
    return;
  }
  let pool = Resources.EMPTY;
  for (const id of ids) pool = pool.add(takeOffer(turn, id)?.resources ?? Resources.EMPTY);
  const acceptance: Acceptance = {framework, agent, offer: first, pool, fresh: Resources.EMPTY};
  for (const operation of operations) {
    const allowed = withoutDenied(turn, framework, operation, denied);
    if (allowed !== undefined) perform(turn, acceptance, allowed);
  }
  const refusal = refusalOf(filters);
  giveBackRest(turn, acceptance, refusal);
  // Others may want what a framework leaves that used a part. Without a filter it would come back to the same one.
  const isUsed = !acceptance.pool.contains(pool);
  if (isUsed && refusal.seconds !== 0) offerAtOnce(turn, agent.record.id);
}

/** What was converted comes back when it is saved, and nobody has refused that. */
function giveBackRest(turn: Turn, {agent, offer, pool, fresh}: Acceptance, refusal: Refusal): void {
  const used = fresh.subtract(pool);
  const converted = fresh.subtract(used);
  giveBack(turn, offer, pool.subtract(converted), refusal);
  const {id} = agent.record;
  if (!converted.isEmpty) afterSave(turn, id).returns.push({...offer, resources: converted});
  saveChanges(turn, id);
}

/** DECLINE: unknown offers may have been rescinded meanwhile. */
export function decline(turn: Turn, framework: Framework, call: FrameworkCall & {type: 'DECLINE'}): void {
  const {offer_ids = [], filters} = call.decline;
  for (const {value} of offer_ids) {
    const id = toOfferId(value);
    if (framework.offers.has(id)) withdrawOffer(turn, id, refusalOf(filters));
  }
}

/** A refusal is remembered even when the framework names no time. */
const refusalOf = (filters: Filters | undefined): Refusal => ({seconds: filters?.refuse_seconds});

const NOTHING: Denied = new Set();

/** What is left of an operation; the framework hears of the rest. Tasks of a group stand and fall together. */
function withoutDenied(turn: Turn, framework: Framework, operation: Operation, denied: Denied): Operation | undefined {
  if (denied.size === 0) return operation;
  if (operation.type === 'LAUNCH') {
    const infos = operation.launch?.task_infos ?? [];
    for (const info of infos.filter(task => denied.has(task))) {
      endTask(turn, framework, info, {reason: 'REASON_TASK_UNAUTHORIZED', message: NOT_AUTHORIZED});
    }
    return {...operation, launch: {task_infos: infos.filter(info => !denied.has(info))}};
  }
  if (!denied.has(operation)) return operation;
  for (const info of tasksOf(operation)) {
    endTask(turn, framework, info, {reason: 'REASON_TASK_GROUP_UNAUTHORIZED', message: NOT_AUTHORIZED});
  }
  if (operation.type !== 'LAUNCH_GROUP') refuseOperation(turn, framework, operation, NOT_AUTHORIZED);
  return undefined;
}

const NOT_AUTHORIZED = 'The principal of the framework may not do this';

function perform(turn: Turn, acceptance: Acceptance, operation: Operation): void {
  switch (operation.type) {
    case 'LAUNCH':
      for (const info of tasksOf(operation)) launchTask(turn, acceptance, info, idRefusal(operation));
      return;
    case 'LAUNCH_GROUP':
      if (operation.launch_group !== undefined) {
        launchGroup(turn, acceptance, operation.launch_group, idRefusal(operation));
      }
      return;
    default:
      return convert(turn, acceptance, operation);
  }
}

const tasksOf = (operation: Operation): readonly TaskInfo[] =>
  operation.launch?.task_infos ?? operation.launch_group?.task_group.tasks ?? [];

/** Tasks report themselves. */
const idRefusal = ({id, type}: Operation): string | undefined =>
  id === undefined ? undefined : `${type} cannot have an operation id`;

type End = Pick<Parameters<typeof masterStatus>[0], 'reason' | 'message'>;

/** Says of a task that it never began. */
function endTask(turn: Turn, framework: Framework, info: TaskInfo, end: End): void {
  const about = {taskId: info.task_id.value, agentId: info.agent_id.value, state: 'TASK_ERROR' as const};
  const status = masterStatus({...about, ...end}, turn.nowMs);
  countTask(turn, framework, status);
  tell(turn, framework, status);
}

function dropOperation(turn: Turn, framework: Framework, operation: Operation, problem: string): void {
  for (const info of tasksOf(operation)) {
    const status = masterStatus(
      {
        taskId: info.task_id.value,
        agentId: info.agent_id.value,
        state: lostState(framework, 'TASK_DROPPED'),
        reason: 'REASON_INVALID_OFFERS',
        message: `Task launched with invalid offers: ${problem}`,
      },
      turn.nowMs,
    );
    countTask(turn, framework, status);
    tell(turn, framework, status);
  }
  if (tasksOf(operation).length > 0) return;
  refuseOperation(turn, framework, operation, `Operation with invalid offers: ${problem}`);
}
