import type {CheckInfo, HealthCheck} from '../../../../api/mesos/v1/container.ts';
import type {TaskCheck} from './acceptance.ts';

type Common = Pick<CheckInfo, 'delay_seconds' | 'interval_seconds' | 'timeout_seconds'>;

export const checkCheck: TaskCheck = ({check}) => {
  if (check === undefined) return undefined;
  const problem = bodyProblem(check.type, check) ?? httpProblem(check.http) ?? timesProblem(check);
  return problem === undefined ? undefined : `Task uses invalid check: ${problem}`;
};

export const healthCheckCheck: TaskCheck = ({health_check}) => {
  if (health_check === undefined) return undefined;
  const problem =
    bodyProblem(health_check.type, health_check) ??
    httpProblem(health_check.http) ??
    timesProblem(health_check) ??
    ((health_check.grace_period_seconds ?? 0) < 0 ? "'grace_period_seconds' must be non-negative" : undefined);
  return problem === undefined ? undefined : `Task uses invalid health check: ${problem}`;
};

/** Exactly the body of its type. */
function bodyProblem(
  type: CheckInfo['type'],
  check: {readonly command?: unknown; readonly http?: unknown; readonly tcp?: unknown},
): string | undefined {
  if (type === undefined || type === 'UNKNOWN') return "'type' must be COMMAND, HTTP or TCP";
  const bodies = {COMMAND: check.command, HTTP: check.http, TCP: check.tcp};
  for (const [name, body] of Object.entries(bodies)) {
    const field = name.toLowerCase();
    if (name === type && body === undefined) return `Expecting '${field}' to be set for a ${type} check`;
    if (name !== type && body !== undefined) return `'${field}' must not be set for a ${type} check`;
  }
  return undefined;
}

function httpProblem(http: HealthCheck['http']): string | undefined {
  if (http?.scheme !== undefined && http.scheme !== 'http' && http.scheme !== 'https') {
    return `Unsupported HTTP scheme '${http.scheme}'`;
  }
  return http?.path !== undefined && !http.path.startsWith('/')
    ? `The path '${http.path}' must start with '/'`
    : undefined;
}

function timesProblem(check: Common): string | undefined {
  const times = {
    delay_seconds: check.delay_seconds,
    interval_seconds: check.interval_seconds,
    timeout_seconds: check.timeout_seconds,
  };
  const bad = Object.entries(times).find(([, seconds]) => seconds !== undefined && !(seconds >= 0));
  return bad === undefined ? undefined : `'${bad[0]}' must be non-negative`;
}
