import {useState} from 'preact/hooks';
import {ApiError, call, textOf} from '../shared/api.ts';
import {Bar} from '../shared/bar.tsx';
import {Problem} from '../shared/dialog.tsx';
import {touch, useLive} from '../shared/live.ts';
import {Crumbs} from '../shared/page.tsx';
import {href} from '../shared/place.ts';
import {type Ask, AskDialog} from './actions.tsx';
import {AppStatus} from './apps.tsx';
import {Configuration} from './configuration.tsx';
import {Debug} from './debug.tsx';
import {EditApp} from './edit-app.tsx';
import {Instances, TaskPage} from './instances.tsx';
import {groupHref} from './lines.ts';
import {type App, appPath, countsOf, type Queued, statusOf, waitingReason} from './model.ts';

const TABS = ['instances', 'configuration', 'debug'] as const;

export function AppPage({
  id,
  tab = 'instances',
  task,
}: {
  readonly id: string;
  readonly tab: string | undefined;
  readonly task: string | undefined;
}) {
  const live = useLive<{readonly app: App}>(
    `${appPath(id)}?embed=app.taskStats&embed=app.readiness&embed=app.tasks&embed=app.lastTaskFailure&embed=app.counts&embed=app.deployments`,
  );
  const queue = useLive<{readonly queue: readonly Queued[]}>('v2/queue').data?.queue ?? [];
  const app = live.data?.app;
  if (app === undefined)
    return (
      <>
        <Where id={id} />
        {live.error === undefined ? <p class="empty">Loading…</p> : <Problem text={live.error} />}
        <a href={href(['apps'])}>Back to all applications</a>
      </>
    );
  const queued = queue.find(entry => entry.app?.id === id);
  return (
    <>
      <Where id={id} />
      <Head app={app} queued={queued} />
      <nav class="subtabs" aria-label="About this application">
        {TABS.map(name => (
          <a
            key={name}
            href={name === 'instances' ? href(['apps', id]) : href(['apps', id, name])}
            aria-current={tab === name ? 'page' : undefined}
          >
            {name.charAt(0).toUpperCase() + name.slice(1)}
          </a>
        ))}
      </nav>
      <Inner app={app} queued={queued} tab={tab} task={task} />
    </>
  );
}

type InnerProps = {
  readonly app: App;
  readonly queued: Queued | undefined;
  readonly tab: string;
  readonly task: string | undefined;
};

function Inner({app, queued, tab, task}: InnerProps) {
  switch (tab) {
    case 'configuration':
      return <Configuration app={app} />;
    case 'debug':
      return <Debug app={app} queued={queued} />;
    case 'task':
      return <TaskPage app={app} id={task ?? ''} />;
    default:
      return <Instances app={app} />;
  }
}

function Where({id}: {readonly id: string}) {
  const parts = id.split('/').filter(Boolean);
  const steps = parts.map((title, index) => ({
    title,
    href: index === parts.length - 1 ? undefined : groupHref(`/${parts.slice(0, index + 1).join('/')}`),
  }));
  return <Crumbs steps={[{title: 'Applications', href: href(['apps'])}, ...steps]} />;
}

function Head({app, queued}: {readonly app: App; readonly queued: Queued | undefined}) {
  const [ask, setAsk] = useState<Ask>();
  const [editing, setEditing] = useState(false);
  const [error, setError] = useState<string>();
  const status = statusOf(app, queued);
  const counts = countsOf(app);
  const resetDelay = async (): Promise<void> => {
    try {
      await call('DELETE', `v2/queue${appPath(app.id).slice('v2/apps'.length)}/delay`);
      touch();
    } catch (failure) {
      setError(failure instanceof ApiError ? failure.message : textOf(failure));
    }
  };
  const reason = queued === undefined ? undefined : waitingReason(queued);
  return (
    <>
      <h1>{app.id}</h1>
      <div class="tools">
        <AppStatus status={status} />
        <span>
          {app.tasksRunning ?? 0} of {app.instances} instances
        </span>
        <span class="grow">
          <Bar segments={counts} label="Instances" />
        </span>
        <button type="button" class="primary" onClick={() => setAsk({kind: 'scale', app})}>
          Scale Application
        </button>
        <button type="button" onClick={() => setAsk({kind: 'restart', app})}>
          Restart
        </button>
        {status === 'Delayed' ? (
          <button type="button" onClick={resetDelay}>
            Reset Delay
          </button>
        ) : null}
        <button type="button" onClick={() => setEditing(true)}>
          Edit
        </button>
        <button type="button" disabled={app.instances === 0} onClick={() => setAsk({kind: 'suspend', app})}>
          Suspend
        </button>
        <button type="button" class="danger" onClick={() => setAsk({kind: 'destroy', app})}>
          Destroy
        </button>
      </div>
      {reason === undefined ? null : <p class="notice">{reason}.</p>}
      <Problem text={error} />
      {ask === undefined ? null : <AskDialog ask={ask} close={() => setAsk(undefined)} />}
      {editing ? <EditApp app={app} close={() => setEditing(false)} /> : null}
    </>
  );
}
