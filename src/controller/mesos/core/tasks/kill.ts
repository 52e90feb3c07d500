import type {FrameworkCall} from '../../../../api/mesos/v1/scheduler.ts';
import {toTaskId} from '../ids.ts';
import {reconcileTask} from './reconcile.ts';
import type {Framework, Task} from '../state.ts';
import {isOver} from './statuses.ts';
import {killPod} from './tasks.ts';
import type {Turn} from '../turn.ts';
import {observe} from './updates.ts';

/** Between SIGTERM and SIGKILL, unless kill or task say otherwise: the command executor's. */
const DEFAULT_GRACE_SECONDS = 3;

/** What the task's own kill policy says. */
export const graceOf = (task: Task): number =>
  toSeconds(task.info.kill_policy?.grace_period?.nanoseconds) ?? DEFAULT_GRACE_SECONDS;

/** Whole seconds, rounded up, and at least 1: with a grace of 0 Kubernetes forgets a pod that may still run. */
const toSeconds = (nanoseconds: number | undefined): number | undefined =>
  nanoseconds === undefined ? undefined : Math.max(1, Math.ceil(nanoseconds / 1e9));

/**
 * Kills a task. An unknown one is answered like a reconciliation of it; another agent than the task's is ignored. A
 * repeated kill can bring the end nearer, never put it off.
 */
export function killTask(turn: Turn, framework: Framework, call: FrameworkCall & {type: 'KILL'}): void {
  const {task_id, agent_id, kill_policy} = call.kill;
  const task = framework.tasks.get(toTaskId(task_id.value));
  if (task === undefined) return reconcileTask(turn, framework, {task_id, agent_id});
  if (isOver(task) || (agent_id !== undefined && agent_id.value !== task.agentId)) return;
  const graceSeconds = toSeconds(kill_policy?.grace_period?.nanoseconds) ?? graceOf(task);
  if (task.kill !== undefined && endOf(task.kill) <= turn.nowMs + graceSeconds * 1000) return;
  if (turn.master.heldLaunches.delete(task.launchId)) return killUnborn(turn, framework, task);
  task.kill = {...task.kill, requestedMs: turn.nowMs, graceSeconds};
  killPod(turn, task, graceSeconds);
}

/** Its pod waits for a save, and will not be asked for. */
function killUnborn(turn: Turn, framework: Framework, task: Task): void {
  observe(turn, framework, task, {
    state: 'TASK_KILLED',
    source: 'SOURCE_MASTER',
    reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
    message: 'Killed before its pod was created',
  });
}

const endOf = (kill: NonNullable<Task['kill']>): number => kill.requestedMs + kill.graceSeconds * 1000;
