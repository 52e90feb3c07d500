import test from 'ava';
import {admit} from '../../../src/standalone/node/admission.ts';
import type {Container, Pod, PodSpec} from '../../../src/standalone/node/pod.ts';

const pod = (containers: Partial<Container>[], spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'p', namespace: 'd', uid: 'u'},
  spec: {containers: containers.map(each => ({name: 'c', ...each})), ...spec},
});
const cpu = (amount: string): Partial<Container> => ({resources: {requests: {cpu: amount}}});
const port = (hostPort: number, protocol?: string): Partial<Container> => ({
  ports: [{containerPort: 80, hostPort, ...(protocol && {protocol})}],
});
const init = (amount: string, more: Partial<Container> = {}) => ({
  initContainers: [{name: 'i', ...cpu(amount), ...more}],
});

const rows = {
  'the last core': {asks: pod([cpu('1')]), others: [pod([cpu('3')])], want: undefined},
  'ten tenths are one': {asks: pod([cpu('0.1')]), others: Array(39).fill(pod([cpu('0.1')])), want: undefined},
  'one milli too much': {asks: pod([cpu('1001m')]), others: [pod([cpu('3')])], want: 'OutOfcpu'},
  'containers add up': {asks: pod([cpu('2'), cpu('3')]), others: [], want: 'OutOfcpu'},
  'init containers do not': {asks: pod([cpu('4')], init('4')), others: [], want: undefined},
  'the largest init container counts': {asks: pod([cpu('1')], init('5')), others: [], want: 'OutOfcpu'},
  'sidecars add up': {asks: pod([cpu('4')], init('1', {restartPolicy: 'Always'})), others: [], want: 'OutOfcpu'},
  'limits stand in for requests': {
    asks: pod([{resources: {limits: {memory: '2Ki'}}}]),
    others: [],
    want: 'OutOfmemory',
  },
  'no request always fits': {asks: pod([{}]), others: [pod([cpu('9')])], want: undefined},
  'a taken host port': {asks: pod([port(80)]), others: [pod([port(80)])], want: 'NodePorts'},
  'another protocol': {asks: pod([port(80, 'UDP')]), others: [pod([port(80)])], want: undefined},
  'on the host network every port is one': {
    asks: pod([{ports: [{containerPort: 80}]}], {hostNetwork: true}),
    others: [pod([port(80)])],
    want: 'NodePorts',
  },
};
const allocatable = new Map([
  ['cpu', 4],
  ['memory', 1024],
]);
for (const [title, {asks, others, want}] of Object.entries(rows)) {
  test(title, t => {
    t.is(admit(asks, others, allocatable)?.reason, want);
  });
}
