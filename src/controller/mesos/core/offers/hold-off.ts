import {isHeldOff} from './held-off.ts';
import type {Turn} from '../turn.ts';

// After a failover the master offers nothing before most agents are back. With few agents, a role could take resources
// that are guaranteed to another role, and nothing is ever taken back.

/** Called once the state was rebuilt. Only with quota, and only when agents are to be waited for. */
export function beginHoldOff(turn: Turn): void {
  const {master, nowMs} = turn;
  const {recoveryFactor, recoveryTimeoutMs} = master.options;
  const agents = Math.floor(master.recoveredAgents.size * recoveryFactor);
  if (master.quotas.size === 0 || agents === 0) return;
  master.holdOff = {agents, untilMs: nowMs + recoveryTimeoutMs};
  turn.note('info', 'offers held back until agents are back', {agents, atMostMs: recoveryTimeoutMs});
}

/** Whether nothing may be offered yet. Ends the hold-off when it is over. */
export function holdsOff(turn: Turn): boolean {
  const {master, nowMs} = turn;
  if (master.holdOff === undefined) return false;
  const {agents} = master.holdOff;
  if (isHeldOff(master, nowMs)) return true;
  master.holdOff = undefined;
  turn.note('info', 'offers resume', {agents: master.agents.size, expected: agents});
  return false;
}
