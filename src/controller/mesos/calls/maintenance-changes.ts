import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {CONFIG_MAPS} from '../../../kube/kinds.ts';
import {explainKubeError, hasReason} from '../../../kube/kube-error.ts';
import type {Informer, KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {scheduleProblem, startMaintenance, stopMaintenance} from '../core/maintenance/machines.ts';
import type {Maintenance} from '../core/maintenance/maintenance-plan.ts';
import {
  MAINTENANCE_NAME,
  maintenanceObject,
  type MaintenanceView,
  NO_MAINTENANCE,
  readMaintenance,
} from '../objects/maintenance-object.ts';
import type {ChangeCall} from './operator-gate.ts';

export type MaintenanceChangesOptions = {
  readonly client: KubeClient;
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

/** How often a write is tried that others keep overtaking. */
const ATTEMPTS = 5;

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

  /** Reads, changes and writes; resolves when the master has seen it. */
  async #change(change: (before: Maintenance) => Change): Promise<Done> {
    for (let attempt = 1; ; attempt++) {
      const done = await this.#attempt(change);
      const isOvertaken = !done.ok && 'kind' in done.error && hasReason(done.error, 'Conflict');
      if (isOvertaken && attempt < ATTEMPTS) continue;
      if (done.ok) return done;
      return 'kind' in done.error ? unavailable(done.error) : err(done.error);
    }
  }

  async #attempt(change: (before: Maintenance) => Change): Promise<Result<void, CallRefused | KubeError>> {
    const {client, namespace, cache} = this.#options;
    const found = await client.get<KubeObject>(CONFIG_MAPS, MAINTENANCE_NAME, namespace);
    if (!found.ok && !hasReason(found.error, 'NotFound')) return found;
    const before = found.ok ? readMaintenance(found.value) : ok(NO_MAINTENANCE);
    // Somebody has broken it by hand: a new schedule mends it, nothing else does.
    const changed = change(before.ok ? before.value : NO_MAINTENANCE);
    if ('problem' in changed) return err({status: 400, message: changed.problem});
    const version = found.ok ? found.value.metadata.resourceVersion : undefined;
    const object = maintenanceObject(namespace, changed.maintenance, version);
    const written = await (found.ok ? client.update(CONFIG_MAPS, object) : client.create(CONFIG_MAPS, object));
    if (!written.ok)
      return hasReason(written.error, 'AlreadyExists') ? err({...written.error, reason: 'Conflict'}) : written;
    const {resourceVersion} = written.value.metadata;
    if (resourceVersion !== undefined) await cache.seen(MAINTENANCE_NAME, namespace, resourceVersion);
    return ok(undefined);
  }
}

const unavailable = (error: KubeError): Done =>
  err({status: 503, message: `The schedule could not be written: ${explainKubeError(error)}`});
