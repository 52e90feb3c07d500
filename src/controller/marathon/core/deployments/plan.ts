import type {AppId} from '../ids.ts';
import type {DeploymentAction, DeploymentStep} from './deployment.ts';

/** What a change makes of an app. `scale`: only the number of instances differs, or none is wanted any more. */
export type PlannedChange = {readonly app: AppId; readonly change: 'start' | 'scale' | 'restart' | 'stop'};

/**
 * The steps of a change: all stops, all starts, then one step for each layer of dependencies, the apps that others
 * depend on first. Starting is bookkeeping; the scaling in the app's layer does the work. No step is empty.
 *
 * @param layerOf length of the longest chain of dependencies below an app
 */
export function planSteps(changes: readonly PlannedChange[], layerOf: (app: AppId) => number): DeploymentStep[] {
  const of = (change: PlannedChange['change'], action: DeploymentAction['action']): DeploymentAction[] =>
    changes.flatMap(planned => (planned.change === change ? [{action, app: planned.app}] : []));
  const work = changes.filter(({change}) => change !== 'stop');
  const layers = [...Map.groupBy(work, ({app}) => layerOf(app))].toSorted(([a], [b]) => a - b);
  const steps = [
    of('stop', 'StopApplication'),
    of('start', 'StartApplication'),
    ...layers.map(([, layer]) => layer.map(workAction)),
  ];
  return steps.filter(actions => actions.length > 0).map(actions => ({actions}));
}

const workAction = ({app, change}: PlannedChange): DeploymentAction => ({
  action: change === 'restart' ? 'RestartApplication' : 'ScaleApplication',
  app,
});
