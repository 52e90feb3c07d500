import {useState} from 'preact/hooks';
import {call} from '../shared/api.ts';
import {Bar} from '../shared/bar.tsx';
import {Confirm} from '../shared/dialog.tsx';
import {touch, useLive} from '../shared/live.ts';
import {Loaded} from '../shared/page.tsx';
import {href} from '../shared/place.ts';
import {Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import {time} from './instances.tsx';
import type {Deployment} from './model.ts';
import {actionText} from './plan.tsx';

const doneOf = ({currentStep}: Deployment): number => Math.max(0, currentStep - 1);

export function Deployments() {
  const live = useLive<readonly Deployment[]>('v2/deployments');
  const [asked, setAsked] = useState<{readonly deployment: Deployment; readonly way: 'rollback' | 'stop'}>();
  return (
    <>
      <h1>Deployments</h1>
      <Loaded live={live}>
        {deployments => (
          <Table
            label="Deployments"
            rows={deployments}
            idOf={({id}) => id}
            empty="No deployments. Active deployments will be shown here."
            sort="-Started"
            columns={[
              {title: 'Deployment', show: ({id}) => <span class="id">{id}</span>, by: ({id}) => id},
              {title: 'Applications', show: deployment => <Affected deployment={deployment} />},
              {
                title: 'Now',
                show: ({currentActions}) =>
                  currentActions.map(action => <div key={actionText(action)}>{actionText(action)}</div>),
              },
              {
                title: 'Progress',
                show: deployment => <Progress deployment={deployment} />,
                by: deployment => doneOf(deployment) / Math.max(1, deployment.totalSteps),
              },
              {
                title: 'Started',
                show: ({version}) => <Ago ms={time(version)} />,
                by: ({version}) => version,
                wideOnly: true,
              },
              {
                title: '',
                show: deployment => (
                  <>
                    <button type="button" class="small" onClick={() => setAsked({deployment, way: 'rollback'})}>
                      Rollback
                    </button>{' '}
                    <button type="button" class="small" onClick={() => setAsked({deployment, way: 'stop'})}>
                      Stop
                    </button>
                  </>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {asked === undefined ? null : <End {...asked} close={() => setAsked(undefined)} />}
    </>
  );
}

const Affected = ({deployment: {affectedApps, affectedPods = []}}: {readonly deployment: Deployment}) => (
  <>
    {[...affectedApps, ...affectedPods].map(id => (
      <div key={id}>
        <a href={href(['apps', id])}>{id}</a>
      </div>
    ))}
  </>
);

function Progress({deployment}: {readonly deployment: Deployment}) {
  const {totalSteps} = deployment;
  const done = doneOf(deployment);
  const segments = [
    {name: 'steps done', value: done, tone: 'good'},
    {name: 'to do', value: totalSteps - done, tone: 'none'},
  ] as const;
  return (
    <>
      {done} of {totalSteps}
      <Bar segments={segments} label="Progress" />
    </>
  );
}

function End({
  deployment: {id},
  way,
  close,
}: {
  readonly deployment: Deployment;
  readonly way: 'rollback' | 'stop';
  readonly close: () => void;
}) {
  const back = way === 'rollback';
  const end = async (): Promise<void> => {
    await call('DELETE', `v2/deployments/${encodeURIComponent(id)}${back ? '' : '?force=true'}`);
    touch();
  };
  return (
    <Confirm
      title={back ? 'Roll back this deployment' : 'Stop this deployment'}
      action={back ? 'Rollback' : 'Stop'}
      danger
      perform={end}
      close={close}
    >
      <p>
        {back
          ? 'The deployment stops, and another one takes its applications back to what they were before.'
          : 'The deployment stops where it is. Its applications keep their new definition, and what runs goes on.'}
      </p>
    </Confirm>
  );
}
