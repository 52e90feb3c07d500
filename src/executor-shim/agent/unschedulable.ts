import type {NodeFacts, Taint} from './node-facts.ts';
import type {AgentSpec} from './agent-object.ts';

export type Unschedulable = NonNullable<AgentSpec['unschedulable']>;

/** A taint that tasks are to ignore: without value any value, without effect any effect. */
export type ToleratedTaint = {readonly key: string; readonly value?: string; readonly effect?: string};

const CORDON = 'node.kubernetes.io/unschedulable';
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Why the node is to get no more tasks; undefined: it may get some. */
export function unschedulable(node: NodeFacts, tolerated: readonly ToleratedTaint[]): Unschedulable | undefined {
  const {ready, cordoned, taints} = node;
  if (ready.status === 'Unknown') return {reason: 'NodeUnreachable', message: cut(ready.message)};
  if (ready.status === 'False') return {reason: 'NodeNotReady', message: cut(ready.message)};
  if (cordoned) return {reason: 'NodeCordoned', message: `Node ${node.name} is cordoned`};
  const taint = taints.find(candidate => keepsOut(candidate) && !tolerated.some(each => covers(each, candidate)));
  return taint && {reason: 'NodeTainted', message: cut(`Node ${node.name} has the taint ${taintText(taint)}`)};
}

/** Those of a cordon and of readiness say what the node itself says, a little later or longer. */
const keepsOut = ({key, effect}: Taint): boolean =>
  (effect === 'NoSchedule' || effect === 'NoExecute') && ![CORDON, NOT_READY, UNREACHABLE].includes(key);

const covers = ({key, value, effect}: ToleratedTaint, taint: Taint): boolean =>
  key === taint.key &&
  (value === undefined || value === (taint.value ?? '')) &&
  (effect === undefined || effect === taint.effect);

const taintText = ({key, value, effect}: Taint): string => `${key}${value ? `=${value}` : ''}:${effect}`;

const cut = (text: string): string => text.slice(0, 1024);
