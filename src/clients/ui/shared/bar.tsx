import {percent} from './format.ts';

export type Segment = {readonly name: string; readonly value: number; readonly tone: Tone};
export type Tone = 'good' | 'bad' | 'unknown' | 'busy' | 'over' | 'none' | 'used' | 'offered';

/** A bar of several parts; the words under the pointer and for screen readers say the numbers. */
export function Bar({segments, label}: {readonly segments: readonly Segment[]; readonly label: string}) {
  const total = segments.reduce((sum, {value}) => sum + value, 0);
  const said = segments
    .filter(({value}) => value > 0)
    .map(({name, value}) => `${name} ${Math.round(value * 100) / 100}`);
  const text = `${label}: ${said.length === 0 ? 'nothing' : said.join(', ')}`;
  return (
    <span class="bar" role="img" aria-label={text} title={text}>
      {segments.map(({name, value, tone}) =>
        value > 0 ? <span key={name} class={`part ${tone}`} style={{width: `${(value / total) * 100}%`}} /> : null,
      )}
    </span>
  );
}

/** How much of something is used, with what is offered at the moment behind it. */
export function Usage({
  label,
  used,
  offered = 0,
  total,
  show,
}: {
  readonly label: string;
  readonly used: number;
  readonly offered?: number;
  readonly total: number;
  readonly show: (value: number) => string;
}) {
  const free = Math.max(0, total - used - offered);
  const segments: Segment[] = [
    {name: 'used', value: used, tone: 'used'},
    {name: 'offered', value: offered, tone: 'offered'},
    {name: 'free', value: free, tone: 'none'},
  ];
  return (
    <div class="usage">
      <div class="usage-head">
        <span>{label}</span>
        <span>
          {show(used)} <span class="quiet">of {show(total)}</span> <b>{percent(total === 0 ? 0 : used / total)}</b>
        </span>
      </div>
      <Bar segments={segments} label={label} />
    </div>
  );
}
