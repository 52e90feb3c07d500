import {blame} from '../../../../lib/blame.ts';
import {subjectOfAgent} from '../subjects.ts';
import {graceOf} from '../tasks/kill.ts';
import type {Agent, ReadonlyAgent, ReadonlyMaster, Task} from '../state.ts';
import {isOver} from '../tasks/statuses.ts';
import {killPod} from '../tasks/tasks.ts';
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
  return agent.tasks.size > 0 || saves || asked || !master.agents.has(id) ? 'DRAINING' : 'DRAINED';
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
  for (const task of [...agent.tasks.values()]) killForDrain(turn, agent, task);
  if (drainStateOf(turn.master, agent) !== 'DRAINED') return;
  turn.master.draining.delete(id);
  turn.touch(undefined, id);
  turn.note('info', 'agent drained', {agentId: id, name});
  if (drain?.markGone === true) turn.emit({kind: 'mark-agent-gone', agentId: id});
}

/** Once; a framework's own kill that comes later or gives less time still counts. */
function killForDrain(turn: Turn, {record}: Agent, task: Task): void {
  const {drain} = record;
  if (isOver(task) || drain === undefined || task.kill?.drain !== undefined) return;
  if (turn.master.heldLaunches.has(task.launchId)) return;
  const own = task.kill === undefined ? graceOf(task) : remainingSeconds(task.kill, turn.nowMs);
  const graceSeconds = Math.max(1, Math.min(own, drain.maxGraceSeconds ?? own));
  const gone = drain.markGone ? 'gone' : 'drained';
  // What the framework has asked to be killed is killed for the framework.
  task.kill = {requestedMs: turn.nowMs, graceSeconds, drain: task.kill === undefined ? gone : 'asked'};
  killPod(turn, task, graceSeconds);
}

const remainingSeconds = ({requestedMs, graceSeconds}: NonNullable<Task['kill']>, nowMs: number): number =>
  Math.max(1, Math.ceil((requestedMs + graceSeconds * 1000 - nowMs) / 1000));
