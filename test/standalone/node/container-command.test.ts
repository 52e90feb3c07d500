import test from 'ava';
import {argvOf, environmentOf, expand} from '../../../src/standalone/node/container-command.ts';
import type {Container, Pod} from '../../../src/standalone/node/pod.ts';
import {parseQuantity} from '../../../src/kube/quantity.ts';

const env = new Map([
  ['A', '1'],
  ['B', '2'],
]);
const expansions = {
  'a variable': {text: 'x$(A)y', want: 'x1y'},
  'an unknown one stays': {text: '$(NO)', want: '$(NO)'},
  'an escaped one': {text: '$$(A)', want: '$(A)'},
  'two dollars are one': {text: '$$', want: '$'},
  'a lone dollar stays': {text: '$A ${B} $', want: '$A ${B} $'},
  'an open bracket stays': {text: '$(A', want: '$(A'},
  'values are not expanded again': {text: '$(A)$(B)', want: '12'},
};
for (const [title, {text, want}] of Object.entries(expansions)) {
  test(`expansion: ${title}`, t => {
    t.is(expand(text, env), want);
  });
}

const container: Container = {
  name: 'c',
  command: ['$(A)'],
  args: ['b'],
  resources: {limits: {cpu: '1500m', memory: '64Mi'}},
  env: [
    {name: 'LATER', value: '$(NAME)'},
    {name: 'NAME', valueFrom: {fieldRef: {fieldPath: 'metadata.name'}}},
    {name: 'AGAIN', value: '$(NAME)!'},
    {name: 'LABEL', valueFrom: {fieldRef: {fieldPath: "metadata.labels['app.kubernetes.io/x']"}}},
    {name: 'CPUS', valueFrom: {resourceFieldRef: {resource: 'limits.cpu'}}},
    {name: 'MEM', valueFrom: {resourceFieldRef: {resource: 'limits.memory', divisor: '1Mi'}}},
    {name: 'SECRET', valueFrom: {secretKeyRef: {name: 's', key: 'k'}}},
    {name: 'ABSENT', valueFrom: {secretKeyRef: {name: 's', key: 'none', optional: true}}},
  ],
};
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'p', namespace: 'd', uid: 'u', labels: {'app.kubernetes.io/x': 'y'}},
  spec: {containers: [container]},
};

test('variables in order, from the pod and from references', t => {
  const references = new Map([['SECRET', 'pw']]);
  t.deepEqual(Object.fromEntries(environmentOf({pod, container, ip: '127.0.0.1', references})), {
    LATER: '$(NAME)',
    NAME: 'p',
    AGAIN: 'p!',
    LABEL: 'y',
    CPUS: '2', // 1.5 rounded up
    MEM: '64',
    SECRET: 'pw',
  });
});

test('arguments follow the command', t => {
  t.deepEqual(argvOf(container, env), ['1', 'b']);
});

const quantities = {
  '100m': 0.1,
  '128Mi': 134217728,
  '1e3': 1000,
  '0.5': 0.5,
  '2k': 2000,
  '.5Gi': 536870912,
  '1E': 1e18,
};
for (const [text, want] of Object.entries(quantities)) {
  test(`quantity ${text}`, t => {
    t.is(parseQuantity(text), want);
  });
}
for (const text of ['', 'x', '1 Mi', '1mi', 'Mi']) {
  test(`no quantity: "${text}"`, t => {
    t.is(parseQuantity(text), undefined);
  });
}
