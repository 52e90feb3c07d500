import test from 'ava';
import {layersOf} from '../../../../../src/controller/marathon/core/apps/dependencies.ts';
import {planSteps, type PlannedChange} from '../../../../../src/controller/marathon/core/deployments/plan.ts';
import {toAppId} from '../../../../../src/controller/marathon/core/ids.ts';

type Changes = Record<string, PlannedChange['change']>;

/** `Stop /a, Scale /b` for each step. */
function plan(changes: Changes, dependencies: Record<string, readonly string[]> = {}, others: string[] = []): string[] {
  const ids = [...Object.keys(changes), ...others].map(toAppId);
  const layerOf = layersOf(ids, id => dependencies[id]);
  const planned = Object.entries(changes).map(([app, change]) => ({app: toAppId(app), change}));
  return planSteps(planned, layerOf).map(({actions}) =>
    actions.map(({action, app}) => `${action.replace('Application', '')} ${app}`).join(', '),
  );
}

const rows: Record<
  string,
  {changes: Changes; dependencies?: Record<string, readonly string[]>; others?: string[]; want: string[]}
> = {
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
};

for (const [title, {changes, dependencies, others, want}] of Object.entries(rows)) {
  test(title, t => t.deepEqual(plan(changes, dependencies, others), want));
}
