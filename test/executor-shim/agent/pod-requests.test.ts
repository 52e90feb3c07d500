import test from 'ava';
import {
  type ContainerAllocation,
  hostPorts,
  type PodDemand,
  podRequests,
} from '../../../src/executor-shim/agent/pod-requests.ts';

const container = (cpu: string, memory = '0', restartPolicy?: string) => ({
  name: cpu,
  resources: {requests: {cpu, memory}},
  ...(restartPolicy !== undefined && {restartPolicy}),
});
const MI = 2 ** 20;

const rows: Readonly<
  Record<string, {spec: PodDemand; statuses?: ContainerAllocation[]; cpu: number; memory?: number}>
> = {
  'containers together': {
    spec: {containers: [container('100m', '64Mi'), container('1.5', '1Gi')]},
    cpu: 1600,
    memory: 1088 * MI,
  },
  'nothing asked': {spec: {containers: [{name: 'a'}]}, cpu: 0},
  'a fraction of a thousandth counts whole': {spec: {containers: [container('0.1001')]}, cpu: 101},
  'the largest init container, where it is more': {
    spec: {containers: [container('1')], initContainers: [container('3'), container('2')]},
    cpu: 3000,
  },
  'an init container that is less': {
    spec: {containers: [container('1')], initContainers: [container('500m')]},
    cpu: 1000,
  },
  'sidecars run beside the containers': {
    spec: {containers: [container('1')], initContainers: [container('500m', '0', 'Always')]},
    cpu: 1500,
  },
  'an init container beside the sidecars before it': {
    // The sidecar of 1 runs while 3 start: 4, which is more than 1 + 1 + 0.5 later.
    spec: {
      containers: [container('1')],
      initContainers: [container('1', '0', 'Always'), container('3'), container('500m', '0', 'Always')],
    },
    cpu: 4000,
  },
  'the pod as a whole, instead of its containers': {
    spec: {containers: [container('1', '64Mi')], resources: {requests: {cpu: '3'}}},
    cpu: 3000,
    memory: 64 * MI,
  },
  'overhead comes on top': {spec: {containers: [container('1')], overhead: {cpu: '250m'}}, cpu: 1250},
  'a container that shrinks counts until it has shrunk': {
    spec: {containers: [{name: 'a', resources: {requests: {cpu: '1'}}}]},
    statuses: [{name: 'a', allocatedResources: {cpu: '1'}, resources: {requests: {cpu: '2'}}}],
    cpu: 2000,
  },
};
for (const [title, {spec, statuses, cpu, memory}] of Object.entries(rows)) {
  test(title, t => {
    const requests = podRequests(spec, statuses);
    t.is(requests.get('cpu') ?? 0, cpu);
    if (memory !== undefined) t.is(requests.get('memory'), memory);
  });
}

test('host ports of containers and sidecars', t => {
  const port = (hostPort: number, restartPolicy?: string) => ({
    ...container('0', '0', restartPolicy),
    ports: [{hostPort}, {}],
  });
  t.deepEqual(hostPorts({containers: [port(80)], initContainers: [port(81), port(82, 'Always')]}), [80, 82]);
});
