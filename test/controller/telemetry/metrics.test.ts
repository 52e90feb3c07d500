import test from 'ava';
import type {Clock} from '../../../src/lib/clock.ts';
import {MASTER_METRICS} from '../../../src/controller/telemetry/master-metrics.ts';
import {type MetricDefinition, Metrics} from '../../../src/controller/telemetry/metrics.ts';

const clock: Clock = {now: () => 0, monotonic: () => 0, after: () => ({cancel: () => {}})};

const TABLE: readonly MetricDefinition[] = [
  {
    name: 'calls_total',
    help: 'Calls.',
    type: 'counter',
    labels: ['kind'],
    snapshot: 'm/calls_{kind}',
    zero: [{kind: 'a'}],
  },
  {name: 'open', help: 'Open streams.', type: 'gauge', snapshot: 'm/open'},
  {name: 'share', help: 'Share, 0 to 1.', type: 'gauge', labels: ['role'], snapshot: 'm/roles/{role}/share'},
  {name: 'run_seconds', help: 'Seconds.', type: 'timer', snapshot: 'm/run_ms'},
];

test('the flat form names values as Mesos does', t => {
  const metrics = new Metrics(TABLE, clock);
  metrics.inc('calls_total', {kind: 'b'}, 2);
  metrics.set('open', 3);
  metrics.set('share', 0.5, {role: 'eng/ads'});
  metrics.observe('run_seconds', 12);
  t.deepEqual(metrics.snapshot(), {
    'm/calls_a': 0,
    'm/calls_b': 2,
    'm/open': 3,
    'm/roles/eng/ads/share': 0.5,
    'm/run_ms': 12,
  });
});

test('Prometheus text carries help, labels and seconds', async t => {
  const metrics = new Metrics(TABLE, clock);
  metrics.inc('calls_total', {kind: 'b'});
  metrics.observe('run_seconds', 500);
  const text = await metrics.prometheus();
  t.true(text.includes('# HELP calls_total Calls.'));
  t.true(text.includes('calls_total{kind="b"} 1'));
  t.true(text.includes('run_seconds_sum 0.5'));
});

test('collectors run before each reading, and a reset forgets labels that are gone', t => {
  const metrics = new Metrics(TABLE, clock);
  let roles = ['a', 'b'];
  metrics.onCollect(() => {
    metrics.reset('share');
    for (const role of roles) metrics.set('share', 1, {role});
  });
  t.true('m/roles/b/share' in metrics.snapshot());
  roles = ['a'];
  t.false('m/roles/b/share' in metrics.snapshot());
});

test('values of no row are added to the flat form', t => {
  const metrics = new Metrics(TABLE, clock);
  metrics.addExtra(() => ({'m/frameworks/x/subscribed': 1}));
  t.is(metrics.snapshot()['m/frameworks/x/subscribed'], 1);
});

test('a name that is not in the table is a bug', t => {
  t.throws(() => new Metrics(TABLE, clock).inc('open'), {message: /No counter named open/});
});

test("the master's table has every name once, with help", t => {
  const names = MASTER_METRICS.map(row => row.name);
  t.is(new Set(names).size, names.length);
  t.true(MASTER_METRICS.every(row => row.help.endsWith('.')));
  t.is(new Metrics(MASTER_METRICS, clock).snapshot()['master/tasks_running'], 0);
});
