import type {KubeObject} from '../../../src/kube/types.ts';

type NodeParts = {
  labels?: Record<string, string>;
  allocatable?: Record<string, string>;
  taints?: readonly {key: string; value?: string; effect: string}[];
  unschedulable?: boolean;
  ready?: string;
};

/** A node of 4 cores and 8 GiB that takes 110 pods. */
export const kubeNode = ({
  labels = {},
  allocatable,
  taints = [],
  unschedulable,
  ready = 'True',
}: NodeParts = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {name: 'n1', labels},
  spec: {taints, ...(unschedulable !== undefined && {unschedulable})},
  status: {
    allocatable: {cpu: '4', memory: '8Gi', 'ephemeral-storage': '1Gi', pods: '110', ...allocatable},
    conditions: [{type: 'Ready', status: ready, message: 'kubelet says so'}],
    addresses: [{type: 'InternalIP', address: '10.0.0.1'}],
  },
});

type PodParts = {
  name?: string;
  cpu: string;
  memory?: string;
  gpus?: string;
  phase?: string;
  /** Its sandbox is still there. */
  isUp?: boolean;
  namespace?: string;
  labels?: Record<string, string>;
  hostPort?: number;
};

export const kubePod = ({
  name = 'p',
  cpu,
  memory = '0',
  gpus,
  phase = 'Running',
  isUp = false,
  namespace = 'default',
  labels = {},
  hostPort,
}: PodParts): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name, namespace, labels},
  spec: {
    nodeName: 'n1',
    containers: [
      {
        name: 'c',
        image: 'i',
        resources: {requests: {cpu, memory, ...(gpus !== undefined && {'nvidia.com/gpu': gpus})}},
        ...(hostPort !== undefined && {ports: [{containerPort: hostPort, hostPort}]}),
      },
    ],
  },
  status: {phase, conditions: [{type: 'PodReadyToStartContainers', status: isUp ? 'True' : 'False'}]},
});
