import test from 'ava';
import {toPodRoom} from '../../../src/executor-shim/agent/foreign-pods.ts';
import {toNodeFacts} from '../../../src/executor-shim/agent/node-facts.ts';
import {nodeReport, type ReportOptions} from '../../../src/executor-shim/agent/node-report.ts';
import {parseNodeResources} from '../../../src/executor-shim/agent/node-resources.ts';
import {offersLess} from '../../../src/executor-shim/agent/offers-less.ts';
import {kubeNode, kubePod} from './node-fixtures.ts';

type Given = Partial<Omit<ReportOptions, 'resources'>> & {resources?: string; headroom?: string};

function report(
  pods: Parameters<typeof kubePod>[0][] = [],
  given: Given = {},
  node: Parameters<typeof kubeNode>[0] = {},
) {
  const {resources = '', headroom = '', ...rest} = given;
  const parsed = parseNodeResources(resources, headroom);
  if (!parsed.ok) throw new Error(parsed.error);
  const options: ReportOptions = {
    resources: parsed.value,
    attributes: '',
    labelsAsAttributes: [],
    tolerated: [],
    hostname: undefined,
    port: undefined,
    version: '1',
    ...rest,
  };
  const present = pods.map(pod => toPodRoom(kubePod(pod), 'mesos'));
  return nodeReport(toNodeFacts(kubeNode(node)), {present, settling: [], expected: new Map()}, options);
}

const rows: Readonly<Record<string, {pods?: Parameters<typeof kubePod>[0][]; given?: Given; want: string}>> = {
  'an empty node': {want: 'cpus:4;mem:8192;disk:1024;ports:[31000-32000]'},
  'foreign pods take their part': {
    pods: [{cpu: '1500m', memory: '1Gi'}, {cpu: '0.1'}],
    want: 'cpus:2.4;mem:7168;disk:1024;ports:[31000-32000]', // 4 - 1.5 - 0.1; 8192 - 1024
  },
  'a part of a MiB is none': {pods: [{cpu: '0', memory: '1'}], want: 'cpus:4;mem:8191;disk:1024;ports:[31000-32000]'},
  'ended pods take nothing': {
    pods: [{cpu: '2', phase: 'Succeeded'}],
    want: 'cpus:4;mem:8192;disk:1024;ports:[31000-32000]',
  },
  'ended pods take their part while their sandbox is there': {
    pods: [{cpu: '2', phase: 'Succeeded', isUp: true}],
    want: 'cpus:2;mem:8192;disk:1024;ports:[31000-32000]',
  },
  'ours are counted by the master': {
    pods: [{cpu: '2', labels: {'mesos.dev/managed': 'true'}, namespace: 'mesos'}],
    want: 'cpus:4;mem:8192;disk:1024;ports:[31000-32000]',
  },
  'tasks of another cluster are foreign': {
    pods: [{cpu: '2', labels: {'mesos.dev/managed': 'true'}, namespace: 'other'}],
    want: 'cpus:2;mem:8192;disk:1024;ports:[31000-32000]',
  },
  'more than there is': {pods: [{cpu: '5'}], want: 'cpus:0;mem:8192;disk:1024;ports:[31000-32000]'},
  'host ports': {
    pods: [
      {cpu: '0', hostPort: 31000},
      {cpu: '0', hostPort: 31500},
    ],
    want: 'cpus:4;mem:8192;disk:1024;ports:[31001-31499,31501-32000]',
  },
  headroom: {given: {headroom: 'cpus:0.2;mem:192'}, want: 'cpus:3.8;mem:8000;disk:1024;ports:[31000-32000]'},
  'what is given is offered as far as it is left': {
    pods: [{cpu: '1'}],
    given: {resources: 'cpus:2;mem:9000;ports:[1-2]'},
    want: 'cpus:2;mem:8192;disk:1024;ports:[1-2]',
  },
  'reservations come first': {
    pods: [{cpu: '1'}],
    given: {resources: 'cpus:2;cpus(web):2;disk:0'},
    want: 'cpus(web):2;cpus:1;mem:8192;disk:0;ports:[31000-32000]', // 3 are left
  },
  'what Kubernetes does not know': {
    given: {resources: 'licences:3'},
    want: 'cpus:4;mem:8192;disk:1024;ports:[31000-32000];licences:3',
  },
};
for (const [title, {pods, given, want}] of Object.entries(rows)) {
  test(title, t => {
    t.is(report(pods, given).resources, want);
  });
}

test('GPUs, where the node has some', t => {
  const resources = report([{cpu: '0', gpus: '1'}], {}, {allocatable: {'nvidia.com/gpu': '4'}}).resources;
  t.is(resources, 'cpus:4;mem:8192;disk:1024;gpus:3;ports:[31000-32000]');
});

