import test from 'ava';
import {decodeProtobuf} from '../../../src/standalone/apiserver/protobuf/decode.ts';
import type {JsonObject} from '../../../src/standalone/apiserver/schema/json.ts';

// A tiny encoder, so that a body reads like its message.
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const bytesOf = (value: string | number[]): number[] => (typeof value === 'string' ? [...Buffer.from(value)] : value);
const text = (field: number, value: string | number[]): number[] => {
  const bytes = bytesOf(value);
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
};
const message = (field: number, ...parts: number[][]): number[] => text(field, parts.flat());
const int = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const entry = (field: number, key: string, value: string | number[]): number[] =>
  message(field, text(1, key), text(2, value));

const body = (apiVersion: string, kind: string, ...parts: number[][]): Uint8Array =>
  Uint8Array.from([
    ...bytesOf('k8s\0'),
    ...message(1, text(1, apiVersion), text(2, kind)),
    ...message(2, ...parts),
    ...text(3, ''),
    ...text(4, ''),
  ]);
const meta = (name: string, ...more: number[][]): number[] =>
  message(1, text(1, name), text(2, ''), text(3, ''), text(5, ''), int(7, 0), message(8), ...more);

const rows: Record<string, {body: Uint8Array; want: JsonObject | string}> = {
  'a namespace: empty Go values are absent': {
    body: body('v1', 'Namespace', meta('team'), message(2), message(3, text(1, ''))),
    want: {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'team'}, spec: {}, status: {}},
  },
  'a config map keeps empty entries': {
    body: body('v1', 'ConfigMap', meta('c'), entry(2, 'a', '1'), entry(2, 'b', '')),
    want: {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'c'}, data: {a: '1', b: ''}},
  },
  'a secret: bytes are base64': {
    body: body('v1', 'Secret', meta('s'), entry(2, 'pw', [0, 255]), text(3, 'Opaque'), int(5, 0)),
    want: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 's'},
      data: {pw: 'AP8='},
      type: 'Opaque',
      immutable: false,
    },
  },
  'an access review': {
    body: body(
      'authorization.k8s.io/v1',
      'SelfSubjectAccessReview',
      message(1),
      message(2, message(1, text(1, 'default'), text(2, 'get'), text(3, ''), text(5, 'pods'))),
    ),
    want: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: {resourceAttributes: {namespace: 'default', verb: 'get', resource: 'pods'}},
    },
  },
  'delete options: a grace period of zero is not absent': {
    body: body('v1', 'DeleteOptions', int(1, 0), text(4, 'Background'), text(5, 'All')),
    want: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
      dryRun: ['All'],
    },
  },
  'a lease: times in microseconds': {
    body: body(
      'coordination.k8s.io/v1',
      'Lease',
      meta('l'),
      message(2, text(1, ''), int(2, 15), message(4, int(1, 1), int(2, 5000))),
    ),
    want: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {name: 'l'},
      spec: {holderIdentity: '', leaseDurationSeconds: 15, renewTime: '1970-01-01T00:00:01.000005Z'},
    },
  },
  'a pod as kubectl run writes it': {
    body: body(
      'v1',
      'Pod',
      meta('p', entry(11, 'run', 'p'), message(13, text(1, 'K'), text(3, 'o'), text(4, 'u'), text(5, 'v1'), int(6, 1))),
      message(
        2,
        message(1, text(1, 'tmp'), message(2, message(2, text(1, '')))),
        message(
          2,
          text(1, 'p'),
          text(2, 'busybox'),
          text(3, 'sh'),
          text(3, '-c'),
          message(6, int(3, 80)),
          message(7, text(1, 'A'), text(2, 'b')),
          message(8, message(1, text(1, 'cpu'), message(2, text(1, '100m')))),
          message(
            10,
            message(1, message(2, text(1, '/'), message(2, int(1, 1), int(2, 0), text(3, 'http')))),
            int(4, 10),
          ),
          int(16, 1),
        ),
        text(3, 'Never'),
        int(11, 0),
      ),
      message(3, text(1, '')),
    ),
    want: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'p',
        labels: {run: 'p'},
        ownerReferences: [{kind: 'K', name: 'o', uid: 'u', apiVersion: 'v1', controller: true}],
      },
      spec: {
        volumes: [{name: 'tmp', emptyDir: {}}],
        containers: [
          {
            name: 'p',
            image: 'busybox',
            command: ['sh', '-c'],
            ports: [{containerPort: 80}],
            env: [{name: 'A', value: 'b'}],
            resources: {limits: {cpu: '100m'}},
            livenessProbe: {httpGet: {path: '/', port: 'http'}, periodSeconds: 10},
            stdin: true,
          },
        ],
        restartPolicy: 'Never',
      },
    },
  },
  'an event of the newer API': {
    body: body(
      'events.k8s.io/v1',
      'Event',
      meta('e'),
      text(7, 'Why'),
      message(8, text(1, 'Pod'), text(3, 'p')),
      text(10, 'note'),
    ),
    want: {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: {name: 'e'},
      reason: 'Why',
      regarding: {kind: 'Pod', name: 'p'},
      note: 'note',
    },
  },
  'a field nobody knows is not dropped in silence': {
    body: body('v1', 'Pod', message(2, message(18))),
    want: 'protobuf: field 18 of PodSpec is not supported: send JSON',
  },
  'a kind nobody knows': {
    body: body('apps/v1', 'Deployment', meta('d')),
    want: 'protobuf bodies of kind Deployment in apps/v1 are not supported: send JSON',
  },
  'no protobuf at all': {
    body: Uint8Array.from(bytesOf('{"kind":"Pod"}')),
    want: 'provided data does not appear to be a protobuf message, expected prefix k8s',
  },
  'a body that ends too early': {
    body: body('v1', 'Namespace', meta('team')).subarray(0, 30),
    want: 'protobuf: unexpected end of message',
  },
};
for (const [title, row] of Object.entries(rows)) {
  test(title, t => {
    const result = decodeProtobuf(row.body);
    t.deepEqual(result.ok ? result.value : result.error, row.want);
  });
}
