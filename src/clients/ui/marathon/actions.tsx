import {useState} from 'preact/hooks';
import {ApiError, call, fieldOf} from '../shared/api.ts';
import {Confirm} from '../shared/dialog.tsx';
import {touch} from '../shared/live.ts';
import {href} from '../shared/place.ts';
import {go} from '../shared/route.ts';
import {type App, appPath, groupPath} from './model.ts';
import {Plan} from './plan.tsx';

/** What can be done to an app or a group; each asks first, and says what it will do. */
export type Ask =
  | {readonly kind: 'scale' | 'restart' | 'suspend' | 'destroy'; readonly app: App}
  | {readonly kind: 'scale-group' | 'suspend-group' | 'destroy-group'; readonly group: string};

export function AskDialog({ask, close}: {readonly ask: Ask; readonly close: () => void}) {
  switch (ask.kind) {
    case 'scale':
      return <ScaleApp app={ask.app} close={close} />;
    case 'restart':
      return <Restart app={ask.app} close={close} />;
    case 'suspend':
      return <Suspend app={ask.app} close={close} />;
    case 'destroy':
      return <Destroy what="app" id={ask.app.id} path={appPath(ask.app.id)} close={close} />;
    case 'scale-group':
      return <ScaleGroup group={ask.group} close={close} />;
    case 'suspend-group':
      return <SuspendGroup group={ask.group} close={close} />;
    case 'destroy-group':
      return <Destroy what="group" id={ask.group} path={groupPath(ask.group)} close={close} />;
  }
}

type AppProps = {readonly app: App; readonly close: () => void};
type GroupProps = {readonly group: string; readonly close: () => void};

function Restart({app, close}: AppProps) {
  const restart = (force: Force) => call('POST', `${appPath(app.id)}/restart${force}`);
  return (
    <Forced title={`Restart ${app.id}`} action="Restart" close={close} perform={restart}>
      <p>Every instance is replaced by a new one.</p>
    </Forced>
  );
}

function Suspend({app, close}: AppProps) {
  const path = appPath(app.id);
  const suspend = (force: Force) => call('PUT', `${path}${force}`, {instances: 0});
  return (
    <Forced title={`Suspend ${app.id}`} action="Suspend" close={close} perform={suspend}>
      <p>All {app.instances} instances end. The app stays, with 0 instances.</p>
      <VolumeWarning app={app} />
      <Plan route="/v2/apps/{id}" path={path} body={{instances: 0}} />
    </Forced>
  );
}

function SuspendGroup({group, close}: GroupProps) {
  const suspend = (force: Force) => call('PUT', `${groupPath(group)}${force}`, {scaleBy: 0});
  return (
    <Forced title={`Suspend ${group}`} action="Suspend" close={close} perform={suspend}>
      <p>All instances of all apps of this group end.</p>
    </Forced>
  );
}

function Destroy({
  what,
  id,
  path,
  close,
}: {
  readonly what: 'app' | 'group';
  readonly id: string;
  readonly path: string;
  readonly close: () => void;
}) {
  const destroy = async (force: Force): Promise<void> => {
    await call('DELETE', `${path}${force}`);
    go(href(['apps']));
  };
  return (
    <Forced title={`Destroy ${id}`} action="Destroy" danger close={close} perform={destroy}>
      <p>
        The {what} <b>{id}</b> is deleted with {what === 'app' ? 'all its instances' : 'all its apps and groups'}. This
        can’t be undone.
      </p>
    </Forced>
  );
}

function ScaleApp({app, close}: AppProps) {
  const [instances, setInstances] = useState(app.instances);
  return (
    <Forced
      title={`Scale ${app.id}`}
      action="Scale"
      close={close}
      perform={force => call('PUT', `${appPath(app.id)}${force}`, {instances})}
    >
      <label class="field">
        <span>Instances</span>
        <input
          type="number"
          min={0}
          step={1}
          required
          value={instances}
          onInput={event => setInstances(event.currentTarget.valueAsNumber)}
        />
      </label>
      {instances < app.instances ? <VolumeWarning app={app} /> : null}
      <Plan route="/v2/apps/{id}" path={appPath(app.id)} body={{instances}} />
    </Forced>
  );
}

function ScaleGroup({group, close}: GroupProps) {
  const [factor, setFactor] = useState(1);
  return (
    <Forced
      title={`Scale ${group}`}
      action="Scale"
      close={close}
      perform={force => call('PUT', `${groupPath(group)}${force}`, {scaleBy: factor})}
    >
      <label class="field">
        <span>Factor for the instances of every app</span>
        <input
          type="number"
          min={0}
          step="any"
          required
          value={factor}
          onInput={event => setFactor(event.currentTarget.valueAsNumber)}
        />
      </label>
      <Plan route="/v2/groups/{id}" path={groupPath(group)} body={{scaleBy: factor}} />
    </Forced>
  );
}

function VolumeWarning({app}: {readonly app: App}) {
  const volumes = app.container?.volumes ?? [];
  return volumes.some(({persistent, external}) => persistent !== undefined || external !== undefined) ? (
    <p class="notice">The volumes of the instances that end are kept, and are attached to nothing.</p>
  ) : null;
}

/** The query that overrides a running deployment, or nothing. */
type Force = '' | '?force=true';

type ForcedProps = Omit<Parameters<typeof Confirm>[0], 'perform'> & {
  readonly perform: (force: Force) => Promise<unknown>;
};

/** A running deployment locks its apps: a second press stops it. */
function Forced({perform, action, ...rest}: ForcedProps) {
  const [locked, setLocked] = useState(false);
  return (
    <Confirm
      {...rest}
      action={locked ? `Stop the deployment and ${action.toLowerCase()}` : action}
      perform={async () => {
        try {
          await perform(locked ? '?force=true' : '');
          touch();
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 409) throw error;
          setLocked(true);
          const by = fieldOf(error.body, 'deployments');
          throw Array.isArray(by) ? new Error('A deployment is under way. Press again to stop it and go on.') : error;
        }
      }}
    />
  );
}
