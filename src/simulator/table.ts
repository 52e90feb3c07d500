import {amountText, formatAmounts, percent, shortDuration} from './format.ts';
import type {Report, RoleReport} from './report.ts';

/** A report for a terminal, line by line. */
export function reportTable(report: Report): string[] {
  const {agents, total, durationMs, seed, runs, offers, utilisation, fairness, roles} = report;
  const used = [...utilisation].filter(([, part]) => part > 0).map(([name, part]) => `${name} ${percent(part)}`);
  return [
    `${agents} agents with ${formatAmounts(total)}, ${shortDuration(durationMs)}, seed ${seed}`,
    `${runs.toLocaleString('en-US')} allocation runs made ${offers.toLocaleString('en-US')} offers`,
    `in use on average: ${used.join(', ') || 'nothing'}`,
    fairness === undefined
      ? 'fairness: never had two roles tasks waiting at a time'
      : `fairness among roles with tasks waiting (Jain): ${fairness.mean.toFixed(3)} on average, ${fairness.least.toFixed(3)} at least`,
    '',
    ...columns([HEAD, ...roles.map(cells)]),
  ];
}

const HEAD = ['role', 'weight', 'quota', 'arrived', 'started', 'waiting', 'lost', 'share', 'wait p50', 'p95', 'max'];
/** Columns of text; the others are numbers. */
const LEFT = new Set([0, 2]);

const cells = (role: RoleReport): string[] => [
  role.role,
  String(role.weight),
  quotaText(role),
  role.arrived.toLocaleString('en-US'),
  role.started.toLocaleString('en-US'),
  role.waiting.toLocaleString('en-US'),
  role.lost.toLocaleString('en-US'),
  percent(role.meanShare),
  ...(role.waitMs === undefined
    ? ['-', '-', '-']
    : [role.waitMs.p50, role.waitMs.p95, role.waitMs.max].map(ms => shortDuration(ms))),
];

/** `64..96 cpus`: what is guaranteed, up to the limit. */
export function quotaText({guarantees = {}, limits = {}}: Pick<RoleReport, 'guarantees' | 'limits'>): string {
  const names = [...new Set([...Object.keys(guarantees), ...Object.keys(limits)])];
  const amount = (name: string, value: number | undefined): string =>
    value === undefined ? '' : amountText(name, value);
  return (
    names.map(name => `${amount(name, guarantees[name] ?? 0)}..${amount(name, limits[name])} ${name}`).join(', ') || '-'
  );
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (LEFT.has(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map(row => line(row).trimEnd());
}
