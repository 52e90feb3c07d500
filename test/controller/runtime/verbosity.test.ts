import test from 'ava';
import {Verbosity} from '../../../src/controller/runtime/verbosity.ts';
import type {LogLevel} from '../../../src/kube/log.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

function verbosity() {
  const clock = new VirtualClock();
  let level: LogLevel = 'warn';
  const change = new Verbosity(clock, {get: () => level, set: next => void (level = next)});
  return {clock, change, level: () => level};
}

test('above 0 everything is logged, until the time is over', t => {
  const {clock, change, level} = verbosity();
  change.set(1, 1000);
  t.is(level(), 'debug');
  clock.advance(1000);
  t.is(level(), 'warn');
});

test('a second change replaces the first, with its time', t => {
  const {clock, change, level} = verbosity();
  change.set(1, 1000);
  clock.advance(900);
  change.set(2, 1000);
  clock.advance(900);
  t.is(level(), 'debug');
  t.is(change.level, 2);
  change.set(0, 1000);
  t.is(level(), 'warn');
  t.is(clock.waiting, 0);
});
