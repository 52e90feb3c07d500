import {useState} from 'preact/hooks';
import {Bar} from '../shared/bar.tsx';
import {mebibytes, short} from '../shared/format.ts';
import {useLive} from '../shared/live.ts';
import {Crumbs, Loaded} from '../shared/page.tsx';
import {href, type Place} from '../shared/place.ts';
import {go, setQuery} from '../shared/route.ts';
import {StateDot} from '../shared/state-dot.tsx';
import {type Column, Table} from '../shared/table.tsx';
import {type Ask, AskDialog} from './actions.tsx';
import {EditApp} from './edit-app.tsx';
import {chosenBy, Filters, filterOf, isEmpty} from './filters.tsx';
import {grouped, groupHref, type Line, lineOf} from './lines.ts';
import {type App, APPS, type Queued, type Status} from './model.ts';
import {NewGroup} from './new-group.tsx';

export function Apps({place, group}: {readonly place: Place; readonly group: string}) {
  const live = useLive<{readonly apps: readonly App[]}>(APPS);
  const queue = useLive<{readonly queue: readonly Queued[]}>('v2/queue').data?.queue ?? [];
  const [ask, setAsk] = useState<Ask>();
  const [dialog, setDialog] = useState<'app' | 'group'>();
  return (
    <>
      <GroupCrumbs group={group} />
      <div class="tools">
        <input
          class="grow"
          id="search"
          type="search"
          placeholder="Search all applications"
          aria-label="Search all applications"
          value={place.query.get('filterText') ?? ''}
          onInput={event => setQuery(place, {filterText: event.currentTarget.value})}
        />
        <button type="button" onClick={() => setDialog('group')}>
          Create Group
        </button>
        <button type="button" class="primary" onClick={() => setDialog('app')}>
          Create Application
        </button>
      </div>
      <Loaded live={live}>
        {({apps}) => (
          <List apps={apps} queue={queue} place={place} group={group} ask={setAsk} create={() => setDialog('app')} />
        )}
      </Loaded>
      {ask === undefined ? null : <AskDialog ask={ask} close={() => setAsk(undefined)} />}
      {dialog === 'app' ? <EditApp group={group} close={() => setDialog(undefined)} /> : null}
      {dialog === 'group' ? <NewGroup parent={group} close={() => setDialog(undefined)} /> : null}
    </>
  );
}

function GroupCrumbs({group}: {readonly group: string}) {
  const parts = group.split('/').filter(Boolean);
  const steps = parts.map((title, index) => ({title, href: groupHref(`/${parts.slice(0, index + 1).join('/')}`)}));
  return (
    <>
      {parts.length === 0 ? null : <Crumbs steps={[{title: 'Applications', href: href(['apps'])}, ...steps]} />}
      <h1>{parts.length === 0 ? 'Applications' : group}</h1>
    </>
  );
}

function List({
  apps,
  queue,
  place,
  group,
  ask,
  create,
}: {
  readonly apps: readonly App[];
  readonly queue: readonly Queued[];
  readonly place: Place;
  readonly group: string;
  readonly ask: (ask: Ask) => void;
  readonly create: () => void;
}) {
  const queued = new Map(queue.map(entry => [entry.app?.id ?? entry.pod?.id, entry]));
  const all = apps.map(app => lineOf(app, queued.get(app.id)));
  const below = group === '/' ? all : all.filter(({id}) => id.startsWith(`${group}/`));
  const filter = filterOf(place);
  const lines = isEmpty(filter)
    ? grouped(below, group)
    : (filter.text === '' ? below : all).filter(line => chosenBy(filter, line));
  if (all.length === 0)
    return (
      <div class="empty">
        <p>No application is here yet.</p>
        <button type="button" class="primary" onClick={create}>
          Create Application
        </button>
      </div>
    );
  return (
    <div class="split">
      <Filters place={place} lines={below} />
      <Table
        label="Applications"
        rows={lines}
        columns={columnsOf(ask, !isEmpty(filter))}
        idOf={({id, app}) => `${app === undefined ? 'group' : 'app'} ${id}`}
        sort="Name"
        rank={groupsFirst}
        empty={
          isEmpty(filter) ? (
            'Nothing is in this group.'
          ) : (
            <>
              No application fits. <a href={href(place.segments)}>Show all</a>
            </>
          )
        }
      />
    </div>
  );
}

const groupsFirst = ({app}: Line): number => (app === undefined ? 0 : 1);

const TONES = {Running: 'good', Deploying: 'busy', Suspended: 'quiet', Delayed: 'bad', Waiting: 'busy'} as const;

export function AppStatus({status}: {readonly status: Status | undefined}) {
  return status === undefined ? <span class="quiet">–</span> : <StateDot word={status} tone={TONES[status]} />;
}

function columnsOf(ask: (ask: Ask) => void, flat: boolean): readonly Column<Line>[] {
  return [
    {title: 'Name', show: line => <Name line={line} flat={flat} />, by: ({name}) => name},
    {title: 'CPUs', show: ({cpus}) => short(cpus), by: ({cpus}) => cpus, align: 'right', wideOnly: true},
    {
      title: 'Memory',
      show: ({mem}) => <span title={`${mem} MiB`}>{mebibytes(mem)}</span>,
      by: ({mem}) => mem,
      align: 'right',
      wideOnly: true,
    },
    {title: 'Status', show: ({status}) => <AppStatus status={status} />, by: ({status}) => status ?? ''},
    {
      title: 'Running',
      show: ({running, instances}) => `${running} of ${instances}`,
      by: ({running}) => running,
      align: 'right',
    },
    {
      title: 'Health',
      show: ({counts}) => <Bar segments={counts} label="Instances" />,
      by: ({counts}) => -(counts[1]?.value ?? 0),
      wideOnly: true,
    },
    {title: '', show: line => <Menu line={line} ask={ask} />},
  ];
}

function Name({line: {id, name, app}, flat}: {readonly line: Line; readonly flat: boolean}) {
  const parent = id.slice(0, id.lastIndexOf('/')) || '/';
  if (app === undefined)
    return (
      <a href={groupHref(id)}>
        {name}
        <span class="quiet">/</span>
      </a>
    );
  return (
    <>
      <a href={href(['apps', id])}>{name}</a>{' '}
      {flat ? (
        <small>
          in <a href={groupHref(parent)}>{parent}</a>
        </small>
      ) : null}{' '}
      {Object.entries(app.labels ?? {})
        .slice(0, 3)
        .map(([key, value]) => (
          <span key={key} class="label">{`${key}: ${value}`}</span>
        ))}
    </>
  );
}

function Menu({line: {id, app, instances}, ask}: {readonly line: Line; readonly ask: (ask: Ask) => void}) {
  const choose = (event: Event & {readonly currentTarget: HTMLSelectElement}): void => {
    const kind = event.currentTarget.value;
    event.currentTarget.value = '';
    if (kind === 'open') return go(app === undefined ? groupHref(id) : href(['apps', id]));
    ask((app === undefined ? {kind: `${kind}-group`, group: id} : {kind, app}) as Ask);
  };
  return (
    <select class="menu" aria-label={`Actions for ${id}`} onChange={choose} value="">
      <option value="" disabled hidden>
        ⋯
      </option>
      <option value="scale">{app === undefined ? 'Scale By' : 'Scale'}</option>
      {app === undefined ? null : <option value="restart">Restart</option>}
      <option value="suspend" disabled={instances === 0}>
        Suspend
      </option>
      <option value="destroy">Destroy</option>
    </select>
  );
}
