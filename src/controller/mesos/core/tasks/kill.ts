import type {FrameworkCall} from '../../../../api/mesos/v1/scheduler.ts';
import {toTaskId} from '../ids.ts';
import {reconcileTask} from './reconcile.ts';
import type {Framework} from '../state.ts';
import {graceOf, toSeconds} from './grace.ts';
import {enter, killPod} from './launches.ts';
import {observeAll} from './observe.ts';
import {isOver, type Launch, type Stop} from './task.ts';
import type {Turn} from '../turn.ts';

/**
 * Kills a task, and with it the others of its group. An unknown one is answered like a reconciliation of it; another
 * agent than the task's is ignored. A repeated kill can bring the end nearer, never put it off.
 */
export function killTask(turn: Turn, framework: Framework, call: FrameworkCall & {type: 'KILL'}): void {
  const {task_id, agent_id, kill_policy} = call.kill;
  const task = framework.tasks.get(toTaskId(task_id.value));
  if (task === undefined) return reconcileTask(turn, framework, {task_id, agent_id});
  const {launch} = task;
  if (isOver(task) || (agent_id !== undefined && agent_id.value !== launch.agentId)) return;
  if (launch.phase.kind === 'waiting') return killUnborn(turn, framework, launch);
  stopLaunch(turn, launch, 'killed', toSeconds(kill_policy?.grace_period?.nanoseconds) ?? graceOf(launch));
}

/** Its pod will not be asked for. */
function killUnborn(turn: Turn, framework: Framework, launch: Launch): void {
  observeAll(turn, framework, launch, {
    state: 'TASK_KILLED',
    source: 'SOURCE_MASTER',
    reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
    message: 'Killed before its pod was created',
  });
}

/** Once, and again only to end it earlier. For whom it was killed first counts. */
export function stopLaunch(turn: Turn, launch: Launch, why: 'killed' | 'drained' | 'gone', graceSeconds: number): void {
  const before = timedStop(launch);
  const untilMs = turn.nowMs + graceSeconds * 1000;
  if (before !== undefined && before.untilMs <= untilMs) return;
  enter(turn, launch, {kind: 'stopping', stop: {why: before?.why ?? why, untilMs}});
  killPod(turn, launch, graceSeconds);
}

function timedStop({phase}: Launch): Extract<Stop, {readonly untilMs: number}> | undefined {
  return phase.kind === 'stopping' && phase.stop.why !== 'given-up' ? phase.stop : undefined;
}
