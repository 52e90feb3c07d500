import type {KubeObject} from '../../kube/types.ts';
import {type Amounts, available, type ResourceList} from './kube-amounts.ts';

export type Taint = {readonly key: string; readonly value?: string; readonly effect: string};

/** What an agent must know of its Node. */
export type NodeFacts = {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Amounts;
  readonly taints: readonly Taint[];
  readonly cordoned: boolean;
  /** `Unknown`: the kubelet has been silent for long; its message is for people. */
  readonly ready: {readonly status: 'True' | 'False' | 'Unknown'; readonly message: string};
  readonly internalIp: string | undefined;
};

type KubeNode = KubeObject<
  {readonly taints?: readonly Taint[]; readonly unschedulable?: boolean},
  {
    readonly allocatable?: ResourceList;
    readonly conditions?: readonly {readonly type: string; readonly status: string; readonly message?: string}[];
    readonly addresses?: readonly {readonly type: string; readonly address: string}[];
  }
>;

export function toNodeFacts(raw: KubeObject): NodeFacts {
  // The API server has checked it.
  const {metadata, spec = {}, status = {}} = raw as KubeNode;
  const ready = status.conditions?.find(({type}) => type === 'Ready');
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    labels: metadata.labels ?? {},
    allocatable: available(status.allocatable),
    taints: spec.taints ?? [],
    cordoned: spec.unschedulable === true,
    ready: {
      // A node that has not said anything yet is on its way.
      status: ready?.status === 'True' || ready?.status === 'Unknown' ? ready.status : 'False',
      message: ready?.message ?? 'The kubelet has not reported yet',
    },
    internalIp: status.addresses?.find(({type}) => type === 'InternalIP')?.address,
  };
}
