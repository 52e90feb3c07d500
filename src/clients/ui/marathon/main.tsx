import {render} from 'preact';
import {useCallback, useState} from 'preact/hooks';
import '../shared/style.css';
import {useLive} from '../shared/live.ts';
import {Frame} from '../shared/page.tsx';
import {href, type Place} from '../shared/place.ts';
import {go, usePlace} from '../shared/route.ts';
import {About, Help} from './about.tsx';
import {AppPage} from './app-page.tsx';
import {Apps} from './apps.tsx';
import {Deployments} from './deployments.tsx';
import {EditApp} from './edit-app.tsx';
import {followEvents} from './events.ts';
import {useKeys} from './keys.ts';
import type {Deployment} from './model.ts';
import {NewGroup} from './new-group.tsx';

type Open = 'about' | 'help' | 'app' | 'group';

function App() {
  const place = usePlace();
  const deployments = useLive<readonly Deployment[]>('v2/deployments').data ?? [];
  const [open, setOpen] = useState<Open>();
  useKeys(useCallback(keys => act(keys, setOpen), []));
  const [page = 'apps', id = '/'] = place.segments;
  const close = (): void => setOpen(undefined);
  const group = page === 'group' ? id : '/';
  return (
    <Frame
      brand="Marathon"
      tabs={[
        {title: 'Applications', href: href(['apps']), current: page !== 'deployments'},
        {title: 'Deployments', href: href(['deployments']), current: page === 'deployments', badge: deployments.length},
      ]}
      aside={
        <>
          <button type="button" class="plain" onClick={() => setOpen('about')}>
            About
          </button>
          <button type="button" class="plain" onClick={() => setOpen('help')}>
            Help
          </button>
        </>
      }
    >
      <Page place={place} />
      {open === 'about' ? <About close={close} /> : null}
      {open === 'help' ? <Help close={close} /> : null}
      {open === 'app' ? <EditApp group={group} close={close} /> : null}
      {open === 'group' ? <NewGroup parent={group} close={close} /> : null}
    </Frame>
  );
}

function act(keys: string, open: (dialog: Open) => void): void {
  switch (keys) {
    case 'c':
      return open('app');
    case 'C':
      return open('group');
    case '?':
      return open('help');
    case '<':
    case ';':
      return open('about');
    case 's':
      return document.getElementById('search')?.focus();
    case 'g a':
      return go(href(['apps']));
    case 'g d':
      return go(href(['deployments']));
  }
}

function Page({place}: {readonly place: Place}) {
  const [page = 'apps', id, tab, task] = place.segments;
  switch (page) {
    case 'apps':
      return id === undefined ? <Apps place={place} group="/" /> : <AppPage key={id} id={id} tab={tab} task={task} />;
    case 'group':
      return <Apps place={place} group={id ?? '/'} />;
    case 'deployments':
      return <Deployments />;
    default:
      return <p class="empty">There is no such page.</p>;
  }
}

followEvents();
render(<App />, document.body);
