import {useEffect, useRef, useState} from 'preact/hooks';
import uPlot, {type AlignedData, type Options} from 'uplot';
import 'uplot/dist/uPlot.min.css';
import {useLive} from '../shared/live.ts';
import {dominantShare, type Role, type State, sum} from './model.ts';

/** A point for every so many ms, and so many points: a quarter of an hour. */
const EVERY_MS = 3000;
const POINTS = 300;
const COLOURS = ['#2f7ed8', '#d9822b', '#2e9e67', '#b34fc2', '#c23030', '#7a6f00', '#0f8b99', '#8a5a44'];
/** So many roles with the largest shares get a line. */
const LINES = COLOURS.length;

/** Shares of the roles since the page was opened: kept while the person looks at other pages. */
const history: {atS: number; shares: ReadonlyMap<string, number>}[] = [];

/** Draws the dominant share of each role over time, in percent of the cluster. */
export function ShareChart() {
  const roles = useLive<{readonly roles: readonly Role[]}>('roles').data?.roles;
  const state = useLive<State>('state').data;
  const box = useRef<HTMLDivElement>(null);
  const [, setDrawn] = useState(0);
  const latest = useRef({roles, state});
  latest.current = {roles, state};
  useEffect(() => {
    const sample = (): void => {
      const {roles: now, state: whole} = latest.current;
      if (now === undefined || whole === undefined) return;
      const total = sum(whole.slaves.filter(({active}) => active).map(({resources}) => resources));
      history.push({
        atS: Date.now() / 1000,
        shares: new Map(now.map(role => [role.name, dominantShare(role.allocated, total)])),
      });
      if (history.length > POINTS) history.shift();
      setDrawn(count => count + 1);
    };
    sample();
    const timer = setInterval(sample, EVERY_MS);
    return () => clearInterval(timer);
  }, [roles === undefined || state === undefined]);
  const names = largest();
  useEffect(() => draw(box.current, names));
  const said = names
    .map(name => `${name} ${Math.round((history.at(-1)?.shares.get(name) ?? 0) * 1000) / 10} %`)
    .join(', ');
  return <div class="card" ref={box} role="img" aria-label={`Dominant shares now: ${said === '' ? 'none' : said}`} />;
}

function largest(): string[] {
  const shares = history.at(-1)?.shares ?? new Map<string, number>();
  return [...shares]
    .sort(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name]) => name);
}

const plots = new WeakMap<HTMLElement, {readonly plot: uPlot; readonly names: string}>();

function draw(box: HTMLDivElement | null, names: readonly string[]): void {
  if (box === null || history.length === 0) return;
  const data: AlignedData = [
    history.map(({atS}) => atS),
    ...names.map(name => history.map(({shares}) => (shares.get(name) ?? 0) * 100)),
  ];
  const known = plots.get(box);
  if (known?.names === names.join(' ')) return known.plot.setData(data);
  known?.plot.destroy();
  plots.set(box, {plot: new uPlot(optionsOf(box, names), data, box), names: names.join(' ')});
}

function optionsOf(box: HTMLElement, names: readonly string[]): Options {
  const ink = getComputedStyle(box).color;
  const axis = {stroke: ink, grid: {stroke: 'rgba(128,128,128,0.25)'}, ticks: {stroke: 'rgba(128,128,128,0.25)'}};
  return {
    width: Math.max(280, box.clientWidth - 32),
    height: 200,
    // Always the whole time that is kept: a line grows into it from the right.
    scales: {
      x: {range: () => [Date.now() / 1000 - (POINTS * EVERY_MS) / 1000, Date.now() / 1000]},
      y: {range: (_plot, _least, most) => [0, Math.max(10, most * 1.1)]},
    },
    axes: [
      {...axis, space: 90},
      {...axis, values: (_plot, values) => values.map(value => `${value} %`)},
    ],
    series: [
      {},
      ...names.map((label, index) => ({
        label,
        stroke: COLOURS[index],
        width: 2,
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : `${Math.round(value * 10) / 10} %`),
      })),
    ],
  };
}
