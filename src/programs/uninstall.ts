import {MARATHON_APPS} from '../crds/marathon-app.ts';
import {MESOS_FRAMEWORKS} from '../crds/mesos-framework.ts';
import {createKubeClient} from '../kube/client.ts';
import {explainKubeError, isGone} from '../kube/kube-error.ts';
import {PODS} from '../kube/kinds.ts';
import {systemClock, systemRandom} from '../kube/system-clock.ts';
import type {KubeClient, KubeObject, ResourceKind, Selector} from '../kube/types.ts';
import type {Clock} from '../lib/clock.ts';
import type {FlagValues} from '../lib/flags.ts';
import {err, ok, type Result} from '../lib/result.ts';
import type {Surroundings} from './program.ts';
import type {UNINSTALL_FLAGS} from './uninstall-flags.ts';

const POLL_MS = 500;
/** Enough to wait for the last: a hundred thousand pods need not be read twice a second. */
const MANY = 100;
/** On every pod of a task. */
const TASK_PODS: Selector = {labelSelector: 'mesos.dev/managed=true'};

/** Removes apps, frameworks and their tasks while the controllers still run: they end the tasks in good order. */
export async function runUninstall(
  {kubeconfig, namespace, timeout}: FlagValues<typeof UNINSTALL_FLAGS>,
  {env, log, complain, print}: Surroundings,
): Promise<number> {
  const client = createKubeClient({
    kubeconfigPath: kubeconfig,
    environment: env,
    log,
    clock: systemClock,
    random: systemRandom,
  });
  const removed = await removeAll({client, namespace, clock: systemClock, timeoutMs: timeout});
  if (!removed.ok) {
    complain(`${removed.error}. Nothing else was removed; do the controllers run?`);
    return 1;
  }
  print('No app, no framework and no task is left.');
  return 0;
}

export type RemoveOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
};

/**
 * Deletes all MarathonApps, then all MesosFrameworks, and waits for the pods of their tasks.
 *
 * @returns an error that says what is left, when that took too long
 */
export async function removeAll(options: RemoveOptions): Promise<Result<void, string>> {
  const untilMs = options.clock.monotonic() + options.timeoutMs;
  const apps = await deleteAll(options, MARATHON_APPS);
  if (!apps.ok) return apps;
  // Apps first: Marathon ends their tasks gracefully, which the end of a framework does not.
  const appsGone = await untilNone(options, MARATHON_APPS, {}, untilMs);
  if (!appsGone.ok) return appsGone;
  const frameworks = await deleteAll(options, MESOS_FRAMEWORKS);
  if (!frameworks.ok) return frameworks;
  return untilNone(options, PODS, TASK_PODS, untilMs);
}

async function deleteAll({client, namespace}: RemoveOptions, kind: ResourceKind): Promise<Result<void, string>> {
  const names = await namesOf(client, kind, namespace, {});
  if (!names.ok) return names;
  for (const name of names.value) {
    const deleted = await client.delete(kind, name, namespace);
    if (!deleted.ok && !isGone(deleted.error))
      return err(`could not delete ${kind.kind} ${name}: ${explainKubeError(deleted.error)}`);
  }
  return ok(undefined);
}

async function untilNone(
  {client, namespace, clock}: RemoveOptions,
  kind: ResourceKind,
  selector: Selector,
  untilMs: number,
): Promise<Result<void, string>> {
  for (;;) {
    const names = await namesOf(client, kind, namespace, {...selector, limit: MANY});
    if (names.ok && names.value.length === 0) return ok(undefined);
    if (clock.monotonic() >= untilMs) {
      const left = names.ok
        ? `${names.value.length}${names.value.length === MANY ? ' or more' : ''} ${kind.plural} are still there: ${few(names.value)}`
        : names.error;
      return err(`gave up waiting: ${left}`);
    }
    await new Promise<void>(resolve => clock.after(POLL_MS, resolve));
  }
}

/** A kind that was never installed has no objects. */
async function namesOf(
  client: KubeClient,
  kind: ResourceKind,
  namespace: string,
  selector: Selector & {readonly limit?: number},
): Promise<Result<readonly string[], string>> {
  const listed = await client.list<KubeObject>(kind, {namespace, ...selector});
  if (listed.ok) return ok(listed.value.items.map(({metadata}) => metadata.name));
  if (isGone(listed.error)) return ok([]);
  return err(`could not list ${kind.plural}: ${explainKubeError(listed.error)}`);
}

const FEW = 5;
const few = (names: readonly string[]): string =>
  names.slice(0, FEW).join(', ') + (names.length > FEW ? ` and ${names.length - FEW} more` : '');
