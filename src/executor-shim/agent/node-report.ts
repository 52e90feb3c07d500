import type {AgentReport} from './agent-object.ts';
import {type PodRoom, takenBy} from './foreign-pods.ts';
import type {Amounts} from './kube-amounts.ts';
import {nodeAttributes, nodeDomain} from './node-attributes.ts';
import type {NodeFacts} from './node-facts.ts';
import {nodeResources, type ResourceOptions} from './node-resources.ts';
import {type ToleratedTaint, unschedulable} from './unschedulable.ts';

export type ReportOptions = {
  readonly resources: ResourceOptions;
  /** `--oversubscribed`; undefined: not the agent's to say. */
  readonly oversubscribed?: string | undefined;
  /** `--attributes`. */
  readonly attributes: string;
  readonly labelsAsAttributes: readonly string[];
  readonly tolerated: readonly ToleratedTaint[];
  /** `--hostname`; the node's address when undefined, for names need a DNS that knows them. */
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly version: string;
};

/** The pods of a node, and what they did lately. */
export type NodePods = {
  readonly present: readonly PodRoom[];
  readonly settling: readonly PodRoom[];
  readonly expected: Amounts;
};

export function nodeReport(node: NodeFacts, pods: NodePods, options: ReportOptions): AgentReport {
  const taken = takenBy(pods.present, pods.settling);
  const attributes = nodeAttributes(node.labels, options.labelsAsAttributes, options.attributes);
  return {
    nodeName: node.name,
    hostname: options.hostname ?? node.internalIp ?? node.name,
    port: options.port,
    resources: nodeResources(node.allocatable, taken, pods.expected, options.resources),
    ...(options.oversubscribed !== undefined && {oversubscribed: options.oversubscribed}),
    maxTasks: maxTasks(node.allocatable, taken.requests),
    attributes: attributes === '' ? undefined : attributes,
    domain: nodeDomain(node.labels),
    unschedulable: unschedulable(node, options.tolerated),
    version: options.version,
  };
}

/** The kubelet takes so many pods, of anybody's. */
function maxTasks(allocatable: Amounts, taken: Amounts): number | undefined {
  const pods = allocatable.get('pods');
  return pods === undefined ? undefined : Math.max(0, pods - (taken.get('pods') ?? 0));
}
