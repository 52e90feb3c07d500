import {href, type Place} from '../shared/place.ts';
import {setQuery} from '../shared/route.ts';
import type {Line} from './lines.ts';
import {STATUSES} from './model.ts';

/** What the person wants to see. Several values of one kind: any of them; several kinds: all of them. */
export type Filter = {
  readonly text: string;
  readonly status: readonly string[];
  readonly health: readonly string[];
  readonly labels: readonly string[];
  readonly volumes: boolean;
};

const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'] as const;

export function filterOf({query}: Place): Filter {
  const list = (name: string): string[] => (query.get(name) ?? '').split(',').filter(value => value !== '');
  return {
    text: query.get('filterText') ?? '',
    status: list('filterStatus'),
    health: list('filterHealth'),
    labels: list('filterLabels'),
    volumes: query.get('filterVolumes') === 'true',
  };
}

export const isEmpty = ({text, status, health, labels, volumes}: Filter): boolean =>
  text === '' && status.length + health.length + labels.length === 0 && !volumes;

export function chosenBy({text, status, health, labels, volumes}: Filter, line: Line): boolean {
  return (
    fits(text, line.id) &&
    (status.length === 0 || status.includes(line.status ?? '')) &&
    (health.length === 0 || health.some(one => hasHealth(line, one))) &&
    (labels.length === 0 || labelsOf(line).some(label => labels.includes(label))) &&
    (!volumes || hasVolumes(line))
  );
}

/** The letters of the text stand in the id in this order. */
function fits(text: string, id: string): boolean {
  let from = 0;
  for (const letter of text.toLowerCase()) {
    const at = id.toLowerCase().indexOf(letter, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

const HEALTH_AT = {Healthy: 0, Unhealthy: 1, Unknown: 2} as const;

const hasHealth = ({counts}: Line, name: string): boolean =>
  (counts[HEALTH_AT[name as (typeof HEALTH)[number]] ?? 0]?.value ?? 0) > 0;

const labelsOf = ({app}: Line): string[] =>
  Object.entries(app?.labels ?? {}).map(([key, value]) => (value === '' ? key : `${key}:${value}`));

const hasVolumes = ({app}: Line): boolean =>
  (app?.container?.volumes ?? []).some(({persistent, external}) => persistent !== undefined || external !== undefined);

export function Filters({place, lines}: {readonly place: Place; readonly lines: readonly Line[]}) {
  const filter = filterOf(place);
  const labels = [...new Set(lines.flatMap(labelsOf))].sort();
  const set = (name: string, values: readonly string[]): void => setQuery(place, {[name]: values.join(',')});
  return (
    <form class="filters" aria-label="Filters" onSubmit={event => event.preventDefault()}>
      <Choices
        legend="Status"
        names={STATUSES}
        chosen={filter.status}
        count={name => lines.filter(({status}) => status === name).length}
        set={values => set('filterStatus', values)}
      />
      <Choices
        legend="Health"
        names={HEALTH}
        chosen={filter.health}
        count={name => lines.filter(line => hasHealth(line, name)).length}
        set={values => set('filterHealth', values)}
      />
      {labels.length === 0 ? null : (
        <Choices
          legend="Label"
          names={labels.slice(0, 30)}
          chosen={filter.labels}
          count={name => lines.filter(line => labelsOf(line).includes(name)).length}
          set={values => set('filterLabels', values)}
        />
      )}
      <Choices
        legend="Resources"
        names={['Volumes']}
        chosen={filter.volumes ? ['Volumes'] : []}
        count={() => lines.filter(hasVolumes).length}
        set={values => setQuery(place, {filterVolumes: values.length > 0 ? 'true' : ''})}
      />
      {isEmpty(filter) ? null : <a href={href(place.segments)}>Clear all</a>}
    </form>
  );
}

function Choices({
  legend,
  names,
  chosen,
  count,
  set,
}: {
  readonly legend: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly count: (name: string) => number;
  readonly set: (chosen: readonly string[]) => void;
}) {
  const turn = (name: string): void =>
    set(chosen.includes(name) ? chosen.filter(one => one !== name) : [...chosen, name]);
  return (
    <fieldset>
      <legend>{legend}</legend>
      {names.map(name => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => turn(name)} />
          {name} <span class="quiet">{count(name)}</span>
        </label>
      ))}
    </fieldset>
  );
}
