import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import type {AppVersion} from './apps/app-version.ts';
import type {AppId} from './ids.ts';
import type {Operation} from '../../../api/mesos/v1/scheduler.ts';
import type {MarathonEvent} from './marathon-event.ts';

/** What the shell must do, in this order. Calls are of the scheduler API; the rest are writes to Kubernetes objects. */
export type Effect =
  | {
      readonly kind: 'accept';
      readonly offerId: string;
      /** Before the launches: reservations and volumes that are made or given back. */
      readonly operations?: readonly Operation[];
      readonly launches: readonly TaskInfo[];
      readonly refuseSeconds: number;
    }
  | {readonly kind: 'decline'; readonly offerIds: readonly string[]; readonly refuseSeconds: number}
  | {readonly kind: 'revive'; readonly roles: readonly string[]}
  | {readonly kind: 'suppress'; readonly roles: readonly string[]}
  | {readonly kind: 'update-framework'; readonly roles: readonly string[]; readonly suppressedRoles: readonly string[]}
  | {readonly kind: 'kill'; readonly taskId: string; readonly agentId: string}
  | {readonly kind: 'acknowledge'; readonly taskId: string; readonly agentId: string; readonly uuid: string}
  /** An empty list asks for everything. */
  | {readonly kind: 'reconcile'; readonly tasks: readonly {readonly taskId: string; readonly agentId: string}[]}
  /** The app's status may read differently now. */
  | {readonly kind: 'app-changed'; readonly name: string}
  /** The status of the group's object, if it has one, may read differently now. */
  | {readonly kind: 'group-changed'; readonly id: AppId}
  /** The deployment began, went on, or is over; it may have to be stored, or its object removed. */
  | {readonly kind: 'deployment-changed'; readonly id: string}
  /** A version was accepted or came into force: it is to be kept, and named by no status before. */
  | {readonly kind: 'keep-version'; readonly name: string; readonly uid: string; readonly version: AppVersion}
  | {readonly kind: 'marathon-event'; readonly event: MarathonEvent}
  /** Put our finalizer on the object, or take it off. */
  | {readonly kind: 'claim-app' | 'release-app'; readonly name: string; readonly uid: string}
  /** Note on the object that its deletion is refused. */
  | {readonly kind: 'keep-app'; readonly name: string; readonly uid: string}
  | {
      readonly kind: 'kube-event';
      readonly name: string;
      readonly uid: string;
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    };
