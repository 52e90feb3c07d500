import {MARATHON_APPS, type MarathonAppStatus} from '../../../crds/marathon-app.ts';
import type {Logger} from '../../../kube/log.ts';
import {hasReason} from '../../../kube/kube-error.ts';
import type {KubeClient, KubeError} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {ok, type Result} from '../../../lib/result.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import {patchStatus, setCondition, type Condition} from '../../runtime/status.ts';
import {APP_ANNOTATIONS} from '../../../crds/meta.ts';
import {appConditions, appStatus, type ConditionNow} from '../core/apps/status.ts';
import type {ReadonlyApp, AppObject, ReadonlyMarathon} from '../core/state.ts';
import {BudgetWriter} from './budget-writer.ts';
import {setFinalizer} from './finalizers.ts';

/** At most five status writes per second and app. */
const STATUS_INTERVAL_MS = 200;

export type AppWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly outbox: Outbox;
  /** Undefined while it is being rebuilt. */
  readonly state: () => ReadonlyMarathon | undefined;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Writes of one app wait for each other under this key, whoever asks for them. */
export const appKey = (name: string): string => `${MARATHON_APPS.plural}/${name}`;

/**
 * Writes to Kubernetes what the core wants there: the status of MarathonApps, coalesced, their finalizer, and their
 * disruption budgets.
 */
export class AppWriter {
  readonly #options: AppWriterOptions;
  readonly #budgets: BudgetWriter;

  constructor(options: AppWriterOptions) {
    this.#options = options;
    this.#budgets = new BudgetWriter({...options, app: name => this.#app(name)});
  }

  changed(name: string): void {
    const {outbox} = this.#options;
    const writeStatus = async (): Promise<Result<unknown, KubeError>> => {
      const app = this.#app(name);
      return app === undefined ? ok(undefined) : this.#patchStatus(app);
    };
    outbox.latest(appKey(name), 'status', writeStatus, {everyMs: STATUS_INTERVAL_MS});
    if (this.#budgets.wants(name))
      outbox.latest(`poddisruptionbudgets/${name}`, 'budget', () => this.#budgets.write(name));
  }

  /** Puts our finalizer on the object, or takes it off. */
  finalizer(name: string): void {
    const {client, namespace, outbox} = this.#options;
    outbox.latest(appKey(name), 'finalizer', async () => {
      const app = this.#app(name);
      const wanted = app === undefined ? undefined : wantsFinalizer(app);
      if (app === undefined || wanted === undefined) return ok(undefined);
      return setFinalizer(client, namespace, app.object, wanted);
    });
  }

  /** Notes that its deletion is refused: the next leader must not take it for one like any other. */
  keep({name, uid}: Pick<AppObject, 'name' | 'uid'>): void {
    const {client, namespace, outbox, clock} = this.#options;
    const annotations = {[APP_ANNOTATIONS.kept]: new Date(clock.now()).toISOString()};
    outbox.latest(appKey(name), 'keep', async () => {
      const patched = await client.patch(MARATHON_APPS, name, namespace, 'merge', {metadata: {uid, annotations}});
      return patched.ok || hasReason(patched.error, 'NotFound') ? ok(undefined) : patched;
    });
  }

  /** The core makes mistakes with this app: it is left alone until its object changes, and says so. */
  setAside(object: AppObject, reason: string): void {
    const conditions: ConditionNow[] = [
      {type: 'Available', status: 'Unknown', reason: 'SetAside', message: 'Marathon does not look after this app'},
      {type: 'Progressing', status: 'False', reason: 'SetAside', message: 'it is tried again when its object changes'},
      {type: 'Degraded', status: 'True', reason: 'SetAside', message: `Marathon failed at this app: ${reason}`},
    ];
    this.#options.outbox.latest(appKey(object.name), 'status', () =>
      this.#patch(object, {...object.status, conditions: this.#conditions(object, conditions)}),
    );
  }

  #app(name: string): ReadonlyApp | undefined {
    return this.#options.state()?.apps.get(name);
  }

  #patchStatus(app: ReadonlyApp): Promise<Result<unknown, KubeError>> {
    const {object} = app;
    const nowMs = this.#options.clock.now();
    const conditions = this.#conditions(object, appConditions(app, nowMs));
    return this.#patch(object, {...object.status, ...appStatus(app, nowMs), conditions});
  }

  #patch({name, uid, status: held}: AppObject, status: unknown): Promise<Result<unknown, KubeError>> {
    const {client, namespace} = this.#options;
    return patchStatus(client, MARATHON_APPS, {name, namespace, uid, status: held}, status);
  }

  #conditions(object: AppObject, changes: readonly ConditionNow[]): readonly Condition[] {
    const nowIso = new Date(this.#options.clock.now()).toISOString();
    const held: MarathonAppStatus['conditions'] = object.status?.conditions;
    return changes.reduce<readonly Condition[]>(
      (conditions, change) => setCondition(conditions, change, nowIso, object.generation),
      held ?? [],
    );
  }
}

/** undefined: leave it as it is. */
function wantsFinalizer(app: ReadonlyApp): boolean | undefined {
  if (app.object.deleting) return app.instances.size === 0 ? false : undefined;
  return app.definition === undefined && !app.waitsForStep ? undefined : true;
}
