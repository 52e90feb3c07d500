import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {CONFIG_MAPS} from '../../../kube/kinds.ts';
import type {Informer, KubeClient, KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {editObject, type Edited} from '../../runtime/edit-object.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import {scheduleProblem, startMaintenance, stopMaintenance} from '../core/maintenance/machines.ts';
import type {Maintenance} from '../core/maintenance/maintenance-plan.ts';
import {
  MAINTENANCE_NAME,
  maintenanceObject,
  type MaintenanceView,
  NO_MAINTENANCE,
  readMaintenance,
} from '../objects/maintenance-object.ts';
import {FOR_A_CALLER, notWritten} from './not-written.ts';
import type {ChangeCall} from './operator-gate.ts';

export type MaintenanceChangesOptions = {
  readonly client: KubeClient;
  readonly writes: Outbox;
  readonly namespace: string;
  readonly cache: Informer<MaintenanceView>;
};

/** Calls about the maintenance of machines. */
export type MaintenanceCall = Extract<
  ChangeCall,
  {readonly type: 'UPDATE_MAINTENANCE_SCHEDULE' | 'START_MAINTENANCE' | 'STOP_MAINTENANCE'}
>;

type Done = Result<void, CallRefused>;
type Change = ReturnType<typeof startMaintenance>;

/** Writes the operator's plan for machines into its ConfigMap, which is the only truth about it. */
export class MaintenanceChanges {
  readonly #options: MaintenanceChangesOptions;

  constructor(options: MaintenanceChangesOptions) {
    this.#options = options;
  }

  perform(call: MaintenanceCall): Promise<Done> {
    switch (call.type) {
      case 'UPDATE_MAINTENANCE_SCHEDULE': {
        const {schedule} = call.update_maintenance_schedule;
        return this.#change(before => {
          const problem = scheduleProblem(schedule, before);
          return problem === undefined ? {maintenance: {...before, schedule}} : {problem};
        });
      }
      case 'START_MAINTENANCE':
        return this.#change(before => startMaintenance(before, call.start_maintenance.machines ?? []));
      case 'STOP_MAINTENANCE':
        return this.#change(before => stopMaintenance(before, call.stop_maintenance.machines ?? []));
      default:
        return call satisfies never;
    }
  }

  /** Resolves when the master has seen it. */
  async #change(change: (before: Maintenance) => Change): Promise<Done> {
    const {client, writes, namespace, cache} = this.#options;
    const target = {client, kind: CONFIG_MAPS, name: MAINTENANCE_NAME, namespace};
    const decide = (current: KubeObject | undefined) => decideOn(current, namespace, change);
    const outcome = await editObject(writes, target, decide, FOR_A_CALLER);
    if (outcome.kind !== 'done') return err(notWritten('The schedule', outcome));
    if (!outcome.value.ok) return outcome.value;
    const resourceVersion = outcome.value.value?.metadata.resourceVersion;
    if (resourceVersion !== undefined) await cache.seen(MAINTENANCE_NAME, namespace, resourceVersion);
    return ok(undefined);
  }
}

function decideOn(
  current: KubeObject | undefined,
  namespace: string,
  change: (before: Maintenance) => Change,
): Result<Edited, CallRefused> {
  const before = current === undefined ? ok(NO_MAINTENANCE) : readMaintenance(current);
  // Somebody has broken it by hand: a new schedule mends it, nothing else does.
  const changed = change(before.ok ? before.value : NO_MAINTENANCE);
  if ('problem' in changed) return err({status: 400, message: changed.problem});
  const object = maintenanceObject(namespace, changed.maintenance, current?.metadata.resourceVersion);
  return ok({kind: current === undefined ? 'create' : 'update', object});
}