test('the kubelet takes so many pods: others count, ended ones and ours do not', t => {
  const ours = {cpu: '0', labels: {'mesos.dev/managed': 'true'}, namespace: 'mesos'};
  t.is(report([{cpu: '0'}, {cpu: '0', phase: 'Failed'}, ours]).maxTasks, 109); // of 110
});

test('labels become attributes and the fault domain', t => {
  const labels = {
    'topology.kubernetes.io/region': 'eu',
    'topology.kubernetes.io/zone': 'eu-1',
    'kubernetes.io/arch': 'amd64',
    'attributes.mesos.dev/rack': 'r1',
    'attributes.mesos.dev/level': '3',
    secret: 'x',
    empty: '',
  };
  const given = {labelsAsAttributes: ['kubernetes.io/arch', 'empty', 'absent'], attributes: 'level:9;os:x'};
  const {attributes, domain} = report([], given, {labels});
  t.is(attributes, 'kubernetes.io/arch:amd64;rack:r1;level:9;os:x');
  t.deepEqual(domain, {region: 'eu', zone: 'eu-1'});
  t.is(report([], {}, {labels: {'topology.kubernetes.io/zone': 'z'}}).domain, undefined);
});

test('frameworks reach the node at its address, unless told otherwise', t => {
  t.is(report().hostname, '10.0.0.1');
  t.is(report([], {hostname: 'n1.example'}).hostname, 'n1.example');
});

const reasons: Readonly<
  Record<
    string,
    {node: Parameters<typeof kubeNode>[0]; tolerated?: ReportOptions['tolerated']; want: string | undefined}
  >
> = {
  'a node like others': {node: {}, want: undefined},
  cordoned: {
    node: {unschedulable: true, taints: [{key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule'}]},
    want: 'NodeCordoned',
  },
  'not ready': {node: {ready: 'False'}, want: 'NodeNotReady'},
  silent: {node: {ready: 'Unknown', unschedulable: true}, want: 'NodeUnreachable'},
  tainted: {node: {taints: [{key: 'dedicated', value: 'db', effect: 'NoSchedule'}]}, want: 'NodeTainted'},
  'tainted, but only a preference': {node: {taints: [{key: 'a', effect: 'PreferNoSchedule'}]}, want: undefined},
  'under memory pressure': {
    node: {taints: [{key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule'}]},
    want: 'NodeTainted',
  },
  'tainted with what is tolerated': {
    node: {taints: [{key: 'dedicated', value: 'mesos', effect: 'NoSchedule'}]},
    tolerated: [{key: 'dedicated', value: 'mesos'}],
    want: undefined,
  },
  'tainted with another value': {
    node: {taints: [{key: 'dedicated', value: 'db', effect: 'NoSchedule'}]},
    tolerated: [{key: 'dedicated', value: 'mesos'}],
    want: 'NodeTainted',
  },
};
for (const [title, {node, tolerated = [], want}] of Object.entries(reasons)) {
  test(`takes tasks? ${title}`, t => {
    t.is(report([], {tolerated}, node).unschedulable?.reason, want);
  });
}

const spec = {nodeName: 'n', hostname: 'n', resources: 'cpus:4;mem:8;ports:[1-5]'};
const less = {
  'as much': [{}, false],
  more: [{resources: 'cpus:5;mem:8;ports:[1-5]'}, false],
  'less of one': [{resources: 'cpus:5;mem:7;ports:[1-5]'}, true],
  'other ports': [{resources: 'cpus:5;mem:8;ports:[1-4]'}, true],
  'one less': [{resources: 'cpus:5;mem:8'}, true],
  cordoned: [{unschedulable: {reason: 'NodeCordoned', message: ''}}, true],
  'fewer tasks': [{maxTasks: 9}, true],
} as const;
for (const [title, [change, want]] of Object.entries(less)) {
  test(`less to offer? ${title}`, t => {
    t.is(offersLess({...spec, maxTasks: 10}, {...spec, maxTasks: 10, ...change}), want);
  });
}

const wrong = {
  'a resource that is none': [['cpus=1', ''], '--resources: want <name>:<value>, got "cpus=1"'],
  'ports that are none': [['ports:8', ''], '--resources: want ranges for ports, got "8"'],
  'ports that go back': [['ports:[5-1]', ''], '--resources: want ranges for ports, got "[5-1]"'],
  'headroom of ports': [['', 'ports:[1-2]'], '--headroom: want cpus, mem, disk or gpus, got "ports"'],
} as const;
for (const [title, [[resources, headroom], want]] of Object.entries(wrong)) {
  test(`refused: ${title}`, t => {
    t.deepEqual(parseNodeResources(resources, headroom), {ok: false, error: want});
  });
}
