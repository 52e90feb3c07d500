import {decodeObject} from '../../crds/kind.ts';
import {MESOS_AGENTS} from '../../crds/mesos-agent.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock} from '../../lib/clock.ts';
import type {MasterFlags} from '../flags.ts';

type Where = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly flags: MasterFlags;
};

const RETRY_MS = 1000;

/**
 * Where the master stands: as `--domain` says, else where the agent of its own node does. Asks until the API server
 * answers: without a domain, whole regions would get no offers.
 *
 * @param goesOn whether anybody still waits for it
 */
export async function homeDomain(
  {client, namespace, clock, log, flags}: Where,
  goesOn: () => boolean,
): Promise<MasterFlags['domain']> {
  const {domain, node_name: nodeName} = flags;
  if (domain !== undefined || nodeName === undefined) return domain;
  while (goesOn()) {
    const found = await client.get(MESOS_AGENTS, nodeName, namespace);
    if (found.ok) {
      const agent = decodeObject(MESOS_AGENTS, found.value);
      return agent.ok ? agent.value.spec.domain : undefined;
    }
    if (found.error.kind === 'http' && found.error.status === 404) return undefined;
    log.warn('own agent not read, again in a second', {agent: nodeName, reason: found.error.message});
    await new Promise<void>(resolve => clock.after(RETRY_MS, resolve));
  }
  return undefined;
}
