import test from 'ava';
import {pathMatcher, segmentsOf} from '../../../src/controller/web/match-path.ts';

const rows: readonly {path: string; url: string; want: Record<string, string> | undefined}[] = [
  {path: '/v2/apps', url: '/v2/apps', want: {}},
  {path: '/v2/apps', url: '//v2/apps/', want: {}},
  {path: '/v2/apps', url: '/v2/Apps', want: undefined},
  {path: '/v2/apps', url: '/v2/apps/web', want: undefined},
  {path: '/v2/apps/{id+}', url: '/v2/apps', want: undefined},
  {path: '/v2/apps/{id+}', url: '/v2/apps/prod/web', want: {id: 'prod/web'}},
  {path: '/v2/apps/{id+}', url: '/v2/apps/%2Fprod%2Fweb', want: {id: 'prod/web'}},
  {path: '/v2/apps/{id+}', url: '/v2/apps/..', want: {id: '..'}},
  {path: '/v2/apps/{id+}/tasks', url: '/v2/apps/tasks', want: undefined},
  {path: '/v2/apps/{id+}/tasks', url: '/v2/apps/tasks/tasks', want: {id: 'tasks'}},
  {path: '/v2/apps/{id+}/tasks/{taskId}', url: '/v2/apps/a/b/tasks/t.1', want: {id: 'a/b', taskId: 't.1'}},
  {path: '/v2/apps/{id+}/tasks/{taskId}', url: '/v2/apps/a/tasks', want: undefined},
  {path: '/v2/apps/{group*}/*', url: '/v2/apps/*', want: {group: ''}},
  {path: '/v2/apps/{group*}/*', url: '/v2/apps/a/b/*', want: {group: 'a/b'}},
  {path: '/quota/{role*}', url: '/quota', want: {role: ''}},
  {path: '/quota/{role*}', url: '/quota/a/b', want: {role: 'a/b'}},
  {path: '/{id}', url: '/__proto__', want: {id: '__proto__'}},
];
for (const {path, url, want} of rows) {
  test(`${path} and ${url}: ${JSON.stringify(want) ?? 'another path'}`, t => {
    t.deepEqual(pathMatcher(path)(segmentsOf(url) ?? []), want);
  });
}

test('a broken escape is no path', t => {
  t.is(segmentsOf('/a%E0%A4%A'), undefined);
});
