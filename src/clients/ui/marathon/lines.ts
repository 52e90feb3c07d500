import {href} from '../shared/place.ts';
import {type App, countsOf, type Queued, type Status, statusOf} from './model.ts';

/** A line of the list: an app, or a group with the sums of everything below it. */
export type Line = {
  readonly id: string;
  readonly name: string;
  readonly app?: App;
  readonly status: Status | undefined;
  readonly cpus: number;
  readonly mem: number;
  readonly instances: number;
  readonly running: number;
  readonly counts: readonly ReturnType<typeof countsOf>[number][];
};

export const groupHref = (group: string): string => (group === '/' ? href(['apps']) : href(['group', group]));

export function lineOf(app: App, queued: Queued | undefined): Line {
  return {
    id: app.id,
    name: app.id.split('/').at(-1) ?? app.id,
    app,
    status: statusOf(app, queued),
    cpus: app.cpus * app.instances,
    mem: app.mem * app.instances,
    instances: app.instances,
    running: app.tasksRunning ?? 0,
    counts: countsOf(app),
  };
}

/** Child groups with their sums, and the apps that stand in the group itself. */
export function grouped(lines: readonly Line[], group: string): readonly Line[] {
  const prefix = group === '/' ? '/' : `${group}/`;
  const children = Map.groupBy(lines, ({id}) => {
    const rest = id.slice(prefix.length);
    return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : '';
  });
  const own = children.get('') ?? [];
  children.delete('');
  return [...[...children].map(([name, inner]) => groupLine(`${prefix}${name}`, name, inner)), ...own];
}

function groupLine(id: string, name: string, lines: readonly Line[]): Line {
  const total = (pick: (line: Line) => number): number => lines.reduce((sum, line) => sum + pick(line), 0);
  const counts = (lines[0]?.counts ?? []).map((segment, index) => ({
    ...segment,
    value: total(line => line.counts[index]?.value ?? 0),
  }));
  return {
    id,
    name,
    status: undefined,
    cpus: total(({cpus}) => cpus),
    mem: total(({mem}) => mem),
    instances: total(({instances}) => instances),
    running: total(({running}) => running),
    counts: counts as unknown as Line['counts'],
  };
}
