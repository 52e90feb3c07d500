import type {KubeObject} from '../../kube/types.ts';
import {MESOS_AGENTS} from '../../crds/mesos-agent.ts';
import type {Static} from 'typebox';

export type AgentSpec = Static<typeof MESOS_AGENTS.spec>;

/** The MesosAgent of an agent that registers for the first time. */
export const newAgentObject = (name: string, namespace: string, spec: AgentSpec): KubeObject<AgentSpec> => ({
  apiVersion: `${MESOS_AGENTS.group}/${MESOS_AGENTS.version}`,
  kind: MESOS_AGENTS.kind,
  metadata: {name, namespace},
  spec,
});

/**
 * The merge patch that makes the object's spec ours. Fields that we do not write stay.
 *
 * @returns undefined when nothing differs
 */
export function specPatch(live: Readonly<Record<string, unknown>>, wanted: AgentSpec): {spec: object} | undefined {
  const changed = Object.entries(wanted).filter(([key, value]) => JSON.stringify(live[key]) !== JSON.stringify(value));
  return changed.length === 0 ? undefined : {spec: Object.fromEntries(changed)};
}

/** The Lease whose renewal says that the agent lives. An empty holder says that it has left. */
export const leaseName = (agent: string): string => `mesos-agent-${agent}`;

export type LeaseSpec = {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly renewTime: string;
  readonly acquireTime?: string;
};

/** @param nowMs milliseconds since the epoch; leases have microseconds */
export const renewal = (holder: string, durationMs: number, nowMs: number): LeaseSpec => ({
  holderIdentity: holder,
  leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
  renewTime: new Date(nowMs).toISOString().replace('Z', '000Z'),
});
