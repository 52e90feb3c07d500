import test from 'ava';
import fc from 'fast-check';
import {type Answer, at, type CallOptions, Target} from '../../contract/apiserver/target.ts';

/**
 * Processor time of the whole test process for one request, the client's part and the compiler's included. Wall time
 * would measure the machine's other work. What is quadratic takes ten times as much.
 */
const MOST_CPU_MS = 2000;

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const JSON_PATCH: CallOptions = {contentType: 'application/json-patch+json'};
const APPLY: CallOptions = {contentType: 'application/apply-patch+yaml'};
const STRATEGIC: CallOptions = {contentType: 'application/strategic-merge-patch+json'};
const YAML: CallOptions = {contentType: 'application/yaml'};

const configMap = (metadata: object, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'a', ...metadata},
  ...more,
});
const map = (count: number, value: unknown = 'v'): Record<string, unknown> =>
  Object.fromEntries(Array.from({length: count}, (_, i) => [`k${i}`, value]));
const list = (count: number): string[] => Array.from({length: count}, (_, i) => `example.com/f${i}`);
const nested = (depth: number, before = '{"a":', after = '}'): string =>
  before.repeat(depth) + '1' + after.repeat(depth);
const raw = (text: string, options: CallOptions = {}): [undefined, CallOptions] => [undefined, {...options, raw: text}];

const PODS = '/api/v1/namespaces/default/pods';
const podWith = (mount: object, volume: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'a'},
  spec: {
    containers: [{name: 'c', command: ['x'], volumeMounts: [{name: 'v', ...mount}]}],
    volumes: [{name: 'v', ...volume}],
  },
});

type Row = {
  readonly method?: string;
  readonly path?: string;
  readonly send: readonly [body: unknown, options?: CallOptions];
  readonly want: number;
  /** The name of the limit that the answer has to tell, or other words. */
  readonly says?: RegExp;
};

const aliases = 'abcdefgh'.split('').map((name, i, all) => {
  const before = all[i - 1];
  return `${name}: &${name} [${Array.from({length: 9}, () => (before === undefined ? 'x' : `*${before}`)).join(',')}]`;
});

