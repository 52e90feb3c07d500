import {blame} from '../../../../lib/blame.ts';
import {subjectOfAgent} from '../subjects.ts';
import {graceOf} from '../tasks/grace.ts';
import {stopLaunch} from '../tasks/kill.ts';
import type {Agent, ReadonlyAgent, ReadonlyMaster} from '../state.ts';
import {isOver, type Launch} from '../tasks/task.ts';
import type {Turn} from '../turn.ts';

// An agent that the operator wants empty: it gets no offers, its tasks are killed.

export type DrainState = 'DRAINING' | 'DRAINED';

/** Undefined: nobody wants it empty. A task counts until its end was acknowledged, an operation likewise. */
export function drainStateOf(master: ReadonlyMaster, agent: ReadonlyAgent): DrainState | undefined {
  const {id, drain} = agent.record;
  if (drain === undefined) return undefined;
  const checkpoint = master.checkpoints.get(id);
  const saves = checkpoint?.saving !== undefined || checkpoint?.next !== undefined;
  const asked = [...master.operations.values()].some(({agentId}) => agentId === id);
  return agent.launches.size > 0 || saves || asked || !master.agents.has(id) ? 'DRAINING' : 'DRAINED';
}

/** To be called when the operator's wish, or the agent's presence, may have changed. */
export function settleDrain(turn: Turn, agent: Agent): void {
  const {id, drain} = agent.record;
  if (drain === undefined || !turn.master.agents.has(id)) return void turn.master.draining.delete(id);
  turn.master.draining.add(id);
  continueDrain(turn, agent);
}

/** What the passing of time may have made possible. */
export function continueDrains(turn: Turn): void {
  for (const id of turn.master.draining) {
    const agent = turn.master.agents.get(id);
    if (agent === undefined) turn.master.draining.delete(id);
    else blame(subjectOfAgent(agent.record.name), () => continueDrain(turn, agent));
  }
}

function continueDrain(turn: Turn, agent: Agent): void {
  const {id, name, drain} = agent.record;
  for (const launch of [...agent.launches.values()]) killForDrain(turn, agent, launch);
  if (drainStateOf(turn.master, agent) !== 'DRAINED') return;
  turn.master.draining.delete(id);
  turn.touch(undefined, id);
  turn.note('info', 'agent drained', {agentId: id, name});
  if (drain?.markGone === true) turn.emit({kind: 'mark-agent-gone', agentId: id});
}

/** What the framework has asked to be killed is killed for the framework, but no later than the drain allows. */
function killForDrain(turn: Turn, {record}: Agent, launch: Launch): void {
  const {drain} = record;
  const {phase} = launch;
  if (drain === undefined || launch.tasks.every(isOver)) return;
  if (phase.kind === 'waiting' || (phase.kind === 'stopping' && phase.stop.why === 'given-up')) return;
  const {maxGraceSeconds = Number.POSITIVE_INFINITY, markGone} = drain;
  // What is being killed already keeps the time that it was given, as far as the drain allows.
  const own = phase.kind === 'stopping' ? Number.POSITIVE_INFINITY : graceOf(launch);
  stopLaunch(turn, launch, markGone ? 'gone' : 'drained', Math.max(1, Math.min(own, maxGraceSeconds)));
}
