import {LEADER_LEASE, MANAGED_SELECTOR} from '../crds/meta.ts';
import {releaseObjects} from '../controller/release-objects.ts';
import {MARATHON_APPS} from '../crds/marathon-app.ts';
import {MARATHON_DEPLOYMENTS} from '../crds/marathon-deployment.ts';
import {MARATHON_GROUPS} from '../crds/marathon-group.ts';
import {MESOS_AGENTS} from '../crds/mesos-agent.ts';
import {MESOS_ROLES} from '../crds/mesos-role.ts';
import {MESOS_FRAMEWORKS} from '../crds/mesos-framework.ts';
import {createKubeClient} from '../kube/client.ts';
import {explainKubeError, isGone} from '../kube/kube-error.ts';
import {CONFIG_MAPS, DAEMON_SETS, DEPLOYMENTS, LEASES, PODS} from '../kube/kinds.ts';
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
const TASK_PODS: Selector = {labelSelector: MANAGED_SELECTOR};

/** Ends a cluster in good order: tasks while the controllers still run, then the controllers, then what is left. */
export async function runUninstall(
  {kubeconfig, namespace, timeout, tasks}: FlagValues<typeof UNINSTALL_FLAGS>,
  {env, log, complain, print}: Surroundings,
): Promise<number> {
  const client = createKubeClient({
    kubeconfigPath: kubeconfig,
    environment: env,
    log,
    clock: systemClock,
    random: systemRandom,
  });
  const ended = await uninstall({client, namespace, tasks, clock: systemClock, timeoutMs: timeout});
  if (!ended.ok) {
    complain(ended.error);
    return 1;
  }
  print(
    tasks === 'keep'
      ? 'No controller runs. Tasks do, and a later install adopts them.'
      : 'No object of the cluster is left.',
  );
  return 0;
}

export type UninstallOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly tasks: 'keep' | 'remove';
  readonly clock: Clock;
  readonly timeoutMs: number;
};

/** The chart's workloads, and the pod of `helm test`. */
const CONTROLLERS = 'mesos-controller';
const AGENTS = 'mesos-agent';
const CHECK = 'mesos-check';
/** What is removed with the tasks, and by name. Leases of agents go with their MesosAgents. */
const OWN_KINDS = [MARATHON_APPS, MARATHON_DEPLOYMENTS, MARATHON_GROUPS, MESOS_FRAMEWORKS, MESOS_AGENTS, MESOS_ROLES];
const OWN_OBJECTS: readonly (readonly [kind: ResourceKind, name: string])[] = [
  [LEASES, LEADER_LEASE],
  [CONFIG_MAPS, 'marathon-framework-id'],
  [CONFIG_MAPS, 'mesos-maintenance'],
];

/**
 * With `remove`, apps and frameworks are deleted while the controllers can end their tasks gracefully. Then, in any
 * case, the controllers end, which gives the Lease back, and nothing waits for one any more.
 *
 * @returns an error that says what is left, when that took too long or was refused
 */
export async function uninstall(options: UninstallOptions): Promise<Result<void, string>> {
  const {client, namespace, tasks, clock, timeoutMs} = options;
  const work = {...options, untilMs: clock.monotonic() + timeoutMs};
  if (tasks === 'remove' && (await someControllerRuns(work))) {
    const removed = await removeTasks(work);
    if (!removed.ok) return err(`${removed.error}. Nothing else was removed; what do the controllers log?`);
  }
  for (const step of [
    () => endWorkload(work, DEPLOYMENTS, CONTROLLERS),
    () => releaseObjects(client, namespace),
    ...(tasks === 'remove' ? [() => removeRest(work)] : []),
    () => deleteOne(work, PODS, CHECK),
  ]) {
    const done = await step();
    if (!done.ok) return done;
  }
  return ok(undefined);
}

type Work = UninstallOptions & {readonly untilMs: number};