const rows: Record<string, Row> = {
  'names that are repeated at each of 6,000 levels': {
    send: raw(nested(6000, '{"a":1,"a":')),
    want: 413,
    says: /jsonDepth/,
  },
  'names that are repeated 1,900 times at 100 levels': {
    send: raw(nested(100, `{${'"a":1,'.repeat(1900)}"a":`)),
    want: 422,
  },
  'a list in a list, 300,000 times': {send: raw(nested(300_000, '[', ']')), want: 413, says: /jsonDepth/},
  'an object in an object, to be deleted with': {
    method: 'DELETE',
    path: `${CONFIG_MAPS}/none`,
    send: raw(nested(200_000)),
    want: 413,
    says: /jsonDepth/,
  },
  'a review that is deep': {
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    send: raw(nested(100_000)),
    want: 413,
    says: /jsonDepth/,
  },
  'bookkeeping that is deep': {
    send: raw(JSON.stringify(configMap({managedFields: 'HERE'})).replace('"HERE"', nested(5000))),
    want: 413,
    says: /jsonDepth/,
  },
  '100,000 labels': {send: [configMap({labels: map(100_000)})], want: 413, says: /jsonMembers/},
  '3,000 labels': {send: [configMap({labels: map(3000)})], want: 413, says: /objectMembers.*3000/},
  '300,000 finalizers': {send: [configMap({finalizers: list(300_000)})], want: 413},
  '60,000 finalizers': {send: [configMap({finalizers: list(60_000)})], want: 413, says: /objectValues/},
  'a body of 4 MB': {send: raw(`"${'x'.repeat(4_000_000)}"`), want: 413, says: /3145728/},
  'as many labels as are allowed': {send: [configMap({name: 'labels', labels: map(1900)})], want: 201},
  'as many finalizers as are allowed': {send: [configMap({name: 'finalizers', finalizers: list(15_000)})], want: 201},
  '1,900 labels that are all wrong': {send: [configMap({labels: map(1900, '!')})], want: 422, says: /and 1800 more/},
  '1,900 fields that are unknown': {send: [configMap({name: 'unknown'}, map(1900))], want: 201},
  '1,900 fields that are unknown, strictly': {
    path: `${CONFIG_MAPS}?fieldValidation=Strict`,
    send: [configMap({}, map(1900))],
    want: 400,
    says: /unknown field/,
  },
  'a name of 1 MB': {send: [configMap({name: '!'.repeat(1_000_000)})], want: 422},
  'an owner without apiVersion': {
    send: [configMap({ownerReferences: [{kind: 'x', name: 'y', uid: 'z'}]})],
    want: 422,
    says: /version must not be empty/,
  },
  'an owner that is null': {send: [configMap({ownerReferences: [null]})], want: 422, says: /must not be empty/},
  'a finalizer that is null': {send: [configMap({finalizers: [null]})], want: 422},
  'a part of a volume that climbs': {
    path: PODS,
    send: [podWith({mountPath: '/a', subPath: 'a/../../etc'})],
    want: 422,
    says: /subPath: Invalid value: "a\/..\/..\/etc": must not contain '..'/,
  },
  'a part of a volume that is absolute': {
    path: PODS,
    send: [podWith({mountPath: '/a', subPath: '/etc'})],
    want: 422,
    says: /subPath: Invalid value: "\/etc": must be a relative path/,
  },
  'a path of the host that climbs': {
    path: PODS,
    send: [podWith({mountPath: '/a'}, {hostPath: {path: '/a/../etc'}})],
    want: 422,
    says: /hostPath.path: Invalid value: "\/a\/..\/etc": must not contain '..'/,
  },
  'a volume whose name climbs': {
    path: PODS,
    send: [podWith({mountPath: '/a', name: '..'}, {name: '..'})],
    want: 422,
    says: /volumes\[0\].name: Invalid value/,
  },
  'a YAML of aliases of aliases': {send: raw(aliases.join('\n'), YAML), want: 400, says: /alias count/},
  'a YAML with an alias of nothing': {send: raw('a: *b', YAML), want: 400, says: /alias/},
  'a YAML that merges a number': {send: raw('a: &x 1\nb: {<<: *x}', YAML), want: 400, says: /[Mm]erge/},
  'a YAML of brackets': {send: raw('['.repeat(60_000), YAML), want: 413, says: /jsonDepth/},
  'a YAML of dashes': {send: raw('- '.repeat(32_000), YAML), want: 400},
  'a YAML of 1 MB': {send: raw('a:\n' + '  - b\n'.repeat(170_000), YAML), want: 413, says: /yamlBytes/},
  'a YAML of 8,000 keys': {
    send: raw(`a:\n${Array.from({length: 8000}, (_, i) => `  k${i}:`).join('\n')}`, YAML),
    want: 413,
    says: /yamlBytes|objectMembers/,
  },
  'a patch that copies copies': {
    method: 'PATCH',
    path: `${CONFIG_MAPS}/there`,
    send: [Array.from({length: 28}, (_, i) => ({op: 'copy', from: '/data', path: `/data/c${i}`})), JSON_PATCH],
    want: 413,
    says: /objectBytes/,
  },
  'a patch of 2,000 operations': {
    method: 'PATCH',
    path: `${CONFIG_MAPS}/there`,
    send: [Array.from({length: 2000}, () => ({op: 'test', path: '/data/a', value: 'y'})), JSON_PATCH],
    want: 413,
    says: /patchOperations/,
  },
  'a patch that adds more than an object may have': {
    method: 'PATCH',
    path: `${CONFIG_MAPS}/labels`,
    send: [
      {metadata: {labels: Object.fromEntries(Array.from({length: 500}, (_, i) => [`more${i}`, 'v']))}},
      {contentType: 'application/merge-patch+json'},
    ],
    want: 413,
    says: /objectMembers/,
  },
  'a patch that turns 15,000 finalizers around': {
    method: 'PATCH',
    path: `${CONFIG_MAPS}/finalizers`,
    send: [
      {metadata: {'$setElementOrder/finalizers': list(15_000).reverse(), finalizers: ['example.com/z']}},
      STRATEGIC,
    ],
    want: 200,
  },
  'an apply that turns 15,000 finalizers around': {
    method: 'PATCH',
    path: `${CONFIG_MAPS}/finalizers?fieldManager=other&force=true`,
    send: [configMap({name: 'finalizers', finalizers: list(15_000).reverse()}), APPLY],
    want: 200,
  },
};

async function open(): Promise<Target & {stop: () => Promise<void>}> {
  const target = await Target.open();
  await target.must('POST', CONFIG_MAPS, configMap({name: 'there'}, {data: {a: 'x'.repeat(1000)}}));
  return target;
}

let target: Awaited<ReturnType<typeof open>>;
test.before(async () => {
  target = await open();
});
test.after.always(() => target.stop());

