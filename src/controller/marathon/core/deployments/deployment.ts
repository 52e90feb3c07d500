import type {AppId, InstanceId} from '../ids.ts';

export type DeploymentAction = {
  readonly action: 'StartApplication' | 'StopApplication' | 'ScaleApplication' | 'RestartApplication';
  readonly app: AppId;
};

export type DeploymentStep = {readonly actions: readonly DeploymentAction[]};

/** How a deployment acts; each is over when its own condition holds. */
export type DeploymentKind = 'start' | 'scale' | 'restart' | 'stop';

/** A change of one app under way. It locks the app: another change needs force, or comes from kubectl. */
export type Deployment = {
  readonly id: string;
  readonly version: string;
  readonly appId: AppId;
  readonly kind: DeploymentKind;
  readonly steps: readonly DeploymentStep[];
  /** 1-based. */
  readonly currentStep: number;
  readonly startedAtMs: number;
  /** More instances are wanted than there were: over when they run; else over when the surplus is gone. */
  readonly growing: boolean;
  readonly restart: RestartProgress | undefined;
};

/** A rolling replacement. Each new instance that was healthy once earns one kill of an old one. */
export type RestartProgress = {killNow: number; max: number; killed: number; readonly credited: Set<InstanceId>};

/** The steps of a change of one app; starting is bookkeeping, the scaling after it does the work. */
export function planSteps(kind: DeploymentKind, app: AppId): readonly DeploymentStep[] {
  const step = (action: DeploymentAction['action']): DeploymentStep => ({actions: [{action, app}]});
  switch (kind) {
    case 'start':
      return [step('StartApplication'), step('ScaleApplication')];
    case 'scale':
      return [step('ScaleApplication')];
    case 'restart':
      return [step('RestartApplication')];
    case 'stop':
      return [step('StopApplication')];
    default:
      return kind satisfies never;
  }
}
