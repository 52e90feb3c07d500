import type {AppDefinition} from '../apps/app.ts';
import type {TaskId} from '../ids.ts';
import type {Instance, LaunchedTask} from '../instances/instance.ts';
import {effectivePorts} from '../launch/task-env.ts';
import type {ReadonlyApp, ReadonlyMarathon} from '../state.ts';
import {definitionOf, isByMarathon, type DeclaredCheck} from './health.ts';
import {awaitsReadiness} from './readiness.ts';

/** Whom to ask. */
export type ProbeTarget =
  | {
      readonly kind: 'http';
      readonly scheme: 'http' | 'https';
      readonly host: string;
      readonly port: number;
      readonly path: string;
      /** The answer's body is wanted too. */
      readonly withBody: boolean;
    }
  | {readonly kind: 'tcp'; readonly host: string; readonly port: number};

/** The first answer; a redirect is not followed. */
export type ProbeAnswer =
  | {readonly kind: 'status'; readonly status: number; readonly contentType?: string; readonly body?: string}
  | {readonly kind: 'connected'}
  | {readonly kind: 'failed'; readonly cause: string};

/** The place of a health check in the app's list, its readiness check, or its check that only informs. */
export type CheckName = number | 'ready' | 'check';

/** What Marathon asks a task again and again. */
export type TaskProbe = {
  readonly target: ProbeTarget;
  readonly firstMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
};

/** The first probe comes soon, however long the interval. */
const SOON_MS = 5000;
/** A probe without a pause would do harm. */
const SHORTEST_MS = 1000;

/** The checks of a task that Marathon performs itself now. */
export function probesOf(app: ReadonlyApp, instance: Readonly<Instance>): readonly CheckName[] {
  if (instance.condition !== 'Running') return [];
  const {healthChecks = [], check} = definitionOf(app, instance)?.spec ?? {};
  const names: CheckName[] = healthChecks.flatMap((it, index) => (isByMarathon(it) ? [index] : []));
  if (check !== undefined) names.push('check');
  if (awaitsReadiness(app, instance)) names.push('ready');
  return names;
}

/** @returns undefined when it is not to be asked any more, or not yet */
export function probeOf(state: ReadonlyMarathon, taskId: TaskId, name: CheckName): TaskProbe | undefined {
  const place = state.tasks.get(taskId);
  const app = place === undefined ? undefined : state.apps.get(place.app);
  const instance = place === undefined ? undefined : app?.instances.get(place.instance);
  if (app === undefined || instance?.task === undefined || !probesOf(app, instance).includes(name)) return undefined;
  const definition = definitionOf(app, instance);
  if (definition === undefined) return undefined;
  switch (name) {
    case 'ready':
      return readinessProbe(definition, instance.task);
    case 'check':
      return informingProbe(definition, instance.task);
    default:
      return healthProbe(definition, instance.task, definition.spec.healthChecks?.[name]);
  }
}

function healthProbe(
  definition: AppDefinition,
  task: LaunchedTask,
  check: DeclaredCheck | undefined,
): TaskProbe | undefined {
  if (check === undefined) return undefined;
  const place = placeOf(definition, task, check.portIndex ?? 0, check.port);
  if (place === undefined) return undefined;
  const intervalMs = atLeast(check.intervalSeconds);
  return {
    target:
      check.protocol === 'TCP'
        ? {kind: 'tcp', ...place}
        : {
            kind: 'http',
            scheme: check.protocol === 'HTTPS' ? 'https' : 'http',
            path: absolute(check.path),
            withBody: false,
            ...place,
          },
    firstMs: Math.min(intervalMs, SOON_MS),
    intervalMs,
    timeoutMs: atLeast(check.timeoutSeconds),
  };
}

function readinessProbe(definition: AppDefinition, task: LaunchedTask): TaskProbe | undefined {
  const check = definition.spec.readinessChecks?.[0];
  const index = definition.ports.findIndex(({name}) => name === check?.portName);
  const place = check === undefined || index < 0 ? undefined : placeOf(definition, task, index);
  if (check === undefined || place === undefined) return undefined;
  return {
    target: {
      kind: 'http',
      scheme: check.protocol === 'HTTPS' ? 'https' : 'http',
      path: absolute(check.path),
      withBody: check.preserveLastResponse,
      ...place,
    },
    firstMs: 0,
    intervalMs: atLeast(check.intervalSeconds),
    timeoutMs: atLeast(check.timeoutSeconds),
  };
}

function informingProbe(definition: AppDefinition, task: LaunchedTask): TaskProbe | undefined {
  const {check} = definition.spec;
  const {http, tcp} = check ?? {};
  const asked = http ?? tcp;
  const place = asked === undefined ? undefined : placeOf(definition, task, asked.portIndex ?? 0, asked.port);
  if (check === undefined || place === undefined) return undefined;
  const scheme = http?.scheme?.toLowerCase() === 'https' ? 'https' : 'http';
  return {
    target:
      http === undefined
        ? {kind: 'tcp', ...place}
        : {kind: 'http', scheme, path: absolute(http.path), withBody: false, ...place},
    firstMs: check.delaySeconds * 1000,
    intervalMs: atLeast(check.intervalSeconds),
    timeoutMs: atLeast(check.timeoutSeconds),
  };
}

const atLeast = (seconds: number): number => Math.max(SHORTEST_MS, seconds * 1000);
const absolute = (path = '/'): string => (path.startsWith('/') ? path : `/${path}`);

/**
 * A port of the host is asked on the host, any other at the task's own address.
 *
 * @param port by number, instead of one that is declared; 0 is none, for no server has it
 * @returns    undefined while the task's address is not known
 */
function placeOf(
  definition: AppDefinition,
  {agent, hostPorts, ipAddresses}: LaunchedTask,
  index: number,
  port = 0,
): {readonly host: string; readonly port: number} | undefined {
  const onHost =
    definition.networkMode === 'host' ||
    (port === 0 ? hostPorts[index] !== undefined : definition.networkMode === 'bridge');
  const host = onHost ? agent.hostname : ipAddresses[0];
  const number = port === 0 ? effectivePorts(definition, hostPorts)[index] : port;
  return host === undefined || number === undefined ? undefined : {host, port: number};
}
