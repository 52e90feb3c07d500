import test from 'ava';
import type {TaskInfo} from '../../../../src/api/mesos/v1/common.ts';
import {spec} from './fixtures.ts';

/** The fetcher of a task with one URI and so much memory, in mebibytes. */
const fetcher = (rest: Partial<TaskInfo>) =>
  spec({command: {value: 'x', uris: [{value: 'http://h/f'}]}, ...rest}).initContainers?.[0];
const mem = (value: number) => ({name: 'mem', type: 'SCALAR' as const, scalar: {value}});

const floors: Record<string, {task: Partial<TaskInfo>; want: string | undefined}> = {
  'a fetcher has no less memory than it needs': {task: {resources: [mem(255)]}, want: '256Mi'},
  'a fetcher has the memory of its task where that is enough': {task: {resources: [mem(256)]}, want: '256Mi'},
  'a fetcher of a large task has its memory': {task: {resources: [mem(257)]}, want: '257Mi'},
  'several amounts of memory are one': {task: {resources: [mem(128), mem(129)]}, want: '257Mi'},
  'other resources are no memory': {task: {resources: [mem(64), {...mem(512), name: 'disk'}]}, want: '256Mi'},
  'a fetcher of a task without a limit has none': {
    task: {resources: [mem(64)], limits: {mem: {value: Infinity}}},
    want: undefined,
  },
};
for (const [title, {task, want}] of Object.entries(floors)) {
  test(title, t => {
    t.is(fetcher(task)?.resources.limits?.['memory'], want);
  });
}

test('a fetcher requests what its task does', t => {
  t.deepEqual(fetcher({resources: [mem(64)]})?.resources.requests, {memory: '64Mi'});
});

test('a task without URIs has no fetcher', t => {
  t.is(spec({}).initContainers, undefined);
});

const variable = (name: string, value: string) => ({name, value, type: 'VALUE' as const});
const proxies: Record<string, {name: string; taken: boolean}> = {
  "a proxy in small letters is the fetcher's too": {name: 'http_proxy', taken: true},
  "a proxy in capital letters is the fetcher's too": {name: 'HTTPS_PROXY', taken: true},
  'what goes past the proxy is known to the fetcher': {name: 'no_proxy', taken: true},
  'a variable that only begins like a proxy is not': {name: 'http_proxy_user', taken: false},
  'a variable that only ends like a proxy is not': {name: 'my_http_proxy', taken: false},
};
for (const [title, {name, taken}] of Object.entries(proxies)) {
  test(title, t => {
    const env = fetcher({
      command: {value: 'x', uris: [{value: 'http://h/f'}], environment: {variables: [variable(name, 'p')]}},
    })?.env;
    const want = [
      {name, value: 'p'},
      {name: 'NODE_USE_ENV_PROXY', value: '1'},
    ];
    t.deepEqual(env?.slice(2), taken ? want : []);
  });
}

test('a fetcher knows what to fetch, how much, and how long it may hear nothing', t => {
  const info = fetcher({})?.env.find(({name}) => name === 'MESOS_FETCHER_INFO');
  t.deepEqual(JSON.parse(info !== undefined && 'value' in info ? info.value : ''), {
    items: [{uri: {value: 'http://h/f', extract: true}}],
    stall_timeout: {nanoseconds: 60_000_000_000}, // 60 s
    max_size: 1000,
  });
});
