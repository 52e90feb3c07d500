import {formatAmounts, percent, shortDuration} from '../format.ts';
import type {Report, RoleReport} from '../report.ts';
import {quotaText} from '../table.ts';
import {escapeHtml} from './html.ts';
import {lineChart} from './line-chart.ts';
import {SCRIPT} from './script.ts';
import {colourValue, STYLE} from './style.ts';
import {waitChart} from './wait-chart.ts';

/** One page that needs nothing else: charts as SVG, light or dark as the reader's system. */
export function reportPage(report: Report, name: string): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Simulation: ${escapeHtml(name)}</title><style>${STYLE}</style></head>`,
    '<body><main>',
    ...head(report, name),
    ...tiles(report),
    '<div class="charts">',
    ...charts(report),
    '</div>',
    `<footer>Made by <code>mesos simulate</code>. The same workload and seed make the same page.</footer>`,
    `</main><script>${SCRIPT}</script></body></html>`,
    '',
  ].join('\n');
}

function head({agents, total, durationMs, seed, policy}: Report, name: string): string[] {
  const sorters = `${policy.roleSorter} over roles, ${policy.frameworkSorter} over frameworks`;
  const what = `${shortDuration(durationMs)} on ${agents} agents with ${formatAmounts(total)}; ${sorters}; seed ${seed}`;
  return [`<h1>Simulation of ${escapeHtml(name)}</h1>`, `<p>${escapeHtml(what)}</p>`];
}

function tiles({utilisation, fairness, roles}: Report): string[] {
  // A role's numbers hold those of the roles below it.
  const tops = roles.filter(({role}) => !roles.some(other => role.startsWith(`${other.role}/`)));
  const sum = (count: (role: RoleReport) => number): number => tops.reduce((all, role) => all + count(role), 0);
  const shown = [...utilisation].filter(([name]) => name === 'cpus' || name === 'mem');
  return [
    '<div class="tiles">',
    ...shown.map(([name, part]) => tile(percent(part), `${name} in use, on average`)),
    tile(fairness === undefined ? '-' : fairness.mean.toFixed(3), 'fairness among waiting roles, 1 at best'),
    tile(sum(({started}) => started).toLocaleString('en-US'), 'tasks started'),
    tile(sum(({waiting}) => waiting).toLocaleString('en-US'), 'still waiting at the end'),
    '</div>',
  ];
}

const tile = (value: string, label: string): string =>
  `<div class="card tile"><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></div>`;

function charts({roles, samples}: Report): string[] {
  const names = roles.map(({role}) => role);
  const colourOf = (role: string): number => Math.max(0, names.indexOf(role));
  const {atMs} = samples;
  const roleLines = (of: 'share' | 'waiting') =>
    Array.from(samples.roles, ([name, series]) => ({name, colour: colourOf(name), values: series[of]}));
  const used = [...samples.utilisation].filter(([, series]) => series.some(part => part > 0));
  return [
    lineChart({
      title: 'What each role holds',
      text: 'Dominant share: the largest part of any one resource. Roles with tasks waiting settle in the ratio of their weights.',
      atMs,
      lines: roleLines('share'),
      format: 'percent',
      wide: true,
    }),
    lineChart({
      title: 'Tasks waiting',
      text: 'For resources, by role.',
      atMs,
      lines: roleLines('waiting'),
      format: 'count',
    }),
    lineChart({
      title: 'Resources in use',
      text: 'Of all agents together.',
      atMs,
      lines: used.map(([name, values], i) => ({name, colour: (i + 4) % 8, values})),
      format: 'percent',
      most: 1,
    }),
    waitChart(roles, colourOf),
    lineChart({
      title: 'Fairness',
      text: 'Jain’s index of shares over weights among roles with tasks waiting; gaps: fewer than two have.',
      atMs,
      lines: [{name: 'index', colour: 5, values: samples.fairness}],
      format: 'index',
      most: 1,
    }),
    roleTable(roles, colourOf),
  ];
}

const HEAD = [
  'Role',
  'Weight',
  'Quota',
  'Arrived',
  'Started',
  'Finished',
  'Lost',
  'Waiting',
  'Share',
  'Wait p50',
  'p95',
  'Longest',
];

function roleTable(roles: readonly RoleReport[], colourOf: (role: string) => number): string {
  const rows = roles.map(role => {
    const {waitMs} = role;
    const waits = waitMs === undefined ? ['-', '-', '-'] : [waitMs.p50, waitMs.p95, waitMs.max].map(shortDuration);
    const counts = [role.arrived, role.started, role.finished, role.lost, role.waiting];
    const cells = [
      String(role.weight),
      quotaText(role),
      ...counts.map(count => count.toLocaleString('en-US')),
      percent(role.meanShare),
      ...waits,
    ];
    const swatch = `<span class="swatch" style="background: ${colourValue(colourOf(role.role))}"></span>`;
    return `<tr><td>${swatch}${escapeHtml(role.role)}</td>${cells.map(cell => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  const names = `<tr>${HEAD.map(name => `<th>${name}</th>`).join('')}</tr>`;
  return `<div class="card wide"><h2>Roles</h2><p>Quota: guaranteed..limit. Share: mean over time.</p><div class="scroll"><table class="data">${names}${rows.join('')}</table></div></div>`;
}
