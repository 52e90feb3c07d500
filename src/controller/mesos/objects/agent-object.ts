import {AGENT_LEASE_PREFIX} from '../../../crds/meta.ts';
import {toAgentId} from '../../../allocator/ids.ts';
import type {Attribute} from '../../../api/mesos/v1/resources.ts';
import {decodeObject} from '../../../crds/kind.ts';
import {MESOS_AGENTS, type MesosAgent} from '../../../crds/mesos-agent.ts';
import type {KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {AgentDescription, AgentRecord, AgentSighting, Drain} from '../core/agents/agent-record.ts';
import {reservedBy} from './reserved.ts';
import type {AgentId} from '../core/ids.ts';
import {parseAttributes} from './attributes.ts';
import {oversubscribedResources, reportedResources} from './reported-resources.ts';

/** A MesosAgent as the caches keep it. */
export type AgentView = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** Undefined until a master gave it. */
  readonly agentId: AgentId | undefined;
  readonly status: MesosAgent['status'];
  /** The operator has said that it never comes back. */
  readonly gone: boolean;
  /** Everything but the id; or why nothing can be offered. */
  readonly description: Result<AgentDescription, string>;
};

/** Projects a MesosAgent object. One that cannot be understood is kept, with the reason. */
export function toAgentView(raw: KubeObject): AgentView {
  const decoded = decodeObject(MESOS_AGENTS, raw);
  const {name, namespace = '', uid = '', resourceVersion = '', generation = 0} = raw.metadata;
  const status = decoded.ok ? decoded.value.status : undefined;
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    agentId: status?.agentId === undefined ? undefined : toAgentId(status.agentId),
    status,
    gone: decoded.ok && decoded.value.spec.gone === true,
    description: decoded.ok
      ? describe(decoded.value)
      : err(decoded.error.map(issue => `${issue.path}: ${issue.message}`).join('; ')),
  };
}

function describe({metadata, spec}: MesosAgent): Result<AgentDescription, string> {
  const total = reportedResources(spec.resources);
  if (!total.ok) return total;
  const oversubscribed = oversubscribedResources(spec.oversubscribed ?? '');
  if (!oversubscribed.ok) return oversubscribed;
  const attributes: Result<readonly Attribute[], string> = parseAttributes(spec.attributes ?? '');
  if (!attributes.ok) return err(`attributes: ${attributes.error}`);
  return ok({
    name: metadata.name,
    nodeName: spec.nodeName,
    hostname: spec.hostname,
    port: spec.port ?? 5051,
    total: total.value.add(oversubscribed.value),
    attributes: attributes.value,
    domain:
      spec.domain === undefined
        ? undefined
        : {fault_domain: {region: {name: spec.domain.region}, zone: {name: spec.domain.zone}}},
    version: spec.version ?? '',
    ...(spec.maxTasks !== undefined && {maxTasks: spec.maxTasks}),
    ...(spec.unschedulable !== undefined && {deactivated: spec.unschedulable}),
    ...(spec.deactivated === true && {deactivatedByOperator: true}),
    ...(spec.drain !== undefined && {drain: toDrain(spec.drain)}),
  });
}

function toDrain({maxGracePeriodSeconds, markGone, requestedTime}: NonNullable<MesosAgent['spec']['drain']>): Drain {
  const requestedMs = Date.parse(requestedTime ?? '');
  return {
    ...(maxGracePeriodSeconds !== undefined && {maxGraceSeconds: maxGracePeriodSeconds}),
    markGone: markGone === true,
    ...(!Number.isNaN(requestedMs) && {requestedMs}),
  };
}

/** The agent that renews this Lease; undefined for Leases of others. */
export const agentNameOfLease = (leaseName: string): string | undefined =>
  leaseName.startsWith(AGENT_LEASE_PREFIX) ? leaseName.slice(AGENT_LEASE_PREFIX.length) : undefined;

/** What the master's core is told of an agent's object. */
export const toSighting = ({name, uid, agentId, gone, description, status}: AgentView): AgentSighting => ({
  name,
  uid,
  agentId,
  gone,
  description,
  before: {
    ...kept(status),
    unregistered: readyReason(status) === 'AgentShutdown',
    unreachableSinceMs: unreachableSince(status),
  },
});

/** What an earlier master left of the agents that it had given ids. */
export type RecoveredAgents = {
  readonly agents: readonly AgentRecord[];
  readonly unreachable: readonly {readonly agent: AgentRecord; readonly sinceMs: number}[];
};

/** Agents that have left are not among them. */
export function recoveredAgents(views: readonly AgentView[]): RecoveredAgents {
  const agents: AgentRecord[] = [];
  const unreachable: {agent: AgentRecord; sinceMs: number}[] = [];
  for (const {agentId: id, description, gone, status} of views) {
    if (id === undefined || !description.ok || gone || readyReason(status) === 'AgentShutdown') continue;
    const agent = {...description.value, id, ...kept(status)};
    const sinceMs = unreachableSince(status);
    if (sinceMs === undefined) agents.push(agent);
    else unreachable.push({agent, sinceMs});
  }
  return {agents, unreachable};
}

function kept(status: MesosAgent['status']): Pick<AgentRecord, 'registeredMs' | 'made'> {
  const registeredMs = Date.parse(status?.registeredTime ?? '');
  const made = reservedBy(status);
  return {...(!Number.isNaN(registeredMs) && {registeredMs}), ...(made !== undefined && {made})};
}

const readyReason = (status: MesosAgent['status']): string | undefined =>
  status?.conditions?.find(({type}) => type === 'Ready')?.reason;

function unreachableSince(status: MesosAgent['status']): number | undefined {
  if (readyReason(status) !== 'AgentUnreachable') return undefined;
  const sinceMs = Date.parse(status?.unreachableTime ?? '');
  return Number.isNaN(sinceMs) ? 0 : sinceMs;
}
