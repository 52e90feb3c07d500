import {percent} from '../shared/format.ts';
import {href} from '../shared/place.ts';
import type {Agent} from './model.ts';

/** One square for each agent: the more of its CPUs or memory is used, the stronger its colour. */
export function HeatMap({agents}: {readonly agents: readonly Agent[]}) {
  if (agents.length === 0) return <p class="empty">No agent has registered.</p>;
  return (
    <div class="heat">
      {agents.map(agent => {
        const load = loadOf(agent);
        const text = agent.active ? `${agent.hostname}: ${percent(load)} used` : `${agent.hostname}: not active`;
        return (
          <a
            key={agent.id}
            href={href(['agents', agent.id])}
            title={text}
            aria-label={text}
            style={{background: colourOf(agent, load)}}
          />
        );
      })}
    </div>
  );
}

const loadOf = ({resources, used_resources: used}: Agent): number =>
  Math.max(share(used.cpus, resources.cpus), share(used.mem, resources.mem));

const share = (used: number, total: number): number => (total > 0 ? used / total : 0);

const colourOf = ({active}: Agent, load: number): string =>
  active ? `color-mix(in srgb, var(--accent) ${Math.round(Math.min(1, load) * 100)}%, var(--none))` : 'var(--bad)';