for (const [title, {method = 'POST', path = CONFIG_MAPS, send, want, says = /(?:)/}] of Object.entries(rows)) {
  test.serial(`${title}: ${want}, at once`, async t => {
    const [body, options = {}] = send;
    // What comes over the wire is ready before the time is taken.
    const text = options.raw ?? JSON.stringify(body);
    const before = process.cpuUsage();
    const answer: Answer = await target.call(method, path, undefined, {...options, raw: text});
    const {user, system} = process.cpuUsage(before);
    t.is(answer.status, want, answer.text.slice(0, 500));
    t.regex(String(at(answer.body, 'message')), says);
    const cpuMs = (user + system) / 1000;
    t.true(cpuMs < MOST_CPU_MS, `${cpuMs} ms`);
  });
}

test.serial('after a body that was too large the same connection answers on', async t => {
  t.is((await target.call('POST', CONFIG_MAPS, undefined, {raw: `"${'x'.repeat(4_000_000)}"`})).status, 413);
  t.is((await target.call('GET', `${CONFIG_MAPS}/there`)).status, 200);
});

/** What is put in the place of any value of an object. */
const WRONG = [null, 0, -1, 1.5, true, '', 'x', [], [null], [[]], {}, {a: null}, [{}]];

const KINDS: readonly {readonly path: string; readonly object: object}[] = [
  {
    path: CONFIG_MAPS,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'm',
        labels: {a: 'b'},
        annotations: {a: 'b'},
        finalizers: ['a.b/c'],
        ownerReferences: [{apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: true}],
        managedFields: [{manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsV1: {'f:data': {'f:a': {}}}}],
      },
      data: {a: 'b'},
    },
  },
  {
    path: '/api/v1/namespaces/default/pods',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name: 'm'},
      spec: {
        containers: [
          {
            name: 'c',
            image: 'i',
            command: ['a'],
            env: [{name: 'A', valueFrom: {fieldRef: {fieldPath: 'metadata.name'}}}],
            ports: [{containerPort: 1}],
            resources: {requests: {cpu: '1'}},
            volumeMounts: [{name: 'v', mountPath: '/v'}],
            livenessProbe: {httpGet: {port: 80}},
          },
        ],
        volumes: [{name: 'v', emptyDir: {}}],
        tolerations: [{key: 'a', operator: 'Exists'}],
      },
    },
  },
  {
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    object: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {name: 'as.example.com'},
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: {plural: 'as', kind: 'A'},
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {spec: {type: 'array', items: {type: 'string', pattern: 'a'}}},
              },
            },
            subresources: {status: {}, scale: {specReplicasPath: '.spec.a', statusReplicasPath: '.status.a'}},
            additionalPrinterColumns: [{name: 'A', type: 'string', jsonPath: '.spec'}],
          },
        ],
      },
    },
  },
];

/** Every place of an object, as a path. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value)
    ? value.flatMap((item, i) => placesOf(item, [...path, i]))
    : Object.entries(value).flatMap(([key, child]) => placesOf(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function withValueAt(object: unknown, [step, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (step === undefined) return value;
  const copy: unknown = Array.isArray(object) ? [...object] : {...(object as object)};
  Reflect.set(copy as object, step, withValueAt(Reflect.get(object as object, step), rest, value));
  return copy;
}

test.serial('a wrong value in any place is answered, and never with 500', async t => {
  const query = '?dryRun=All';
  for (const {path, object} of KINDS) {
    for (const place of placesOf(object)) {
      for (const wrong of WRONG) {
        const body = withValueAt(object, place, wrong);
        const answer = await target.call('POST', `${path}${query}`, body);
        t.true(answer.status < 500, `${path} ${place.join('.')} = ${JSON.stringify(wrong)}: ${answer.text}`);
      }
    }
  }
});

test.serial('a JSON patch of any operations is answered, and never with 500', async t => {
  const pointer = fc.constantFrom(
    '',
    '/data',
    '/data/a',
    '/metadata',
    '/metadata/finalizers/0',
    '/metadata/name',
    '/x',
    '/-',
    '/kind',
  );
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path: pointer,
    from: pointer,
    value: fc.constantFrom<unknown>(...WRONG),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(operation, {maxLength: 6}), async patch => {
      const answer = await target.call('PATCH', `${CONFIG_MAPS}/there?dryRun=All`, patch, JSON_PATCH);
      t.true(answer.status < 500, answer.text);
    }),
    {numRuns: 300},
  );
});
