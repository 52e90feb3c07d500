import test from 'ava';
import type {JsonObject, JsonValue} from '../../../src/standalone/apiserver/schema/json.ts';
import {humanDuration} from '../../../src/standalone/apiserver/table/duration.ts';
import {compileJsonPath} from '../../../src/standalone/apiserver/table/json-path.ts';
import {type TableKind, toTable} from '../../../src/standalone/apiserver/table/table.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const HOUR_AGO = '2026-01-01T00:00:00Z';
const metadata = (name: string): JsonObject => ({name, creationTimestamp: HOUR_AGO});

/** Cells by column, the wide ones included. */
function cells(kind: TableKind, object: JsonObject): Record<string, JsonValue | undefined> {
  const {columnDefinitions, rows} = toTable(kind, [object], {nowMs: NOW});
  return Object.fromEntries((columnDefinitions ?? []).map(({name}, at) => [name, rows[0]?.cells[at]]));
}

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const durations: Record<string, number> = {
  '<invalid>': -5 * SECOND,
  '0s': -1 * SECOND,
  '119s': 119 * SECOND,
  '2m': 120 * SECOND,
  '2m30s': 150 * SECOND,
  '10m': 659 * SECOND,
  '179m': 179 * 60 * SECOND,
  '3h': 3 * 3600 * SECOND,
  '7h59m': (8 * 3600 - 1) * SECOND,
  '47h': 47 * 3600 * SECOND,
  '2d': 2 * DAY,
  '2d5h': 2 * DAY + 5 * 3600 * SECOND,
  '8d': 8 * DAY,
  '729d': 729 * DAY,
  '2y': 730 * DAY,
  '2y5d': 735 * DAY,
  '8y': 8 * 365 * DAY,
};
for (const [want, ms] of Object.entries(durations)) {
  test(`${ms} ms is ${want}`, t => {
    t.is(humanDuration(ms), want);
  });
}

const document: JsonValue = {
  spec: {a: 1, 'x.y': 2, 'x-y': 4},
  list: [
    {t: 'A', v: 1},
    {t: 'B', v: 2},
  ],
};
const paths: Record<string, JsonValue[] | string> = {
  '.spec.a': [1],
  '{.spec.a}': [1],
  '.spec.x-y': [4],
  ".spec['x.y']": [2],
  '.spec.x\\.y': [2],
  '.list[0].v': [1],
  '.list[-1].v': [2],
  '.list[*].v': [1, 2],
  '.list[?(@.t=="B")].v': [2],
  ".list[?(@.t=='B')].v": [2],
  '.list[?(@.v>1)].t': ['B'],
  '.nope.a': [],
  '.list[?(': 'unrecognized JSONPath at "[?("',
};
for (const [path, want] of Object.entries(paths)) {
  test(`JSONPath ${path}`, t => {
    const compiled = compileJsonPath(path);
    t.deepEqual(compiled.ok ? [...compiled.value(document)] : compiled.error, want);
  });
}

