import {POD_DISRUPTION_BUDGETS} from '../../../kube/kinds.ts';
import type {Logger} from '../../../kube/log.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import {ok, type Result} from '../../../lib/result.ts';
import {disruptionBudget} from '../core/apps/disruption-budget.ts';
import type {ReadonlyApp} from '../core/state.ts';

export type BudgetWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly app: (name: string) => ReadonlyApp | undefined;
  readonly log: Logger;
};

/** Keeps a PodDisruptionBudget for each app, written when it differs from what this process wrote last. */
export class BudgetWriter {
  readonly #options: BudgetWriterOptions;
  /** As text, by the app's object name. */
  readonly #written = new Map<string, string>();
  /** Where nobody evicts (the standalone's API server) there are no budgets. */
  #unknown = false;

  constructor(options: BudgetWriterOptions) {
    this.#options = options;
  }

  wants(name: string): boolean {
    const budget = this.#wanted(name);
    if (budget === undefined) this.#written.delete(name);
    return budget !== undefined && !this.#unknown && this.#written.get(name) !== JSON.stringify(budget);
  }

  /** Deleting it is the garbage collector's: it belongs to its app. */
  async write(name: string): Promise<Result<unknown, KubeError>> {
    const budget = this.#wanted(name);
    if (budget === undefined || !this.wants(name)) return ok(undefined);
    const {client, namespace, log} = this.#options;
    const options = {fieldManager: 'mesos-marathon', force: true};
    const applied = await client.patch(
      POD_DISRUPTION_BUDGETS,
      budget.metadata.name,
      namespace,
      'apply',
      budget,
      options,
    );
    if (applied.ok) this.#written.set(name, JSON.stringify(budget));
    if (applied.ok || applied.error.kind !== 'http' || applied.error.status !== 404) return applied;
    this.#unknown = true;
    log.info('this cluster has no disruption budgets', {});
    return ok(undefined);
  }

  #wanted(name: string): KubeObject | undefined {
    const app = this.#options.app(name);
    return app === undefined ? undefined : disruptionBudget(app, this.#options.namespace);
  }
}
