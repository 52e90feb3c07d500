import {currentActions} from '../core/deployments/deployment.ts';
import type {DeploymentView, MarathonEvent} from '../core/marathon-event.ts';

export type EventJson = {readonly eventType: string} & Readonly<Record<string, unknown>>;

/** As GET /v2/events tells it. @param timestamp RFC 3339 */
export const eventJson = (event: MarathonEvent, timestamp: string): EventJson => ({
  ...('deployment' in event ? deploymentEvent(event) : plainEvent(event)),
  eventType: event.eventType,
  timestamp,
});

type DeploymentEvent = Extract<MarathonEvent, {readonly deployment: DeploymentView}>;

function deploymentEvent(event: DeploymentEvent): Readonly<Record<string, unknown>> {
  const {id, version, steps} = event.deployment;
  const plan = {id, version, steps};
  switch (event.eventType) {
    case 'deployment_success':
      return {id, plan};
    case 'deployment_failed':
      return {id, plan, reason: event.reason};
    default:
      return {plan, currentStep: {actions: currentActions(event.deployment)}};
  }
}

function plainEvent(event: Exclude<MarathonEvent, DeploymentEvent>): Readonly<Record<string, unknown>> {
  switch (event.eventType) {
    case 'group_change_success': {
      const {groupId, version} = event;
      return {groupId, version};
    }
    // What Marathon calls the task here is the instance.
    case 'failed_health_check_event': {
      const {appId, instanceId, healthCheck} = event;
      return {appId, taskId: instanceId, healthCheck};
    }
    default:
      return event;
  }
}
