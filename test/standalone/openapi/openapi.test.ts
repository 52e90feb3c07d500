import test from 'ava';
import {BUILTIN_KINDS} from '../../../src/standalone/apiserver/builtin-kinds.ts';
import {ALL_VERBS, type Kind, STATUS} from '../../../src/standalone/apiserver/kinds.ts';
import {openApiDocument, openApiIndex, openApiV3} from '../../../src/standalone/apiserver/openapi/openapi.ts';
import {isObject, type JsonObject, type JsonValue, memberOf} from '../../../src/standalone/apiserver/schema/json.ts';

const APP: Kind = {
  group: 'mesos.dev',
  version: 'v1',
  plural: 'marathonapps',
  singular: 'marathonapp',
  kind: 'MarathonApp',
  listKind: 'MarathonAppList',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [
    STATUS,
    {name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update']},
  ],
  storage: 'marathonapps',
  custom: true,
  schema: {
    type: 'object',
    description: 'An app.',
    properties: {
      spec: {type: 'object', properties: {cmd: {type: 'string', description: 'What to run.', nullable: true}}},
    },
  },
  selectableFields: [],
  statusIsolated: true,
  generation: true,
  unconditionalUpdate: false,
  createOnUpdate: false,
  naming: 'dns1123-subdomain',
};
const KINDS = [...BUILTIN_KINDS, APP];

const at = (value: JsonValue | undefined, ...path: string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((found, key) => memberOf(found, key), value);
const keys = (value: JsonValue | undefined): string[] => (isObject(value) ? Object.keys(value) : []);
const parsed = (path: string): JsonObject => JSON.parse(openApiDocument(path, KINDS)?.text ?? 'null');

const app = parsed('apis/mesos.dev/v1');
const core = parsed('api/v1');
const OBJECT = '/apis/mesos.dev/v1/namespaces/{namespace}/marathonapps/{name}';

test('the index names every group version, with the hash of its document', t => {
  const index = openApiIndex(KINDS);
  t.deepEqual(
    at(index, 'paths', 'apis/mesos.dev/v1', 'serverRelativeURL'),
    `/openapi/v3/apis/mesos.dev/v1?hash=${openApiDocument('apis/mesos.dev/v1', KINDS)?.hash}`,
  );
  t.true(keys(at(index, 'paths')).includes('api/v1'));
});

test('the hash follows the content', t => {
  const changed = [...BUILTIN_KINDS, {...APP, schema: {...APP.schema, description: 'Another.'}}];
  t.not(openApiDocument('apis/mesos.dev/v1', KINDS)?.hash, openApiDocument('apis/mesos.dev/v1', changed)?.hash);
  t.is(openApiDocument('apis/mesos.dev/v1', KINDS), openApiDocument('apis/mesos.dev/v1', KINDS));
});

test('a group version that nobody serves has no document', t => {
  t.is(openApiDocument('apis/nope/v1', KINDS), undefined);
});

test('a custom kind has the paths of its verbs and subresources', t => {
  t.deepEqual(
    Object.fromEntries(
      keys(app['paths']).map(path => [path, keys(at(app, 'paths', path)).filter(key => key !== 'parameters')]),
    ),
    {
      '/apis/mesos.dev/v1/namespaces/{namespace}/marathonapps': ['get', 'post', 'delete'],
      [OBJECT]: ['get', 'put', 'patch', 'delete'],
      '/apis/mesos.dev/v1/marathonapps': ['get'],
      [`${OBJECT}/status`]: ['get', 'put', 'patch'],
      [`${OBJECT}/scale`]: ['get', 'put', 'patch'],
    },
  );
});

test('kubectl finds fieldValidation and the kind on PATCH and POST', t => {
  for (const [path, method] of [
    [OBJECT, 'patch'],
    [OBJECT.replace('/{name}', ''), 'post'],
  ] as const) {
    const operation = at(app, 'paths', path, method);
    const parameters = at(operation, 'parameters');
    const names = Array.isArray(parameters) ? parameters.map(parameter => at(parameter, 'name')) : [];
    t.true(names.includes('fieldValidation'));
    t.deepEqual(at(operation, 'x-kubernetes-group-version-kind'), {
      group: 'mesos.dev',
      version: 'v1',
      kind: 'MarathonApp',
    });
  }
});

test('custom kinds take no strategic patch', t => {
  const types = (document: JsonObject, path: string) =>
    keys(at(document, 'paths', path, 'patch', 'requestBody', 'content'));
  t.deepEqual(types(app, OBJECT), [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
  ]);
  t.true(types(core, '/api/v1/namespaces/{namespace}/pods/{name}').includes('application/strategic-merge-patch+json'));
});

test('a custom kind is described by its own schema, its metadata by the shared one', t => {
  const schema = at(app, 'components', 'schemas', 'dev.mesos.v1.MarathonApp');
  t.deepEqual(at(schema, 'properties', 'spec', 'properties', 'cmd'), {
    type: 'string',
    description: 'What to run.',
    nullable: true,
  });
  t.deepEqual(at(schema, 'properties', 'metadata', 'allOf'), [
    {$ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'},
  ]);
  t.deepEqual(at(schema, 'x-kubernetes-group-version-kind'), [
    {group: 'mesos.dev', version: 'v1', kind: 'MarathonApp'},
  ]);
  t.not(
    at(
      app,
      'components',
      'schemas',
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
      'properties',
      'name',
      'description',
    ),
    undefined,
  );
});

for (const path of keys(at(openApiIndex(KINDS), 'paths'))) {
  test(`${path}: every reference has its target, and nothing of ours shows`, t => {
    const text = openApiDocument(path, KINDS)?.text ?? '';
    const known = new Set(keys(at(parsed(path), 'components', 'schemas')));
    const wanted = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(match => match[1] ?? '');
    t.deepEqual(
      wanted.filter(name => !known.has(name)),
      [],
    );
    t.false(text.includes('x-null-is-absent'));
  });
}

test('an empty cluster still has its form', t => {
  t.deepEqual(openApiV3('apis/x/v1', [])['paths'], {});
});
