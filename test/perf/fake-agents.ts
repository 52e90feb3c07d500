import {MESOS_AGENTS} from '../../src/crds/mesos-agent.ts';
import {leaseName, newAgentObject, renewal} from '../../src/executor-shim/agent/agent-object.ts';
import {LEASES} from '../../src/kube/kinds.ts';
import type {KubeClient, KubeObject} from '../../src/kube/types.ts';

const NAMESPACE = 'default';
const LEASE_MS = 300_000;
const RENEW_EVERY_MS = 60_000;
const RESOURCES = 'cpus:64;mem:262144;disk:512000;ports:[31000-32000]';

/** One MesosAgent for each node, alive until the returned function is called. */
export async function keepAgents(client: KubeClient, names: readonly string[]): Promise<() => void> {
  for (const name of names) {
    const made = await client.create(
      MESOS_AGENTS,
      newAgentObject(name, NAMESPACE, {nodeName: name, hostname: name, resources: RESOURCES}),
    );
    if (!made.ok) throw new Error(`agent ${name}: ${JSON.stringify(made.error)}`);
    const lease: KubeObject = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {name: leaseName(name), namespace: NAMESPACE},
      spec: renewal(name, LEASE_MS, Date.now()),
    };
    const leased = await client.create(LEASES, lease);
    if (!leased.ok) throw new Error(`lease of ${name}: ${JSON.stringify(leased.error)}`);
  }
  const timer = setInterval(() => {
    for (const name of names) {
      void client.patch(LEASES, leaseName(name), NAMESPACE, 'merge', {spec: renewal(name, LEASE_MS, Date.now())});
    }
  }, RENEW_EVERY_MS);
  return () => clearInterval(timer);
}
