import type {CheckHealth} from '../core/health/results.ts';
import {checkHealths, definitionOf} from '../core/health/health.ts';
import type {ActiveCondition, Instance} from '../core/instances/instance.ts';
import {versionAt} from '../core/ids.ts';
import {persistenceId, volumesOf} from '../core/residents/reservation.ts';
import type {ReadonlyApp} from '../core/state.ts';

type Json = Record<string, unknown>;

const STATES: Readonly<Record<ActiveCondition, string | undefined>> = {
  Scheduled: undefined,
  Provisioned: 'TASK_STAGING',
  Staging: 'TASK_STAGING',
  Starting: 'TASK_STARTING',
  Running: 'TASK_RUNNING',
  Killing: 'TASK_KILLING',
  Unreachable: 'TASK_UNREACHABLE',
  UnreachableInactive: 'TASK_UNREACHABLE',
};

/** A task as /v2 shows it. @returns undefined for an instance that was not launched yet */
export function taskJson(app: ReadonlyApp, instance: Instance): Json | undefined {
  const {task} = instance;
  const state = STATES[instance.condition];
  if (task === undefined || state === undefined) return undefined;
  const json: Json = {
    id: task.taskId,
    appId: app.object.id,
    host: task.agent.hostname,
    slaveId: task.agent.agentId,
    state,
    stagedAt: versionAt(task.stagedAtMs),
    startedAt: task.startedAtMs === undefined ? undefined : versionAt(task.startedAtMs),
    version: instance.version,
    ports: task.hostPorts.filter(port => port !== undefined),
    servicePorts: app.servicePorts,
    ipAddresses: task.ipAddresses.map(ipAddress => ({ipAddress, protocol: ipAddress.includes(':') ? 'IPv6' : 'IPv4'})),
    region: task.agent.region,
    zone: task.agent.zone,
    role: task.role,
    localVolumes: localVolumes(app, instance),
    checkResult: task.checkResult,
    healthCheckResults: healthResults(app, instance),
  };
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
}

/** Where the instance keeps its data. */
function localVolumes(app: ReadonlyApp, instance: Readonly<Instance>): readonly Json[] | undefined {
  const definition = definitionOf(app, instance);
  const volumes = definition === undefined ? [] : volumesOf(definition);
  const [, uuid = ''] = instance.id.split('.instance-');
  return volumes.length === 0
    ? undefined
    : volumes.map(({path}) => ({
        runSpecId: app.object.id,
        containerPath: path,
        uuid,
        persistenceId: persistenceId(instance.id, path),
      }));
}

/** One for each check that has a result. */
function healthResults(app: ReadonlyApp, instance: Readonly<Instance>): readonly Json[] | undefined {
  const {task} = instance;
  const definition = definitionOf(app, instance);
  if (task === undefined) return undefined;
  const healths = definition === undefined ? [task.agentHealth] : checkHealths(definition, task);
  const results = healths.flatMap(health => (health === undefined ? [] : [healthJson(health, instance)]));
  return results.length > 0 ? results : undefined;
}

const healthJson = (
  {alive, consecutiveFailures, firstSuccessMs, lastSuccessMs, lastFailureMs, lastFailureCause}: CheckHealth,
  {id}: Pick<Instance, 'id'>,
): Json => ({
  alive,
  consecutiveFailures,
  ...(firstSuccessMs !== undefined && {firstSuccess: versionAt(firstSuccessMs)}),
  ...(lastSuccessMs !== undefined && {lastSuccess: versionAt(lastSuccessMs)}),
  ...(lastFailureMs !== undefined && {lastFailure: versionAt(lastFailureMs)}),
  ...(lastFailureCause !== undefined && {lastFailureCause}),
  instanceId: id,
});

/** Tasks that were launched. */
export const tasksOf = (app: ReadonlyApp): Json[] =>
  [...app.instances.values()].map(instance => taskJson(app, instance)).filter(task => task !== undefined);
