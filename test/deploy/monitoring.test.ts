import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {MARATHON_METRICS} from '../../src/controller/marathon/views/metrics.ts';
import {Metrics} from '../../src/controller/telemetry/metrics.ts';
import {PROCESS_METRICS, reportProcess} from '../../src/controller/telemetry/process-metrics.ts';
import {VirtualClock} from '../support/virtual-clock.ts';
import {MASTER_METRICS} from '../../src/controller/telemetry/master-metrics.ts';

const TABLES = [...MASTER_METRICS, ...MARATHON_METRICS, ...PROCESS_METRICS];
const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../deploy/helm/${path}`, import.meta.url)), 'utf8');
const series = new Set(TABLES.flatMap(({name, type}) => (type === 'timer' ? [`${name}_bucket`] : [name])));

test('alerts ask for metrics and label values that exist', t => {
  const expressions = [...read('templates/monitoring/prometheus-rule.yaml').matchAll(/expr: (.*)/g)].map(([, e]) => e ?? '');
  t.true(expressions.length > 5);
  for (const expression of expressions) {
    const names = [...expression.matchAll(/\b(?:mesos|marathon)_\w+/g)].map(([name]) => name);
    t.true(names.length > 0, expression);
    for (const name of names) t.true(series.has(name), `${name} in ${expression}`);
    const [, state] = /state="(\w+)"/.exec(expression) ?? [];
    const metric = TABLES.find(({name}) => name === names[0]);
    if (state !== undefined) t.true(metric?.zero?.some(labels => labels['state'] === state), expression);
  }
});

test('the dashboard shows every metric', t => {
  const {panels} = JSON.parse(read('files/dashboard.json')) as {panels: {title: string; type: string}[]};
  const shown = panels.filter(({type}) => type === 'timeseries').map(({title}) => title);
  t.deepEqual(shown.toSorted(), TABLES.map(({name}) => name).toSorted());
});

test('each alert has a section of the runbook, with its name', t => {
  const alerts = [...read('templates/monitoring/prometheus-rule.yaml').matchAll(/alert: (\w+)/g)].map(([, name]) => name);
  const page = read('../../docs/how-to/alerts.md');
  t.deepEqual([...page.matchAll(/^## (.*)$/gm)].map(([, name]) => name).toSorted(), alerts.toSorted());
});

test('a controller reports its version, and what Node says of every process', async t => {
  const metrics = new Metrics(MASTER_METRICS, new VirtualClock());
  reportProcess(metrics, '1.2.3', 'v24.0.0');
  const text = await metrics.prometheus();
  t.regex(text, /^mesos_build_info\{version="1.2.3",node="v24.0.0"\} 1$/m);
  // File descriptors and exact memory are known where there is /proc.
  const known = PROCESS_METRICS.filter(({name}) => process.platform === 'linux' || name !== 'process_open_fds');
  for (const {name} of known) t.true(text.includes(`# TYPE ${name} `), name);
});
