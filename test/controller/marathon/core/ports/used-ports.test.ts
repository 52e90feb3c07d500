import test from 'ava';
import {isUsedByOthers, useServicePorts} from '../../../../../src/controller/marathon/core/ports/used-ports.ts';
import {toAppObject} from '../../../../../src/controller/marathon/core/apps/app-object.ts';
import {newApp, newState, type App} from '../../../../../src/controller/marathon/core/state.ts';
import {SETTINGS} from '../../simulation.ts';

const appNamed = (name: string): App =>
  newApp(toAppObject({apiVersion: '', kind: '', metadata: {name}, spec: {cmd: 'true'}}, SETTINGS.defaults));

test('a port is used by others as long as one of them has it', t => {
  const state = newState(SETTINGS);
  const [a, b, c] = [appNamed('a'), appNamed('b'), appNamed('c')] as const;
  useServicePorts(state, a, [10_000]);
  t.deepEqual([isUsedByOthers(state, a, 10_000), isUsedByOthers(state, b, 10_000)], [false, true]);
  useServicePorts(state, b, [10_000]);
  t.deepEqual([isUsedByOthers(state, a, 10_000), isUsedByOthers(state, b, 10_000)], [true, true]);
  useServicePorts(state, b, []);
  t.deepEqual([isUsedByOthers(state, a, 10_000), isUsedByOthers(state, c, 10_000)], [false, true]);
  useServicePorts(state, a, [10_001]);
  t.false(isUsedByOthers(state, c, 10_000));
  t.true(isUsedByOthers(state, undefined, 10_001));
});

test('an app that has a port twice is not in its own way', t => {
  const state = newState(SETTINGS);
  const a = appNamed('a');
  useServicePorts(state, a, [10_000, 10_000]);
  t.false(isUsedByOthers(state, a, 10_000));
  useServicePorts(state, a, []);
  t.false(isUsedByOthers(state, undefined, 10_000));
});
