import type {TaskStatus} from '../../../api/mesos/v1/common.ts';
import {type AppId, groupAround} from './ids.ts';
import type {ActiveCondition, Instance, TerminalCondition} from './instances/instance.ts';
import type {MarathonEvent} from './marathon-event.ts';
import type {App, Turn} from './state.ts';

/** An event for those who listen to Marathon. */
export function tell({effects}: Turn, event: MarathonEvent): void {
  effects.push({kind: 'marathon-event', event});
}

/** An instance is in another condition now; a terminal one it leaves at once. */
export function tellInstance(
  turn: Turn,
  app: App,
  {id, task, version}: Instance,
  condition: ActiveCondition | TerminalCondition,
): void {
  tell(turn, {
    eventType: 'instance_changed_event',
    instanceId: id,
    condition,
    runSpecId: app.object.id,
    agentId: task?.agent.agentId,
    host: task?.agent.hostname,
    runSpecVersion: version,
  });
}

/** Longer texts are cut. */
const LONGEST_MESSAGE = 10_000;

/** The state of a task is another one. */
export function tellStatus(
  turn: Turn,
  app: App,
  {task, version}: Instance,
  {state, message = ''}: Pick<TaskStatus, 'state' | 'message'>,
): void {
  if (task === undefined) return;
  tell(turn, {
    eventType: 'status_update_event',
    slaveId: task.agent.agentId,
    taskId: task.taskId,
    taskStatus: state,
    message: message.slice(0, LONGEST_MESSAGE),
    appId: app.object.id,
    host: task.agent.hostname,
    ipAddresses: task.ipAddresses,
    ports: task.hostPorts.filter(port => port !== undefined),
    version,
  });
}

/** The result of a check is another one. */
export function tellCheck(turn: Turn, app: App, {id, version}: Instance, alive: boolean): void {
  tell(turn, {eventType: 'health_status_changed_event', appId: app.object.id, instanceId: id, version, alive});
}

/** All checks of an instance together have another result; undefined: one of them has none. */
export function tellHealth(turn: Turn, app: App, {id, version}: Instance, healthy: boolean | undefined): void {
  tell(turn, {
    eventType: 'instance_health_changed_event',
    instanceId: id,
    runSpecId: app.object.id,
    healthy,
    runSpecVersion: version,
  });
}

/** A change was accepted. */
export function tellChange(
  turn: Turn,
  apps: readonly AppId[],
  {id, version}: {readonly id: string; readonly version: string},
): void {
  tell(turn, {eventType: 'group_change_success', groupId: groupAround(apps), version, deploymentId: id});
}

/** The checks of a definition are done from now on, those of the former one no more. */
export function tellHealthChecks(turn: Turn, app: App, had: boolean): void {
  const appId = app.object.id;
  if (had) tell(turn, {eventType: 'remove_health_check_event', appId});
  const version = app.versionInfo?.version ?? '';
  for (const healthCheck of app.definition?.spec.healthChecks ?? []) {
    tell(turn, {eventType: 'add_health_check_event', appId, version, healthCheck});
  }
}
