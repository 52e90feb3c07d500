import {AGENT_LEASE_PREFIX} from '../../crds/meta.ts';
import type {KubeObject, OwnerReference} from '../../kube/types.ts';
import {MESOS_AGENTS} from '../../crds/mesos-agent.ts';
import type {Static} from 'typebox';

export type AgentSpec = Static<typeof MESOS_AGENTS.spec>;

/** What an agent says of itself. A field that is undefined is to go, one that is absent is left alone. */
export type AgentReport = Pick<AgentSpec, 'nodeName' | 'hostname' | 'resources'> & {
  readonly [Field in keyof AgentSpec]?: AgentSpec[Field] | undefined;
};

/** The MesosAgent of an agent that registers for the first time. */
export const newAgentObject = (
  name: string,
  namespace: string,
  spec: AgentReport,
  owner?: OwnerReference,
): KubeObject<AgentReport> => ({
  apiVersion: `${MESOS_AGENTS.group}/${MESOS_AGENTS.version}`,
  kind: MESOS_AGENTS.kind,
  metadata: {name, namespace, ...(owner !== undefined && {ownerReferences: [owner]})},
  spec,
});

/**
 * The merge patch that makes the object ours: its spec as reported, its owner as given.
 *
 * @param live the object as it is; undefined: not known, so that everything is written
 * @returns    undefined when nothing differs
 */
export function agentPatch(
  live: KubeObject<Readonly<Record<string, unknown>>> | undefined,
  wanted: AgentReport,
  owner?: OwnerReference,
): object | undefined {
  const changed = Object.entries(wanted).filter(([key, value]) => live === undefined || !same(live.spec?.[key], value));
  const owners = live?.metadata.ownerReferences ?? [];
  const owned = owner === undefined || live === undefined || owners.some(({uid}) => uid === owner.uid);
  if (changed.length === 0 && owned) return undefined;
  return {
    spec: Object.fromEntries(changed.map(([key, value]) => [key, value ?? null])),
    ...(!owned && {metadata: {ownerReferences: [...owners, owner]}}),
  };
}

/** Fields may come in another order. */
function same(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every(key => same(Reflect.get(a, key), Reflect.get(b, key)));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The Lease whose renewal says that the agent lives. An empty holder says that it has left. */
export const leaseName = (agent: string): string => `${AGENT_LEASE_PREFIX}${agent}`;

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
