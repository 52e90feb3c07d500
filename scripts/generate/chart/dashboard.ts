import {MARATHON_METRICS} from '../../../src/controller/marathon/views/metrics.ts';
import {MASTER_METRICS} from '../../../src/controller/telemetry/master-metrics.ts';
import {PROCESS_METRICS} from '../../../src/controller/telemetry/process-metrics.ts';
import type {MetricDefinition} from '../../../src/controller/telemetry/metrics.ts';

const SOURCE = {type: 'prometheus', uid: '${datasource}'};
const COLUMNS = 3;
const SIZE = {w: 24 / COLUMNS, h: 7};

/** deploy/helm/files/dashboard.json: a panel for every metric. */
export const dashboardFiles = (): [path: string, content: string][] => [
  ['deploy/helm/files/dashboard.json', `${JSON.stringify(dashboard(), null, 1)}\n`],
];

/** Every controller has its own, leader or not. */
const OF_EACH_POD: readonly MetricDefinition[] = PROCESS_METRICS.map(metric => ({
  ...metric,
  ...(metric.type !== 'timer' && {labels: ['pod']}),
}));

const SECTIONS: readonly (readonly [title: string, metrics: readonly MetricDefinition[]])[] = [
  ['Master', MASTER_METRICS.filter(({name}) => name.startsWith('mesos_master_'))],
  ['Allocator', MASTER_METRICS.filter(({name}) => name.startsWith('mesos_allocator_'))],
  ['Marathon', MARATHON_METRICS],
  ['Controllers', [...MASTER_METRICS.filter(({name}) => !/^mesos_(master|allocator)_/.test(name)), ...OF_EACH_POD]],
];

function dashboard(): object {
  let y = 0;
  const panels = SECTIONS.flatMap(([title, metrics]) => {
    const row = {type: 'row', title, gridPos: {x: 0, y: y++, w: 24, h: 1}};
    const cells = metrics.map((metric, index) => ({
      ...panel(metric),
      gridPos: {...SIZE, x: (index % COLUMNS) * SIZE.w, y: y + Math.floor(index / COLUMNS) * SIZE.h},
    }));
    y += Math.ceil(metrics.length / COLUMNS) * SIZE.h;
    return [row, ...cells];
  });
  return {
    title: 'Mesos',
    uid: 'mesos-operator',
    tags: ['mesos'],
    schemaVersion: 39,
    refresh: '30s',
    time: {from: 'now-1h', to: 'now'},
    templating: {
      list: [
        {name: 'datasource', type: 'datasource', query: 'prometheus'},
        {
          name: 'namespace',
          type: 'query',
          datasource: SOURCE,
          query: 'label_values(mesos_master_elected, namespace)',
          refresh: 2,
        },
      ],
    },
    panels: panels.map((each, index) => ({id: index + 1, ...each})),
  };
}

function panel(metric: MetricDefinition): object {
  return {
    type: 'timeseries',
    title: metric.name,
    description: metric.help,
    datasource: SOURCE,
    fieldConfig: {defaults: {unit: unitOf(metric), min: 0}, overrides: []},
    targets: [{refId: 'A', datasource: SOURCE, expr: query(metric), legendFormat: legend(metric)}],
  };
}

/** Only the leader's gauges mean something; standbys show zeroes. */
function query({name, type, labels = []}: MetricDefinition): string {
  const selector = '{namespace="$namespace"}';
  const by = labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
  if (type === 'timer')
    return `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket${selector}[$__rate_interval])))`;
  if (type === 'counter') return `sum${by} (rate(${name}${selector}[$__rate_interval]))`;
  return `max${by} (${name}${selector})`;
}

const legend = ({labels = [], type}: MetricDefinition): string =>
  type === 'timer' ? '95th percentile' : labels.length === 0 ? 'all' : labels.map(label => `{{${label}}}`).join(' ');

function unitOf({name, type}: MetricDefinition): string {
  if (type === 'counter') return 'ops';
  if (type === 'timer' || name.endsWith('_seconds')) return 's';
  if (name.endsWith('_bytes')) return 'bytes';
  return name.endsWith('_ratio') ? 'percentunit' : 'short';
}
