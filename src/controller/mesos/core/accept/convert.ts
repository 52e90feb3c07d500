import type {Conversion} from '../../../../allocator/records.ts';
import {isShared} from '../../../../allocator/resource.ts';
import type {Resources} from '../../../../allocator/resources.ts';
import {formatResources} from '../../../../allocator/text-form.ts';
import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';
import {err, type Result} from '../../../../lib/result.ts';
import {hasCapability, idProblem} from '../frameworks/names.ts';
import {rescindOffer} from '../offers/offers.ts';
import {checkpointOf} from '../operations/checkpoint.ts';
import {conversionOf, remembered} from '../operations/conversions.ts';
import {fileOperation, findOperation, refuseOperation} from '../operations/feedback.ts';
import {afterSave} from '../operations/saves.ts';
import type {Agent} from '../state.ts';
import {takesRoom} from '../tasks/task.ts';
import type {Turn} from '../turn.ts';
import type {Acceptance} from './acceptance.ts';

/** RESERVE, UNRESERVE, CREATE, DESTROY and the like: turns a part of the pool into something else of the same amount. */
export function convert(turn: Turn, acceptance: Acceptance, operation: Operation): void {
  const {framework, agent, offer} = acceptance;
  const agentId = agent.record.id;
  const checked = check(turn, acceptance, operation);
  if (!checked.ok) return refuseOperation(turn, framework, operation, checked.error);
  const {consumed, converted} = checked.value;
  rescindShared(turn, agent, consumed.subtract(converted));
  turn.master.allocator.convertHeld(agentId, framework.id, offer.role, checked.value);
  acceptance.pool = acceptance.pool.subtract(consumed).add(converted);
  acceptance.fresh = acceptance.fresh.subtract(consumed).add(converted);
  noteConversion(turn, agent, checked.value);
  const filed = fileOperation(turn, {frameworkId: framework.id, agentId, info: operation});
  if (filed !== undefined) afterSave(turn, agentId).operations.push(filed);
  turn.touch(framework.id, agentId);
}

function check(turn: Turn, acceptance: Acceptance, operation: Operation): Result<Conversion, string> {
  const {framework, agent, offer, pool} = acceptance;
  const operationId = operation.id?.value;
  const idIssue = operationId === undefined ? undefined : idProblem(operationId);
  if (idIssue !== undefined) return err(`Invalid operation ID: ${idIssue}`);
  if (operationId !== undefined && findOperation(turn.master, framework.id, operationId) !== undefined) {
    return err(`Operation has duplicate ID: ${operationId}`);
  }
  const conversion = conversionOf(operation, {
    asker: {
      role: offer.role,
      principal: framework.info.principal,
      sharedResources: hasCapability(framework.info, 'SHARED_RESOURCES'),
    },
    made: checkpointOf(turn.master, agent.record.id).resources,
  });
  if (!conversion.ok) return conversion;
  const {consumed, converted} = conversion.value;
  if (!pool.contains(consumed)) {
    return err(`Operation uses more resources ${formatResources(consumed)} than available ${formatResources(pool)}`);
  }
  return isInUse(agent, consumed.subtract(converted)) ? err('A shared volume is in use by a task') : conversion;
}

/** Only what is shared can be in use and on offer at the same time. */
export function isInUse({launches}: Agent, resources: Resources): boolean {
  const shared = resources.filter(isShared);
  if (shared.isEmpty) return false;
  return [...launches.values()].some(launch => takesRoom(launch) && !isDisjoint(launch.resources, shared));
}

const isDisjoint = (a: Resources, b: Resources): boolean => a.subtract(b) === a || a.subtract(b).equals(a);

/** A shared volume that is destroyed is on offer no more, to nobody. */
export function rescindShared(turn: Turn, agent: Agent, gone: Resources): void {
  const shared = gone.filter(isShared);
  if (shared.isEmpty) return;
  for (const {id, resources} of [...agent.offers.values()]) {
    if (!isDisjoint(resources, shared)) rescindOffer(turn, id);
  }
}

/** What is reserved on the agent from now on; it has to be saved before anybody hears of it. */
export function noteConversion(turn: Turn, agent: Agent, {consumed, converted}: Conversion): void {
  const checkpoint = checkpointOf(turn.master, agent.record.id);
  checkpoint.resources = checkpoint.resources.subtract(remembered(consumed)).add(remembered(converted));
  afterSave(turn, agent.record.id);
}
