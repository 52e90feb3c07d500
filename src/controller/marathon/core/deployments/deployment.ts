import type {MarathonAppSpec} from '../../../../crds/marathon-app.ts';
import type {MarathonGroupSpec} from '../../../../crds/marathon-group.ts';
import type {DeepReadonly} from '../../../../lib/deep-readonly.ts';
import type {AppId, InstanceId} from '../ids.ts';

export type DeploymentAction = {
  readonly action: 'StartApplication' | 'StopApplication' | 'ScaleApplication' | 'RestartApplication';
  readonly app: AppId;
};

export type DeploymentStep = {readonly actions: readonly DeploymentAction[]};

/**
 * A change of one or many apps under way: steps one after the other, the actions of a step side by side. It locks its
 * apps: another change of one of them needs force, or comes from kubectl. Only `step` changes it.
 * Everybody else gets a `ReadonlyDeployment`.
 */
export type Deployment = {
  readonly id: string;
  readonly version: string;
  readonly startedAtMs: number;
  /** An app that goes away meanwhile takes its actions along. */
  steps: readonly DeploymentStep[];
  /** 1-based. */
  currentStep: number;
  /** Of the actions that have begun and do work: all but StartApplication. */
  readonly progress: Map<AppId, ActionProgress>;
  /** Apps of a plan whose change is still being written: they are locked, and stay as they are until it comes. */
  readonly expected: Set<AppId>;
  /** What was there, to go back to; undefined: nobody knows. */
  readonly before?: Before;
};

/** What a change found; a value. An app or group without a value was not there. */
export type Before = {
  readonly apps: ReadonlyMap<AppId, FormerApp | undefined>;
  readonly groups: ReadonlyMap<AppId, MarathonGroupSpec | undefined>;
};

export type FormerApp = {readonly spec: MarathonAppSpec; readonly restartedAt: string | undefined};

export type ReadonlyDeployment = DeepReadonly<Deployment, Before>;

export type ActionProgress = {
  /** More instances are wanted than there were: over when they run; else over when the surplus is gone. */
  readonly growing: boolean;
  readonly restart: RestartProgress | undefined;
  /** An action that was over once stays so. */
  done: boolean;
};

/** A rolling replacement. Each new instance that was healthy once earns one kill of an old one. */
export type RestartProgress = {killNow: number; max: number; killed: number; readonly credited: Set<InstanceId>};

/** Ids of the apps that it locks, each once, in their order. */
export const affectedApps = ({steps}: Pick<ReadonlyDeployment, 'steps'>): readonly AppId[] =>
  [...new Set(steps.flatMap(({actions}) => actions.map(({app}) => app)))].toSorted();

/** Ids of the apps that are locked: some have no step, and only wait until their change is written. */
export const lockedApps = (deployment: Pick<ReadonlyDeployment, 'steps' | 'expected'>): readonly AppId[] => [
  ...new Set([...affectedApps(deployment), ...deployment.expected]),
];

/** The plan makes the app again once the former one, which is being deleted, has gone. */
export const isMadeAgain = (deployment: ReadonlyDeployment | undefined, app: AppId): boolean =>
  deployment?.expected.has(app) === true && workOf(deployment, app) !== 'StopApplication';

/** The 1-based step that does the work for an app; 0: none does. StartApplication is bookkeeping. */
export const workStepOf = ({steps}: ReadonlyDeployment, app: AppId): number =>
  1 + steps.findIndex(({actions}) => actions.some(it => it.app === app && it.action !== 'StartApplication'));

/** What the deployment does to an app. */
export const workOf = (deployment: ReadonlyDeployment, app: AppId): DeploymentAction['action'] | undefined =>
  deployment.steps[workStepOf(deployment, app) - 1]?.actions.find(
    it => it.app === app && it.action !== 'StartApplication',
  )?.action;

export const currentActions = ({
  steps,
  currentStep,
}: Pick<ReadonlyDeployment, 'steps' | 'currentStep'>): readonly DeploymentAction[] =>
  steps[currentStep - 1]?.actions ?? [];

/** For people: `ScaleApplication, RestartApplication`. */
export const describeActions = (actions: readonly DeploymentAction[]): string =>
  [...new Set(actions.map(({action}) => action))].join(', ') || 'no step';
