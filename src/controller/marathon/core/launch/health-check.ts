import type {HealthCheck} from '../../../../api/mesos/v1/container.ts';
import type {AppDefinition} from '../apps/app.ts';
import {isByMarathon, type DeclaredCheck} from '../health/health.ts';
import {effectivePorts} from './task-env.ts';

/** The check that the agent performs, where the task runs: there is one at most. */
export function healthCheck(app: AppDefinition, hostPorts: readonly (number | undefined)[]): HealthCheck | undefined {
  const check = app.spec.healthChecks?.find(it => !isByMarathon(it));
  if (check === undefined) return undefined;
  return {
    ...probe(check, () => portOf(check, app, hostPorts)),
    delay_seconds: check.delaySeconds,
    interval_seconds: check.intervalSeconds,
    timeout_seconds: check.timeoutSeconds,
    grace_period_seconds: check.gracePeriodSeconds,
    consecutive_failures: check.maxConsecutiveFailures,
  };
}

function probe(check: DeclaredCheck, port: () => number): Pick<HealthCheck, 'type' | 'http' | 'tcp' | 'command'> {
  switch (check.protocol) {
    case 'COMMAND':
      return {type: 'COMMAND', command: {shell: true, value: check.command?.value ?? ''}};
    case 'TCP':
    case 'MESOS_TCP':
      return {type: 'TCP', tcp: {port: port()}};
    case 'HTTP':
    case 'MESOS_HTTP':
      return {type: 'HTTP', http: {port: port(), scheme: 'http', path: check.path ?? '/'}};
    case 'HTTPS':
    case 'MESOS_HTTPS':
      return {type: 'HTTP', http: {port: port(), scheme: 'https', path: check.path ?? '/'}};
    default:
      return check.protocol satisfies never;
  }
}

/** Seen from inside the task: on its own network that is the container's port. */
function portOf(check: DeclaredCheck, app: AppDefinition, hostPorts: readonly (number | undefined)[]): number {
  // No server has port 0, and no pod takes it.
  if (check.port !== undefined && check.port !== 0) return check.port;
  const index = check.portIndex ?? 0;
  const containerPort = app.networkMode === 'host' ? undefined : app.ports[index]?.containerPort;
  return containerPort === undefined || containerPort === 0
    ? (effectivePorts(app, hostPorts)[index] ?? 0)
    : containerPort;
}
