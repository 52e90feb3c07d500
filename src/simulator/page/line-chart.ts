import {escapeHtml, scriptJson} from './html.ts';
import {colourValue, isDashed} from './style.ts';
import {timeText, timeTicks, valueTicks} from './scale.ts';

export type Line = {
  readonly name: string;
  /** Which of the colours; beyond the last one they begin again, dashed. */
  readonly colour: number;
  /** One for each instant; undefined leaves a gap. */
  readonly values: readonly (number | undefined)[];
};

export type LineChart = {
  readonly title: string;
  /** How to read it. */
  readonly text: string;
  /** Milliseconds from the beginning. */
  readonly atMs: readonly number[];
  readonly lines: readonly Line[];
  readonly format: 'percent' | 'count' | 'index';
  /** The end of the axis; without it, the largest value. */
  readonly most?: number;
  readonly wide?: boolean;
};

const HEIGHT = 250;
const MARGIN = {top: 10, left: 52, bottom: 26};
/** Room between two labels at the ends of lines. */
const LABEL_GAP = 15;

type Frame = {
  readonly width: number;
  readonly right: number;
  readonly x: (ms: number) => number;
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
  readonly lastMs: number;
};

/** A figure with lines over time: legend, axes, a name at the end of each line, and the numbers for its tooltip. */
export function lineChart(chart: LineChart): string {
  const frame = frameOf(chart);
  const {title, text, lines, wide} = chart;
  const svg = [
    ...grid(frame, chart.format),
    ...timeAxis(frame),
    ...lines.map(line => path(line, chart.atMs, frame)),
    ...endLabels(chart, frame),
    `<line class="cursor" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}" visibility="hidden"/>`,
  ];
  return [
    `<figure class="card chart${wide === true ? ' wide' : ''}">`,
    `<figcaption><h2>${escapeHtml(title)}</h2><p>${escapeHtml(text)}</p></figcaption>`,
    lines.length > 1 ? legend(lines) : '',
    '<div class="scroll">',
    `<svg viewBox="0 0 ${frame.width} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title}. ${text}`)}">`,
    ...svg,
    '</svg></div>',
    `<script type="application/json">${scriptJson(tooltipData(chart, frame))}</script>`,
    '</figure>',
  ].join('\n');
}

function frameOf({atMs, lines, most, wide}: LineChart): Frame {
  const width = wide === true ? 1140 : 560;
  const longest = Math.max(0, ...lines.map(({name}) => shortName(name).length));
  const right = width - Math.min(150, 20 + longest * 7);
  const largest = Math.max(0, ...lines.flatMap(({values}) => values.filter(value => value !== undefined)));
  const ticks = valueTicks(most ?? largest);
  const [lastMs, top] = [atMs.at(-1) ?? 1, ticks.at(-1) ?? 1];
  const bottom = HEIGHT - MARGIN.bottom;
  return {
    width,
    right,
    ticks,
    lastMs,
    x: ms => MARGIN.left + (ms / lastMs) * (right - MARGIN.left),
    y: value => bottom - (Math.min(value, top) / top) * (bottom - MARGIN.top),
  };
}

const round = (n: number): string => n.toFixed(1);

const grid = ({ticks, y, right}: Frame, format: LineChart['format']): string[] =>
  ticks.flatMap(tick => [
    `<line class="${tick === 0 ? 'axis' : 'grid'}" x1="${MARGIN.left}" x2="${right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`,
    `<text x="${MARGIN.left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${valueText(tick, format)}</text>`,
  ]);

const timeAxis = ({x, lastMs}: Frame): string[] =>
  timeTicks(lastMs).map(
    tick => `<text x="${round(x(tick))}" y="${HEIGHT - 6}" text-anchor="middle">${timeText(tick)}</text>`,
  );

function valueText(value: number, format: LineChart['format']): string {
  switch (format) {
    case 'percent':
      return `${Math.round(value * 1000) / 10} %`;
    case 'count':
      return value.toLocaleString('en-US');
    case 'index':
      return value.toFixed(2);
    default:
      return format satisfies never;
  }
}

function path({values, colour}: Line, atMs: readonly number[], {x, y}: Frame): string {
  let gap = true;
  const steps = values.flatMap((value, i) => {
    if (value === undefined) {
      gap = true;
      return [];
    }
    const step = `${gap ? 'M' : 'L'}${round(x(atMs[i] ?? 0))} ${round(y(value))}`;
    gap = false;
    return [step];
  });
  const dashes = isDashed(colour) ? ' stroke-dasharray="6 4"' : '';
  return `<path class="series" stroke="${colourValue(colour)}"${dashes} d="${steps.join('')}"/>`;
}

/** Names at the right, moved apart where lines end close together. */
function endLabels({lines}: LineChart, {y, right}: Frame): string[] {
  if (lines.length < 2) return [];
  const placed = lines
    .flatMap(({name, values}) => {
      const last = values.findLast(value => value !== undefined);
      return last === undefined ? [] : [{name, wanted: y(last)}];
    })
    .sort((a, b) => a.wanted - b.wanted);
  // Down from where they end, then up again where the last ones would leave the chart.
  let above = MARGIN.top - LABEL_GAP;
  const down = placed.map(({name, wanted}) => ({name, at: (above = Math.max(wanted, above + LABEL_GAP))}));
  let below = HEIGHT - MARGIN.bottom + LABEL_GAP;
  const up = down.toReversed().map(({name, at}) => ({name, at: (below = Math.min(at, below - LABEL_GAP))}));
  return up.map(
    ({name, at}) => `<text class="end" x="${right + 8}" y="${round(at + 4)}">${escapeHtml(shortName(name))}</text>`,
  );
}

const shortName = (name: string): string => (name.length > 18 ? `…${name.slice(-17)}` : name);

const legend = (lines: readonly Line[]): string =>
  `<ul class="legend">${lines
    .map(({name, colour}) => `<li><i style="background: ${colourValue(colour)}"></i>${escapeHtml(name)}</li>`)
    .join('')}</ul>`;

/** What the page's script needs to say what is where. */
const tooltipData = ({atMs, lines, format}: LineChart, {width, right}: Frame) => ({
  format,
  width,
  left: MARGIN.left,
  right,
  atMs: atMs.map(Math.round),
  lines: lines.map(({name, colour, values}) => ({
    name,
    colour: colourValue(colour),
    values: values.map(value => (value === undefined ? null : Number(value.toPrecision(4)))),
  })),
});
