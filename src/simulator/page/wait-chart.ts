import {shortDuration} from '../format.ts';
import type {RoleReport} from '../report.ts';
import {escapeHtml} from './html.ts';
import {colourValue} from './style.ts';

const WIDTH = 560;
const [NAME_WIDTH, RIGHT, ROW, BAR] = [120, 90, 44, 12];

/** How long tasks waited, for each role: half of them up to the full bar, 95 % up to the light one. */
export function waitChart(roles: readonly RoleReport[], colourOf: (role: string) => number): string {
  const longest = Math.max(1, ...roles.map(({waitMs}) => waitMs?.p95 ?? 0));
  const length = (ms: number): number => Math.max(2, (ms / longest) * (WIDTH - NAME_WIDTH - RIGHT));
  const rows = roles.flatMap(({role, waitMs}, i) => {
    const y = i * ROW + 6;
    const name = `<text class="end" x="0" y="${y + 19}">${escapeHtml(role.length > 15 ? `…${role.slice(-14)}` : role)}</text>`;
    if (waitMs === undefined) return [name, `<text x="${NAME_WIDTH}" y="${y + 19}">nothing was started</text>`];
    const {p50, p95} = waitMs;
    const bar = (ms: number, at: number, opacity: number): string =>
      `<rect x="${NAME_WIDTH}" y="${at}" width="${length(ms).toFixed(1)}" height="${BAR}" rx="2" fill="${colourValue(colourOf(role))}" opacity="${opacity}"/>`;
    const label = (ms: number, at: number, what: string): string =>
      `<text x="${(NAME_WIDTH + length(ms) + 6).toFixed(1)}" y="${at + 10}">${shortDuration(ms)} ${what}</text>`;
    const [first, second] = [y, y + BAR + 4];
    return [name, bar(p50, first, 1), label(p50, first, 'p50'), bar(p95, second, 0.55), label(p95, second, 'p95')];
  });
  const height = roles.length * ROW + 4;
  return [
    '<figure class="card">',
    '<figcaption><h2>Time that tasks waited</h2><p>From arrival to launch, of those that were launched.</p></figcaption>',
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Time that tasks waited, by role" style="margin-top: 12px">`,
    ...rows,
    '</svg></figure>',
  ].join('\n');
}
