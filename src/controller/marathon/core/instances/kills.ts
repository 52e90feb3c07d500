import type {TaskId} from '../ids.ts';
import {isLaunched, type Instance} from './instance.ts';
import type {App, Turn} from '../state.ts';

/** Asks for the end of a task until it is terminal; sent by `flushKills`. */
export function queueKill({state}: Turn, taskId: TaskId, agentId: string): void {
  if (!state.kills.has(taskId)) state.kills.set(taskId, {agentId, sentAtMs: undefined});
}

/**
 * Takes an instance out of the app. The instance vanishes when its task has ended. It vanishes at once when it has no
 * task, or when its agent is unreachable. If that task comes back, it is killed as unknown.
 */
export function decommission(turn: Turn, app: App, instance: Instance): void {
  instance.goal = 'Decommissioned';
  turn.touched.add(app);
  const unreachable = instance.condition === 'Unreachable' || instance.condition === 'UnreachableInactive';
  if (!isLaunched(instance) || unreachable || instance.task === undefined) removeInstance(turn, app, instance);
  else queueKill(turn, instance.task.taskId, instance.task.agent.agentId);
}

/** Forgets an instance and its task. */
export function removeInstance(turn: Turn, app: App, instance: Instance): void {
  app.instances.delete(instance.id);
  forgetTask(turn, instance);
  turn.touched.add(app);
}

export function forgetTask({state}: Turn, instance: Instance): void {
  if (instance.task === undefined) return;
  state.tasks.delete(instance.task.taskId);
  state.kills.delete(instance.task.taskId);
}

/** Sends kills that were not sent yet or not answered for long, within the number that may be in flight. */
export function flushKills({state, nowMs, effects}: Turn): void {
  if (!state.connected || state.kills.size === 0) return;
  const {killRetryMs, killChunkSize} = state.settings;
  let inFlight = 0;
  for (const [taskId, kill] of state.kills) {
    if (inFlight >= killChunkSize) return;
    inFlight += 1;
    if (kill.sentAtMs !== undefined && nowMs - kill.sentAtMs < killRetryMs) continue;
    kill.sentAtMs = nowMs;
    effects.push({kind: 'kill', taskId, agentId: kill.agentId});
  }
}
