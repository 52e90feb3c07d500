import {decodeJson, encodeJson} from '../../../api/mesos/v1/json.ts';
import {machineIdsSchema, scheduleSchema} from '../../../api/mesos/v1/maintenance.ts';
import type {KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {scheduleProblem} from '../core/maintenance/machines.ts';
import type {Maintenance} from '../core/maintenance/maintenance-plan.ts';

/** The ConfigMap that keeps the operator's plan for machines: `schedule.json` and `down.json`, as in the v1 API. */
export const MAINTENANCE_NAME = 'mesos-maintenance';
const SCHEDULE = 'schedule.json';
const DOWN = 'down.json';

/** The ConfigMap as the caches keep it. */
export type MaintenanceView = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Or why it cannot be followed. */
  readonly maintenance: Result<Maintenance, string>;
};

export const NO_MAINTENANCE: Maintenance = {schedule: {}, down: []};

export function toMaintenanceView(raw: KubeObject): MaintenanceView {
  const {name, namespace = '', uid = '', resourceVersion = ''} = raw.metadata;
  return {name, namespace, uid, resourceVersion, maintenance: readMaintenance(raw)};
}

/** What the object says; somebody may have edited it by hand. */
export function readMaintenance(raw: KubeObject): Result<Maintenance, string> {
  const schedule = parse(textOf(raw, SCHEDULE) ?? '{}');
  const down = parse(textOf(raw, DOWN) ?? '[]');
  if (!schedule.ok) return err(`${SCHEDULE}: ${schedule.error}`);
  if (!down.ok) return err(`${DOWN}: ${down.error}`);
  const decoded = decodeJson(scheduleSchema, schedule.value);
  if (!decoded.ok) return err(`${SCHEDULE}: ${decoded.error}`);
  const machines = decodeJson(machineIdsSchema, {machines: down.value});
  if (!machines.ok) return err(`${DOWN}: ${machines.error}`);
  const maintenance: Maintenance = {schedule: decoded.value, down: machines.value.machines ?? []};
  const problem = scheduleProblem(maintenance.schedule, maintenance);
  return problem === undefined ? ok(maintenance) : err(problem);
}

function textOf(raw: KubeObject, key: string): string | undefined {
  const data: unknown = 'data' in raw ? raw.data : undefined;
  const value: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function parse(json: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(json));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

export const maintenanceObject = (namespace: string, {schedule, down}: Maintenance, resourceVersion?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: MAINTENANCE_NAME, namespace, ...(resourceVersion !== undefined && {resourceVersion})},
  data: {
    [SCHEDULE]: JSON.stringify(encodeJson(scheduleSchema, schedule), undefined, 2),
    [DOWN]: JSON.stringify(down, undefined, 2),
  },
});
