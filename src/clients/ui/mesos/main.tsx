import {render} from 'preact';
import '../shared/style.css';
import {useLive} from '../shared/live.ts';
import {Frame, Loaded, type Tab} from '../shared/page.tsx';
import {href, type Place} from '../shared/place.ts';
import {usePlace} from '../shared/route.ts';
import {AgentPage, Agents} from './agents.tsx';
import {Allocator} from './allocator.tsx';
import {followEvents} from './events.ts';
import {FrameworkPage, Frameworks} from './frameworks.tsx';
import {Maintenance} from './maintenance.tsx';
import type {State} from './model.ts';
import {OffersPage} from './offers.tsx';
import {Overview} from './overview.tsx';
import {Roles} from './roles.tsx';
import {TaskPage, TasksPage} from './tasks.tsx';

const TABS = ['overview', 'agents', 'frameworks', 'roles', 'tasks', 'offers', 'maintenance', 'allocator'] as const;

function App() {
  const place = usePlace();
  const live = useLive<State>('state');
  const [page = 'overview'] = place.segments;
  const tabs = TABS.map((name): Tab => ({
    title: name.charAt(0).toUpperCase() + name.slice(1),
    href: name === 'overview' ? '#/' : href([name]),
    current: page === name,
  }));
  return (
    <Frame brand="Mesos" about={live.data?.cluster} tabs={tabs}>
      <Loaded live={live}>{state => <Page state={state} place={place} />}</Loaded>
    </Frame>
  );
}

function Page({state, place}: {readonly state: State; readonly place: Place}) {
  const [page = 'overview', id, inner] = place.segments;
  switch (page) {
    case 'overview':
      return <Overview state={state} />;
    case 'agents':
      return id === undefined ? <Agents state={state} /> : <AgentPage state={state} id={id} />;
    case 'frameworks':
      return id === undefined ? <Frameworks state={state} /> : <FrameworkPage state={state} id={id} />;
    case 'roles':
      return <Roles state={state} />;
    case 'tasks':
      return id === undefined || inner === undefined ? (
        <TasksPage state={state} place={place} />
      ) : (
        <TaskPage state={state} frameworkId={id} id={inner} />
      );
    case 'offers':
      return <OffersPage state={state} />;
    case 'maintenance':
      return <Maintenance state={state} />;
    case 'allocator':
      return <Allocator state={state} />;
    default:
      return <p class="empty">There is no such page.</p>;
  }
}

followEvents();
render(<App />, document.body);
