import test from 'ava';
import {followDependencies} from '../../../../../src/controller/marathon/core/groups/dependencies.ts';
import {planSteps, type PlannedChange} from '../../../../../src/controller/marathon/core/deployments/plan.ts';
import {toAppId, type AppId} from '../../../../../src/controller/marathon/core/ids.ts';

type Changes = Record<string, PlannedChange['change']>;
type Row = {
  readonly changes: Changes;
  readonly dependencies?: Record<string, readonly string[]>;
  /** What groups depend on. */
  readonly groups?: Record<string, readonly string[]>;
  readonly others?: readonly string[];
  readonly want: readonly string[];
};

/** `Stop /a, Scale /b` for each step. */
function plan({changes, dependencies = {}, groups = {}, others = []}: Row): string[] {
  const ids = [...Object.keys(changes), ...others].map(toAppId);
  const {layerOf} = followDependencies(ids, {
    namedByApp: id => (ids.includes(id) ? (dependencies[id] ?? []) : undefined),
    namedByGroup: id => groups[id],
    inside: group => ids.filter(id => id.startsWith(`${group}/`)),
  });
  const planned = Object.entries(changes).map(([app, change]) => ({app: toAppId(app), change}));
  return planSteps(planned, layerOf).map(({actions}) =>
    actions.map(({action, app}) => `${action.replace('Application', '')} ${app}`).join(', '),
  );
}

const rows: Record<string, Row> = {
  'nothing is no step': {changes: {}, want: []},
  'a new app is started, then scaled': {changes: {'/a': 'start'}, want: ['Start /a', 'Scale /a']},
  'an app that goes is one step': {changes: {'/a': 'stop'}, want: ['Stop /a']},
  'stops, starts, then a layer of dependencies at a time': {
    changes: {
      '/to-stop': 'stop',
      '/to-start': 'start',
      '/mongo': 'restart',
      '/independent': 'restart',
      '/service': 'restart',
    },
    dependencies: {'/to-start': ['/service'], '/service': ['/mongo']},
    want: [
      'Stop /to-stop',
      'Start /to-start',
      'Restart /mongo, Restart /independent',
      'Restart /service',
      'Scale /to-start',
    ],
  },
  'a dependency through an app that stays as it is orders too': {
    changes: {'/c': 'scale', '/a': 'scale'},
    dependencies: {'/a': ['/b'], '/b': ['/c']},
    others: ['/b'],
    want: ['Scale /c', 'Scale /a'],
  },
  'a dependency on a group is one on every app inside': {
    changes: {'/web': 'scale', '/db/one': 'restart', '/db/two': 'scale'},
    dependencies: {'/web': ['/db']},
    want: ['Restart /db/one, Scale /db/two', 'Scale /web'],
  },
  'a relative dependency starts at the app': {
    changes: {'/g/a': 'scale', '/g/b': 'scale'},
    dependencies: {'/g/a': ['../b']},
    want: ['Scale /g/b', 'Scale /g/a'],
  },
  'the longest chain counts': {
    changes: {'/a': 'scale', '/b': 'scale', '/c': 'scale'},
    dependencies: {'/a': ['/b', '/c'], '/b': ['/c']},
    want: ['Scale /c', 'Scale /b', 'Scale /a'],
  },
  'what a group depends on, each app inside depends on': {
    changes: {'/web/a': 'scale', '/web/sub/b': 'scale', '/db': 'restart'},
    groups: {'/web': ['../db']},
    want: ['Restart /db', 'Scale /web/a, Scale /web/sub/b'],
  },
  'an app waits for the highest app of a group': {
    changes: {'/web': 'scale', '/db/one': 'scale', '/db/two': 'scale'},
    dependencies: {'/web': ['/db'], '/db/two': ['/db/one']},
    want: ['Scale /db/one', 'Scale /db/two', 'Scale /web'],
  },
  'an unknown dependency orders nothing': {
    changes: {'/a': 'scale', '/b': 'scale'},
    dependencies: {'/a': ['/nobody', '/nowhere/else']},
    want: ['Scale /a, Scale /b'],
  },
};

for (const [title, row] of Object.entries(rows)) {
  test(title, t => t.deepEqual(plan(row), row.want));
}

const cyclic = (apps: Record<string, readonly string[]>, groups: Record<string, readonly string[]> = {}): boolean => {
  const ids = Object.keys(apps).map(toAppId);
  return followDependencies(ids, {
    namedByApp: id => apps[id],
    namedByGroup: id => groups[id],
    inside: (group: AppId) => ids.filter(id => id.startsWith(`${group}/`)),
  }).isCyclic;
};

test('a cycle may lead through apps and groups', t => {
  t.false(cyclic({'/a': ['/b', '/c'], '/b': ['/c'], '/c': []}));
  t.true(cyclic({'/a': ['/b'], '/b': ['/c'], '/c': ['/a']}));
  t.true(cyclic({'/a': ['/a']}));
  t.true(cyclic({'/g/a': ['/g']}));
  t.true(cyclic({'/g/a': [], '/h/b': ['/g']}, {'/g': ['/h']}));
  t.true(cyclic({'/g/a': []}, {'/g': ['/g/a']}));
  t.false(cyclic({'/g/a': [], '/h/b': []}, {'/g': ['/h'], '/h': []}));
});

test('a chain of 20,000 apps is followed', t => {
  const chain = Object.fromEntries(Array.from({length: 20_000}, (_, i) => [`/a${i}`, i === 0 ? [] : [`/a${i - 1}`]]));
  const last = toAppId('/a19999');
  const {layerOf, isCyclic} = followDependencies([last], {
    namedByApp: id => chain[id],
    namedByGroup: () => undefined,
    inside: () => [],
  });
  t.is(layerOf(last), 19_999);
  t.false(isCyclic);
});

/** How many apps are asked what they name, to plan an app that depends on a group of 10, beside `others` apps. */
function lookups(others: number): number {
  let count = 0;
  const inside = Array.from({length: 10}, (_, i) => toAppId(`/db/a${i}`));
  const all = new Set([toAppId('/web'), ...inside, ...Array.from({length: others}, (_, i) => toAppId(`/x${i}`))]);
  followDependencies([toAppId('/web')], {
    namedByApp: id => {
      count += 1;
      return all.has(id) ? (id === '/web' ? ['/db'] : []) : undefined;
    },
    namedByGroup: () => undefined,
    inside: group => (group === '/db' ? inside : []),
  });
  return count;
}

test('what an app costs does not grow with the number of others', t => {
  t.is(lookups(10_000), lookups(10));
});
