import test from 'ava';
import {NAMED_SCHEMAS} from '../../../src/controller/marathon/http/schemas.ts';
import {helpText, openApi} from '../../../src/controller/web/describe.ts';
import {ROUTE_TABLE} from '../../../src/controller/web/route-table.ts';

const all = [...ROUTE_TABLE.master, ...ROUTE_TABLE.marathon];

test('each method of a path is there once', t => {
  for (const routes of Object.values(ROUTE_TABLE)) {
    const names = routes.map(({method, path}) => `${method} ${path}`);
    t.deepEqual([...new Set(names)], names);
  }
});

test('all methods of a path are answered by the same process', t => {
  for (const routes of Object.values(ROUTE_TABLE)) {
    for (const [path, rows] of Map.groupBy(routes, route => route.path)) {
      t.is(new Set(rows.map(({answeredBy}) => answeredBy)).size, 1, path);
    }
  }
});

test('what a row does is a sentence', t => {
  for (const {does, method, path} of all) t.regex(does, /^[A-Z].*[.]$/, `${method} ${path}`);
});

test('what only reads is open or needs a permission to see; what changes needs another', t => {
  for (const {method, path, permission} of all) {
    const reads = ['open', 'view', 'view-whole', 'view-process'].includes(permission);
    const asks = ['POST /allocator/what-if', 'POST /tasks'].includes(`${method} ${path}`);
    t.is(reads, method === 'GET' || asks, `${method} ${path}`);
  }
});

test('the help has a line for each row', t => {
  const text = helpText('Marathon', ROUTE_TABLE.marathon);
  t.is(text.split('\n').length, ROUTE_TABLE.marathon.length + 3);
  t.regex(text, /^DELETE \/v2\/apps\/\{id\} +Deletes an app with its tasks[.]$/m);
});

test('OpenAPI describes each row, and schemas once', t => {
  const document = openApi(ROUTE_TABLE.marathon, {title: 'Marathon', version: '1', schemas: NAMED_SCHEMAS});
  const {openapi, paths} = JSON.parse(JSON.stringify(document));
  t.is(openapi, '3.1.0');
  const operations = Object.values<object>(paths).flatMap(methods => Object.keys(methods));
  t.is(operations.length, ROUTE_TABLE.marathon.length);
  const {put} = paths['/v2/apps/{id}'];
  t.deepEqual(put.requestBody.content['application/json'].schema, {$ref: '#/components/schemas/App'});
  t.like(put.parameters[0], {name: 'id', in: 'path', required: true});
});
