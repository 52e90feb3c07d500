import {AGENT_LEASE_PREFIX, LEADER_LEASE} from '../crds/meta.ts';
import {KINDS} from '../crds/kinds.ts';
import {crdManifest} from '../crds/manifest.ts';
import {MESOS_AGENTS, type MesosAgent} from '../crds/mesos-agent.ts';
import {CUSTOM_RESOURCE_DEFINITIONS, LEASES, NODES} from '../kube/kinds.ts';
import {explainKubeError} from '../kube/kube-error.ts';
import type {KubeClient, KubeObject} from '../kube/types.ts';
import type {Clock} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 30_000;

/** Creates or updates the CustomResourceDefinitions, and waits until their kinds are served. */
export async function installKinds(client: KubeClient, clock: Clock): Promise<Result<void, string>> {
  for (const kind of KINDS) {
    const manifest = crdManifest(kind) as KubeObject;
    const applied = await client.patch(
      CUSTOM_RESOURCE_DEFINITIONS,
      manifest.metadata.name,
      undefined,
      'apply',
      manifest,
      {
        fieldManager: 'mesos-standalone',
        force: true,
      },
    );
    if (!applied.ok) return err(`can't install ${manifest.metadata.name}: ${explainKubeError(applied.error)}`);
  }
  const served = async (): Promise<boolean> => {
    const lists = await Promise.all(KINDS.map(kind => client.list(kind, {limit: 1})));
    return lists.every(list => list.ok);
  };
  return (await waitUntil(served, clock)) ? ok(undefined) : err('the API server does not serve our kinds');
}

/**
 * Takes the Lease away from an earlier main process of this data directory: it holds the directory's lock no longer, so
 * it can't be leading.
 */
export async function forgetOwnLease(client: KubeClient, namespace: string, identityPrefix: string): Promise<void> {
  const lease = await client.get<KubeObject<{holderIdentity?: string}>>(LEASES, LEADER_LEASE, namespace);
  if (!lease.ok || lease.value.spec?.holderIdentity?.startsWith(identityPrefix) !== true) return;
  const {uid, resourceVersion} = lease.value.metadata;
  await client.delete(LEASES, LEADER_LEASE, namespace, {uid, resourceVersion});
}

/** Removes what an agent that is no longer wanted left behind. */
export async function forgetAgent(client: KubeClient, namespace: string, name: string): Promise<void> {
  await client.delete(MESOS_AGENTS, name, namespace);
  await client.delete(LEASES, `${AGENT_LEASE_PREFIX}${name}`, namespace);
  await client.delete(NODES, name);
}

/** Waits until the master has taken up these agents, or for half a minute. */
export async function agentsReady(
  client: KubeClient,
  namespace: string,
  names: readonly string[],
  clock: Clock,
): Promise<boolean> {
  return waitUntil(async () => {
    const agents = await Promise.all(names.map(name => client.get<MesosAgent>(MESOS_AGENTS, name, namespace)));
    return agents.every(agent => agent.ok && isReady(agent.value));
  }, clock);
}

const isReady = ({status}: MesosAgent): boolean =>
  status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True') === true;

async function waitUntil(holds: () => Promise<boolean>, clock: Clock): Promise<boolean> {
  const deadline = clock.monotonic() + PATIENCE_MS;
  while (!(await holds())) {
    if (clock.monotonic() >= deadline) return false;
    await new Promise<void>(resolve => clock.after(LOOK_EVERY_MS, resolve));
  }
  return true;
}
