import {MARATHON_APPS, type MarathonAppStatus} from '../../../crds/marathon-app.ts';
import {explainKubeError, hasReason} from '../../../kube/kube-error.ts';
import type {Logger} from '../../../kube/log.ts';
import type {KubeClient, KubeError} from '../../../kube/types.ts';
import type {Clock, Random} from '../../../lib/clock.ts';
import type {Result} from '../../../lib/result.ts';
import {patchStatus, setCondition, type Condition} from '../../runtime/status.ts';
import {createWorkQueue} from '../../runtime/work-queue.ts';
import type {App, MarathonState} from '../core/state.ts';
import {appConditions, appStatus} from '../core/apps/status.ts';
import {BudgetWriter} from './budget-writer.ts';
import {setFinalizer} from './finalizers.ts';

/** At most five status writes per second and app. */
const STATUS_INTERVAL_MS = 200;

export type AppWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly state: MarathonState;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

/**
 * Writes to Kubernetes what the core wants there: the status of MarathonApps, coalesced, their finalizer, and their
 * disruption budgets.
 */
export type AppWriter = {
  readonly statusChanged: (name: string) => void;
  readonly finalizerChanged: (name: string) => void;
  readonly stop: () => Promise<void>;
};

export function createAppWriter(options: AppWriterOptions): AppWriter {
  const {clock, log} = options;
  const lastWriteMs = new Map<string, number>();
  const writeStatus = async (name: string): Promise<void> => {
    const app = options.state.apps.get(name);
    if (app === undefined) return void lastWriteMs.delete(name);
    lastWriteMs.set(name, clock.monotonic());
    settle(statuses, name, 'app status not written', await patchAppStatus(options, app));
  };
  const writeFinalizer = async (name: string): Promise<void> => {
    const app = options.state.apps.get(name);
    if (app === undefined) return;
    const wanted = wantsFinalizer(app);
    if (wanted === undefined) return;
    settle(
      finalizers,
      name,
      'app finalizer not written',
      await setFinalizer(options.client, options.namespace, app.object, wanted),
    );
  };
  const writeBudget = async (name: string): Promise<void> => {
    settle(budgets, name, 'app disruption budget not written', await budgetWriter.write(name));
  };
  const settle = (queue: typeof statuses, name: string, message: string, result: Result<unknown, KubeError>): void => {
    if (result.ok || hasReason(result.error, 'NotFound')) return queue.forget(name);
    if (result.error.kind === 'fenced') return;
    // Somebody else wrote at the same moment: the next attempt sees what.
    const level = hasReason(result.error, 'Conflict') ? 'debug' : 'warn';
    log[level](message, {app: name, error: explainKubeError(result.error)});
    queue.addRateLimited(name);
  };
  const common = {clock, random: options.random, log, concurrency: 4, baseBackoffMs: 100, maxBackoffMs: 30_000};
  const statuses = createWorkQueue({...common, process: writeStatus});
  const finalizers = createWorkQueue({...common, process: writeFinalizer});
  const budgets = createWorkQueue({...common, process: writeBudget});
  const budgetWriter = new BudgetWriter(options);
  return {
    statusChanged: name => {
      const sinceMs = clock.monotonic() - (lastWriteMs.get(name) ?? -Infinity);
      if (sinceMs >= STATUS_INTERVAL_MS) statuses.add(name);
      else statuses.addAfter(name, STATUS_INTERVAL_MS - sinceMs);
      if (budgetWriter.wants(name)) budgets.add(name);
    },
    finalizerChanged: name => finalizers.add(name),
    stop: async () => {
      await Promise.all([statuses, finalizers, budgets].map(queue => queue.stop({drain: false})));
    },
  };
}

/** undefined: leave it as it is. */
function wantsFinalizer(app: App): boolean | undefined {
  if (app.object.deleting) return app.instances.size === 0 ? false : undefined;
  return app.definition === undefined ? undefined : true;
}

async function patchAppStatus(options: AppWriterOptions, app: App): Promise<Result<unknown, KubeError>> {
  const {object} = app;
  const nowMs = options.clock.now();
  const status = {...object.status, ...appStatus(app, nowMs), conditions: conditionsOf(app, nowMs)};
  const target = {name: object.name, namespace: options.namespace, uid: object.uid, status: object.status};
  return patchStatus(options.client, MARATHON_APPS, target, status);
}

function conditionsOf(app: App, nowMs: number): readonly Condition[] {
  const nowIso = new Date(nowMs).toISOString();
  const held: MarathonAppStatus['conditions'] = app.object.status?.conditions;
  return appConditions(app, nowMs).reduce<readonly Condition[]>(
    (conditions, change) => setCondition(conditions, change, nowIso, app.object.generation),
    held ?? [],
  );
}