/** Without one nobody would end tasks gracefully, and waiting for it would be in vain. */
async function someControllerRuns({client, namespace}: Work): Promise<boolean> {
  const found = await client.get<KubeObject<unknown, {readonly readyReplicas?: number}>>(
    DEPLOYMENTS,
    CONTROLLERS,
    namespace,
  );
  return found.ok ? (found.value.status?.readyReplicas ?? 0) > 0 : !isGone(found.error);
}

async function removeTasks(work: Work): Promise<Result<void, string>> {
  const apps = await deleteAll(work, MARATHON_APPS);
  if (!apps.ok) return apps;
  // Apps first: Marathon ends their tasks gracefully, which the end of a framework does not.
  const appsGone = await untilNone(work, MARATHON_APPS, {});
  if (!appsGone.ok) return appsGone;
  const frameworks = await deleteAll(work, MESOS_FRAMEWORKS);
  if (!frameworks.ok) return frameworks;
  return untilNone(work, PODS, TASK_PODS);
}

/** Deletes a workload and waits until its pods have ended. */
async function endWorkload(work: Work, kind: ResourceKind, name: string): Promise<Result<void, string>> {
  const deleted = await deleteOne(work, kind, name, 'Foreground');
  if (!deleted.ok) return deleted;
  return until(work, async () => {
    const found = await work.client.get(kind, name, work.namespace);
    if (found.ok) return `${kind.kind} ${name} has not ended`;
    return isGone(found.error) ? undefined : explainKubeError(found.error);
  });
}

/** No controller and no agent makes any of it anew: Marathon, and frameworks of others, would subscribe again. */
async function removeRest(work: Work): Promise<Result<void, string>> {
  const agents = await endWorkload(work, DAEMON_SETS, AGENTS);
  if (!agents.ok) return agents;
  for (const kind of OWN_KINDS) {
    const deleted = await deleteAll(work, kind);
    if (!deleted.ok) return deleted;
  }
  for (const [kind, name] of OWN_OBJECTS) {
    const deleted = await deleteOne(work, kind, name);
    if (!deleted.ok) return deleted;
  }
  const pods = await deleteAll(work, PODS, TASK_PODS);
  return pods.ok ? untilNone(work, PODS, TASK_PODS) : pods;
}

async function deleteAll(work: Work, kind: ResourceKind, selector: Selector = {}): Promise<Result<void, string>> {
  const names = await namesOf(work.client, kind, work.namespace, selector);
  if (!names.ok) return names;
  for (const name of names.value) {
    const deleted = await deleteOne(work, kind, name);
    if (!deleted.ok) return deleted;
  }
  return ok(undefined);
}

async function deleteOne(
  {client, namespace}: Work,
  kind: ResourceKind,
  name: string,
  propagationPolicy?: 'Foreground',
): Promise<Result<void, string>> {
  const deleted = await client.delete(kind, name, namespace, {propagationPolicy});
  if (deleted.ok || isGone(deleted.error)) return ok(undefined);
  return err(`could not delete ${kind.kind} ${name}: ${explainKubeError(deleted.error)}`);
}

const untilNone = (work: Work, kind: ResourceKind, selector: Selector): Promise<Result<void, string>> =>
  until(work, async () => {
    const names = await namesOf(work.client, kind, work.namespace, {...selector, limit: MANY});
    if (!names.ok) return names.error;
    if (names.value.length === 0) return undefined;
    const count = `${names.value.length}${names.value.length === MANY ? ' or more' : ''}`;
    return `${count} ${kind.plural} are still there: ${few(names.value)}`;
  });

/** Asks until nothing is left. @returns what was, when the time is over */
async function until({clock, untilMs}: Work, left: () => Promise<string | undefined>): Promise<Result<void, string>> {
  for (;;) {
    const still = await left();
    if (still === undefined) return ok(undefined);
    if (clock.monotonic() >= untilMs) return err(`gave up waiting: ${still}`);
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