const POD: TableKind = {group: '', kind: 'Pod'};
const running: JsonObject = {running: {startedAt: HOUR_AGO}};
const status = (state: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: 'c',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
type PodRow = {spec?: JsonObject; status?: JsonObject; meta?: JsonObject; want: Record<string, JsonValue>};
const pods: Record<string, PodRow> = {
  'a pod that nobody has looked at yet': {
    want: {Ready: '0/1', Status: 'Pending', Restarts: '0', IP: '<none>', Node: '<none>'},
  },
  'a running pod': {
    spec: {nodeName: 'n1'},
    status: {phase: 'Running', podIP: '10.0.0.1', containerStatuses: [status(running, {ready: true})]},
    want: {Ready: '1/1', Status: 'Running', Restarts: '0', Age: '60m', IP: '10.0.0.1', Node: 'n1'},
  },
  'a pod that crashes': {
    status: {
      phase: 'Running',
      containerStatuses: [
        status(
          {waiting: {reason: 'CrashLoopBackOff'}},
          {restartCount: 3, lastState: {terminated: {exitCode: 1, finishedAt: '2026-01-01T00:55:00Z'}}},
        ),
      ],
    },
    want: {Ready: '0/1', Status: 'CrashLoopBackOff', Restarts: '3 (5m ago)'},
  },
  'a pod that has ended well': {
    status: {phase: 'Succeeded', containerStatuses: [status({terminated: {exitCode: 0, reason: 'Completed'}})]},
    want: {Ready: '0/1', Status: 'Completed'},
  },
  'a pod that ended with a code and no reason': {
    status: {phase: 'Failed', containerStatuses: [status({terminated: {exitCode: 3}})]},
    want: {Status: 'ExitCode:3'},
  },
  'a pod that was killed': {
    status: {phase: 'Failed', containerStatuses: [status({terminated: {exitCode: 137, signal: 9}})]},
    want: {Status: 'Signal:9'},
  },
  'a pod that was evicted': {status: {phase: 'Failed', reason: 'Evicted'}, want: {Status: 'Evicted'}},
  'a pod on its way out': {
    meta: {deletionTimestamp: HOUR_AGO},
    status: {phase: 'Running', containerStatuses: [status(running, {ready: true})]},
    want: {Status: 'Terminating'},
  },
  'a pod on its way out that has ended': {
    meta: {deletionTimestamp: HOUR_AGO},
    status: {phase: 'Succeeded', containerStatuses: [status({terminated: {exitCode: 0, reason: 'Completed'}})]},
    want: {Status: 'Completed'},
  },
  'a pod in its first of two init containers': {
    spec: {initContainers: [{name: 'i'}, {name: 'j'}]},
    status: {
      phase: 'Pending',
      initContainerStatuses: [status(running), status({waiting: {reason: 'PodInitializing'}})],
    },
    want: {Ready: '0/1', Status: 'Init:0/2'},
  },
  'a sidecar counts as a container': {
    spec: {initContainers: [{name: 'side', restartPolicy: 'Always'}]},
    status: {
      phase: 'Running',
      initContainerStatuses: [{...status(running, {ready: true}), name: 'side', started: true}],
      containerStatuses: [status(running)],
    },
    want: {Ready: '1/2', Status: 'Running'},
  },
};
for (const [title, row] of Object.entries(pods)) {
  test(title, t => {
    const pod: JsonObject = {
      metadata: {...metadata('p'), ...row.meta},
      spec: {containers: [{name: 'c'}], ...row.spec},
      status: row.status ?? {phase: 'Pending'},
    };
    t.like(cells(POD, pod), {Name: 'p', ...row.want});
  });
}

const builtin: Record<string, {kind: TableKind; object: JsonObject; want: Record<string, JsonValue>}> = {
  'a node': {
    kind: {group: '', kind: 'Node'},
    object: {
      metadata: {...metadata('n'), labels: {'node-role.kubernetes.io/agent': ''}},
      spec: {unschedulable: true},
      status: {
        conditions: [{type: 'Ready', status: 'True'}],
        addresses: [{type: 'InternalIP', address: '127.0.0.1'}],
        nodeInfo: {kubeletVersion: 'v1'},
      },
    },
    want: {
      Name: 'n',
      Status: 'Ready,SchedulingDisabled',
      Roles: 'agent',
      Age: '60m',
      Version: 'v1',
      'Internal-IP': '127.0.0.1',
      'External-IP': '<none>',
    },
  },
  'an event': {
    kind: {group: '', kind: 'Event'},
    object: {
      metadata: metadata('e'),
      involvedObject: {kind: 'Pod', name: 'p'},
      reason: 'Started',
      type: 'Normal',
      message: 'hello\n',
      lastTimestamp: '2026-01-01T00:59:50Z',
      firstTimestamp: HOUR_AGO,
      count: 4,
      source: {component: 'kubelet', host: 'n'},
    },
    want: {
      'Last Seen': '10s',
      Type: 'Normal',
      Reason: 'Started',
      Object: 'pod/p',
      Source: 'kubelet, n',
      Message: 'hello',
      'First Seen': '60m',
      Count: 4,
      Name: 'e',
    },
  },
  'an event of the newer API': {
    kind: {group: 'events.k8s.io', kind: 'Event'},
    object: {
      metadata: metadata('e'),
      regarding: {kind: 'MarathonApp', name: 'a'},
      note: 'hi',
      eventTime: '2026-01-01T00:59:00.000000Z',
      reportingController: 'mesos',
    },
    want: {'Last Seen': '60s', Object: 'marathonapp/a', Message: 'hi', Source: 'mesos', Count: 1},
  },
  'a service': {
    kind: {group: '', kind: 'Service'},
    object: {
      metadata: metadata('s'),
      spec: {
        type: 'NodePort',
        clusterIP: '10.0.0.1',
        ports: [{port: 80, nodePort: 30000, protocol: 'TCP'}],
        selector: {a: 'b'},
      },
    },
    want: {
      Type: 'NodePort',
      'Cluster-IP': '10.0.0.1',
      'External-IP': '<none>',
      'Port(s)': '80:30000/TCP',
      Selector: 'a=b',
    },
  },
  'a config map': {
    kind: {group: '', kind: 'ConfigMap'},
    object: {metadata: metadata('c'), data: {a: '', b: ''}, binaryData: {c: ''}},
    want: {Data: 3},
  },
  'a lease': {
    kind: {group: 'coordination.k8s.io', kind: 'Lease'},
    object: {metadata: metadata('l'), spec: {holderIdentity: 'me'}},
    want: {Name: 'l', Holder: 'me', Age: '60m'},
  },
  'a revision': {
    kind: {group: 'apps', kind: 'ControllerRevision'},
    object: {
      metadata: {
        ...metadata('r'),
        ownerReferences: [{apiVersion: 'mesos.dev/v1', kind: 'MarathonApp', name: 'a', controller: true}],
      },
      revision: 2,
    },
    want: {Controller: 'marathonapp.mesos.dev/a', Revision: 2},
  },
  'a definition': {
    kind: {group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition'},
    object: {metadata: metadata('d')},
    want: {Name: 'd', 'Created At': HOUR_AGO},
  },
  endpoints: {
    kind: {group: '', kind: 'Endpoints'},
    object: {metadata: metadata('x'), subsets: [{addresses: [{ip: 'a'}, {ip: 'b'}], ports: [{port: 1}, {port: 2}]}]},
    want: {Endpoints: 'a:1,a:2,b:1 + 1 more...'},
  },
  'a kind without columns': {
    kind: {group: 'mesos.dev', kind: 'X', columns: []},
    object: {metadata: metadata('x')},
    want: {Name: 'x', Age: '60m'},
  },
};
for (const [title, {kind, object, want}] of Object.entries(builtin)) {
  test(title, t => {
    t.like(cells(kind, object), want);
  });
}

test('a custom kind shows its own columns; what does not fit shows nothing', t => {
  const kind: TableKind = {
    group: 'mesos.dev',
    kind: 'MarathonApp',
    columns: [
      {name: 'Instances', type: 'integer', jsonPath: '.spec.instances'},
      {name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1},
      {name: 'Ports', type: 'string', jsonPath: '.spec.ports'},
      {name: 'Bad', type: 'integer', jsonPath: '.spec.cmd'},
      {name: 'Missing', type: 'string', jsonPath: '.spec.nope'},
      {name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp'},
    ],
  };
  const object: JsonObject = {
    metadata: metadata('a'),
    spec: {instances: 3, cmd: 'x', ports: [1, 2]},
    status: {conditions: [{type: 'Ready', status: 'True'}]},
  };
  t.deepEqual(cells(kind, object), {
    Name: 'a',
    Instances: 3,
    Ready: 'True',
    Ports: '[1,2]',
    Bad: null,
    Missing: null,
    Age: '60m',
  });
  const [, , ready] = toTable(kind, [], {nowMs: NOW}).columnDefinitions ?? [];
  t.deepEqual(ready, {name: 'Ready', type: 'string', format: '', description: '', priority: 1});
});

test('rows carry as much of the object as was asked for', t => {
  const object: JsonObject = {apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('c'), data: {}};
  const row = (includeObject: 'None' | 'Metadata' | 'Object') =>
    toTable({group: '', kind: 'ConfigMap'}, [object], {nowMs: NOW, includeObject}).rows[0]?.object;
  t.is(row('None'), null);
  t.is(row('Object'), object);
  t.deepEqual(row('Metadata'), {apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: metadata('c')});
});
