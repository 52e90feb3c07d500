import type {CheckInfo, HealthCheck} from '../../../api/mesos/v1/container.ts';
import {argvOf, literal} from './command.ts';
import {inInt32} from './int32.ts';
import type {Container, Probe} from './pod.ts';

type Action = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket'>;

/** Mesos: 0 is no timeout. Kubernetes has none such; an hour is as good. */
const NO_TIMEOUT_SECONDS = 3600;

/**
 * A health check becomes three probes. Startup: failures within the grace period do not count, and the first success
 * ends it. Liveness: so many failures in a row kill the task. Readiness fails at once: it is what `healthy` is read from.
 * A check that is no health check becomes a readiness probe alone, for it never kills.
 */
export function probesOf(
  health: HealthCheck | undefined,
  check: CheckInfo | undefined,
): Pick<Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  if (health !== undefined) return healthProbes(health);
  if (check === undefined) return {};
  return {readinessProbe: probe(actionOf(check, check.command?.command), check, check.delay_seconds ?? 15, 1)};
}

function healthProbes(health: HealthCheck): Pick<Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  const {delay_seconds = 15, interval_seconds = 10, consecutive_failures = 3, grace_period_seconds = 10} = health;
  const action = actionOf(health, health.command);
  const failures = Math.max(1, consecutive_failures);
  const period = Math.max(1, interval_seconds);
  const inGrace = Math.ceil(Math.max(0, grace_period_seconds - delay_seconds) / period);
  return {
    startupProbe: probe(action, health, delay_seconds, failures + inGrace),
    // Readiness has to fail first, or nobody could tell this end from another.
    livenessProbe: probe(action, health, 0, Math.max(2, failures)),
    readinessProbe: probe(action, health, 0, 1),
  };
}

function probe(
  action: Action,
  {interval_seconds = 10, timeout_seconds = 20}: Pick<HealthCheck, 'interval_seconds' | 'timeout_seconds'>,
  delaySeconds: number,
  failureThreshold: number,
): Probe {
  return {
    ...action,
    initialDelaySeconds: inInt32(delaySeconds, 0),
    periodSeconds: inInt32(interval_seconds, 1),
    timeoutSeconds: timeout_seconds === 0 ? NO_TIMEOUT_SECONDS : inInt32(timeout_seconds, 1),
    failureThreshold: inInt32(failureThreshold, 1),
  };
}

function actionOf(
  {http, tcp}: Pick<HealthCheck, 'http' | 'tcp'> | Pick<CheckInfo, 'http' | 'tcp'>,
  command: HealthCheck['command'],
): Action {
  if (http !== undefined) {
    const scheme = 'scheme' in http && http.scheme === 'https' ? 'HTTPS' : 'HTTP';
    return {httpGet: {path: http.path ?? '/', port: http.port, scheme}};
  }
  if (tcp !== undefined) return {tcpSocket: {port: tcp.port}};
  // The kubelet expands these too.
  return {exec: {command: argvOf(command ?? {}).map(literal)}};
}
