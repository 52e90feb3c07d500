import test from 'ava';
import {decodeWorkload} from '../../src/simulator/workload.ts';

const agents = [{resources: 'cpus:8;mem:8192'}];
const framework = {name: 'f', role: 'r', task: {cpus: 1}, lasts: '1mins', backlog: 1};

const rows: Record<string, {workload: unknown; want: readonly string[]}> = {
  'a text instead of an object': {
    workload: 'nonsense',
    want: [
      'the file: want an object with seed, duration, allocationInterval, roleSorter, frameworkSorter, agents, roles, frameworks, apps, appStartup, snapshotTasks, got "nonsense"',
    ],
  },
  'no duration': {workload: {agents}, want: ['duration: want a duration such as 90secs or 2hrs, got nothing']},
  'a duration of nothing': {
    workload: {agents, duration: '0secs'},
    want: ['duration: want a duration above 0, got "0secs"'],
  },
  'no agents': {workload: {duration: '1hrs'}, want: ['agents: want at least one group of agents, got none']},
  'resources that are none': {
    workload: {duration: '1hrs', agents: [{resources: 'cpus:many'}]},
    want: ['agents[0].resources: want a number, 0 or more, got "cpus:many"'],
  },
  'a misspelt field': {
    workload: {duration: '1hrs', agents, frameworks: [{...framework, arival: '1secs'}]},
    want: [
      'frameworks[0].arival: want one of name, role, count, startAt, stopAt, task, lasts, arrivals, tasksPerJob, jobs, backlog, tasksPerOffer, refuse there, got arival',
    ],
  },
  'a framework without work': {
    workload: {duration: '1hrs', agents, frameworks: [{...framework, backlog: 0}]},
    want: ['frameworks[0]: want arrivals or backlog, got neither'],
  },
  'a distribution that nobody knows': {
    workload: {duration: '1hrs', agents, frameworks: [{...framework, lasts: {zipf: 2}}]},
    want: ['frameworks[0].lasts.zipf: want one of constant, exponential, uniform, lognormal or pareto there, got 2'],
  },
  'a distribution with the wrong parameters': {
    workload: {duration: '1hrs', agents, frameworks: [{...framework, lasts: {uniform: ['2mins', '1mins']}}]},
    want: ['frameworks[0].lasts.uniform: want a list of two amounts, the smaller one first, got ["2mins","1mins"]'],
  },
  'a number where a duration is wanted': {
    workload: {duration: '1hrs', agents, frameworks: [{...framework, lasts: 5}]},
    want: [
      'frameworks[0].lasts: want an amount, or an object with one of constant, exponential, uniform, lognormal or pareto, got 5',
    ],
  },
  'a role that is no role': {
    workload: {duration: '1hrs', agents, frameworks: [{...framework, role: 'a//b'}]},
    want: ['frameworks[0].role: want a role such as eng/ads, got "a//b"'],
  },
  'quota on a nested role': {
    workload: {duration: '1hrs', agents, roles: {'a/b': {limits: {cpus: 1}}}},
    want: ['roles.a/b: want quota on top-level roles only, got a/b'],
  },
  'a weight of nothing': {
    workload: {duration: '1hrs', agents, roles: {a: {weight: 0}}},
    want: ['roles.a.weight: want a number above 0, got 0'],
  },
  'a change of apps that says two things': {
    workload: {duration: '1hrs', agents, apps: [{remove: '/a', scale: {id: '/a', instances: 1}}]},
    want: ['apps[0]: want one of app, scale and remove, got 2'],
  },
  'several mistakes': {
    workload: {duration: 5, agents: [{resources: 'cpus:1', count: 0}], seed: 1.5},
    want: [
      'seed: want a whole number, got 1.5',
      'duration: want a duration such as 90secs or 2hrs, got 5',
      'agents[0].count: want a whole number above 0, got 0',
    ],
  },
};
for (const [title, {workload, want}] of Object.entries(rows)) {
  test(`refused: ${title}`, t => {
    const decoded = decodeWorkload(workload, false);
    t.deepEqual(decoded.ok ? [] : decoded.error, want);
  });
}

test('what is not given has a default', t => {
  const decoded = decodeWorkload({duration: '1hrs', frameworks: [framework]}, true);
  if (!decoded.ok) return t.fail(decoded.error.join());
  const {seed, allocationInterval, agents: none, frameworks} = decoded.value;
  t.deepEqual([seed, allocationInterval, none.length], [1, 1000, 0]);
  t.like(frameworks[0], {count: 1, startAt: 0, refuse: 5000, tasksPerJob: {kind: 'constant', value: 1}});
});
