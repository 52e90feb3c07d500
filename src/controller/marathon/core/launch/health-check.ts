import type {HealthCheck} from '../../../../api/mesos/v1/container.ts';
import type {AppDefinition} from '../apps/app.ts';
import {effectivePorts} from './task-env.ts';

type Declared = NonNullable<AppDefinition['spec']['healthChecks']>[number];

/** Never, as far as a signed 32-bit counter goes. */
const NEVER = 2 ** 31 - 1;

/**
 * The health check, as the agent performs it: there is one at most. Marathon's own HTTP and TCP checks are
 * handed to the agent too; there the kill comes with the failure after `maxConsecutiveFailures`, and 0 means never.
 */
export function healthCheck(app: AppDefinition, hostPorts: readonly (number | undefined)[]): HealthCheck | undefined {
  const check = app.spec.healthChecks?.[0];
  if (check === undefined) return undefined;
  const byMarathon = isByMarathon(check);
  const failures = check.maxConsecutiveFailures;
  return {
    ...probe(check, () => portOf(check, app, hostPorts)),
    ...timesOf(check),
    consecutive_failures: byMarathon ? (failures === 0 ? NEVER : Math.min(failures + 1, NEVER)) : failures,
  };
}

const isByMarathon = ({protocol}: Declared): boolean => ['HTTP', 'HTTPS', 'TCP'].includes(protocol);

/** In seconds. Marathon's own checks have no delay of their own: the first one comes soon. */
export const timesOf = (check: Declared) => ({
  delay_seconds: isByMarathon(check) ? Math.min(check.intervalSeconds, 5) : check.delaySeconds,
  interval_seconds: check.intervalSeconds,
  timeout_seconds: check.timeoutSeconds,
  grace_period_seconds: check.gracePeriodSeconds,
});

function probe(check: Declared, port: () => number): Pick<HealthCheck, 'type' | 'http' | 'tcp' | 'command'> {
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
function portOf(check: Declared, app: AppDefinition, hostPorts: readonly (number | undefined)[]): number {
  // No server has port 0, and no pod takes it.
  if (check.port !== undefined && check.port !== 0) return check.port;
  const index = check.portIndex ?? 0;
  const containerPort = app.networkMode === 'host' ? undefined : app.ports[index]?.containerPort;
  return containerPort === undefined || containerPort === 0
    ? (effectivePorts(app, hostPorts)[index] ?? 0)
    : containerPort;
}
