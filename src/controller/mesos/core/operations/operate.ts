import {toFrameworkId} from '../../../../allocator/ids.ts';
import type {Conversion} from '../../../../allocator/records.ts';
import {isShared} from '../../../../allocator/resource.ts';
import {Resources} from '../../../../allocator/resources.ts';
import type {Result} from '../../../../lib/result.ts';
import {err, ok} from '../../../../lib/result.ts';
import {isInUse, noteConversion, rescindShared} from '../accept/convert.ts';
import type {Command} from '../commands.ts';
import {rescindOffer} from '../offers/offers.ts';
import type {Agent} from '../state.ts';
import type {Turn} from '../turn.ts';
import {checkpointOf} from './checkpoint.ts';
import {conversionOf} from './conversions.ts';
import {afterSave, saveChanges} from './saves.ts';

type Refusal = {readonly status: number; readonly message: string};

/** Holds what was converted until it is saved; the allocator takes it for a framework that it does not know. */
const OPERATOR = toFrameworkId('the operator');
const ROLE = '*';

/** How long frameworks are not offered what the operator took back from them, so that the operator comes first. */
const DEFAULT_REFUSAL = {seconds: undefined};

/** Reservations and volumes by the operator: from what is free on the agent, then from what is only on offer. */
export function operate(turn: Turn, command: Command & {kind: 'operate'}): void {
  const {requestId, agentId} = command;
  const agent = turn.master.agents.get(agentId);
  const conversion = agent === undefined ? err(UNKNOWN_AGENT) : check(turn, agent, command);
  if (agent === undefined || !conversion.ok) {
    const refusal = conversion.ok ? UNKNOWN_AGENT : conversion.error;
    return turn.emit({kind: 'answer', requestId, refusal});
  }
  const {consumed, converted} = conversion.value;
  rescindShared(turn, agent, consumed.subtract(converted));
  const {allocator} = turn.master;
  allocator.restore(agentId, OPERATOR, ROLE, consumed);
  allocator.convertHeld(agentId, OPERATOR, ROLE, conversion.value);
  noteConversion(turn, agent, conversion.value);
  const batch = afterSave(turn, agentId);
  batch.returns.push({frameworkId: OPERATOR, role: ROLE, resources: converted});
  batch.requests.push(requestId);
  saveChanges(turn, agentId);
  turn.touch(undefined, agentId);
}

const UNKNOWN_AGENT: Refusal = {status: 400, message: 'No agent found with specified ID'};
const CONFLICT: Refusal = {status: 409, message: 'The resources are not available on the agent'};

/** Makes room as well: what is only on offer is taken back. */
function check(
  turn: Turn,
  agent: Agent,
  {operation, principal}: Command & {kind: 'operate'},
): Result<Conversion, Refusal> {
  const {resources: made} = checkpointOf(turn.master, agent.record.id);
  const conversion = conversionOf(operation, {asker: {role: undefined, principal, sharedResources: true}, made});
  if (!conversion.ok) return err({status: 400, message: conversion.error});
  const {consumed, converted} = conversion.value;
  if (isInUse(agent, consumed.subtract(converted))) return err({status: 409, message: 'A shared volume is in use'});
  return makeRoom(turn, agent, consumed) ? ok(conversion.value) : err(CONFLICT);
}

/** @returns whether everything wanted is free now; if it cannot be, nothing is taken back */
function makeRoom(turn: Turn, agent: Agent, wanted: Resources): boolean {
  const freeNow = (): Resources => turn.master.allocator.view().agent(agent.record.id)?.free ?? Resources.EMPTY;
  const free = freeNow();
  if (free.contains(wanted)) return true;
  const offers = [...agent.offers.values()];
  const onOffer = offers.reduce((sum, offer) => sum.add(offer.resources), Resources.EMPTY);
  if (!free.add(onOffer.filter(resource => !isShared(resource))).contains(wanted)) return false;
  let missing = wanted.subtract(free);
  for (const {id, resources} of offers) {
    const rest = missing.subtract(resources);
    if (rest.equals(missing)) continue;
    missing = rest;
    rescindOffer(turn, id, DEFAULT_REFUSAL);
    if (missing.isEmpty) break;
  }
  return freeNow().contains(wanted);
}
