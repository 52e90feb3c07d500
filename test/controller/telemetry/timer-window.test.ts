import test from 'ava';
import {TimerWindow} from '../../../src/controller/telemetry/timer-window.ts';

test('an empty window publishes nothing', t => {
  t.deepEqual(new TimerWindow().snapshot('run_ms', 0), {});
});

test('the first sample has no quantiles', t => {
  const window = new TimerWindow();
  window.add(7, 0);
  t.deepEqual(window.snapshot('run_ms', 1), {run_ms: 7});
});

test('from the second sample on there are count, extremes and quantiles', t => {
  const window = new TimerWindow();
  for (let value = 0; value <= 100; value++) window.add(value, value);
  const snapshot = window.snapshot('run_ms', 100);
  t.like(snapshot, {
    run_ms: 100,
    'run_ms/count': 101,
    'run_ms/min': 0,
    'run_ms/max': 100,
    'run_ms/p50': 50,
    'run_ms/p90': 90,
  });
});

test('samples older than an hour are forgotten', t => {
  const window = new TimerWindow();
  window.add(1, 0);
  window.add(2, 3_600_000);
  t.deepEqual(window.snapshot('run_ms', 3_600_000), {run_ms: 2});
});

test('only the last thousand samples count', t => {
  const window = new TimerWindow();
  for (let value = 0; value < 1500; value++) window.add(value, 1);
  t.like(window.snapshot('run_ms', 1), {'run_ms/count': 1000, 'run_ms/min': 500});
});
