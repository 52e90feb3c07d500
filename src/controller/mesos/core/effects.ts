import type {LaunchKey, PodOrder} from './tasks/task-record.ts';
import type {FrameworkInfo, TaskState} from '../../../api/mesos/v1/common.ts';
import type {SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import type {Resource} from '../../../api/mesos/v1/resources.ts';
import type {SavedOperation} from './operations/saved-operation.ts';
import type {VolumeKey} from './operations/volumes.ts';
import type {AgentId, FrameworkId, StreamId} from './ids.ts';

/** Counters of the master, by their meaning; the telemetry table knows their names. */
export type Counter =
  | 'offers-sent'
  | 'offers-rescinded'
  | 'offers-timed-out'
  | 'invalid-offer-operations'
  | 'tasks-launched'
  | 'invalid-status-update-acknowledgements'
  | 'valid-status-update-acknowledgements'
  | 'agents-registered'
  | 'agents-reregistered'
  | 'agents-removed'
  | 'agents-unreachable-scheduled'
  | 'agents-unreachable'
  | 'agents-unreachable-canceled'
  | 'agents-unregistered'
  | 'allocation-runs';

/** What the world must do after a step. Effects about one object are performed in order. */
export type Effect =
  | {readonly kind: 'send'; readonly streamId: StreamId; readonly event: SchedulerEvent}
  /** After what was sent before: end the stream. */
  | {readonly kind: 'close-stream'; readonly streamId: StreamId; readonly reason: string}
  /** Create or update the MesosFramework; answer with `framework-saved` or `framework-not-saved`. */
  | {
      readonly kind: 'save-framework';
      readonly frameworkId: FrameworkId;
      readonly saveId: number;
      readonly info: FrameworkInfo;
      readonly suppressedRoles: readonly string[];
    }
  | {readonly kind: 'delete-framework'; readonly frameworkId: FrameworkId}
  /** Write what was reserved on an agent to its object; answer with `reservations-saved` or `reservations-not-saved`. */
  | {
      readonly kind: 'save-reservations';
      readonly agentId: AgentId;
      readonly saveId: number;
      readonly resources: readonly Resource[];
      readonly operations: readonly SavedOperation[];
    }
  /** Its data is nobody's any more. */
  | {readonly kind: 'destroy-volume'; readonly volume: VolumeKey}
  /** Store a new agent's id in the status of its object, before it is used; answer with `agent-id-stored`. */
  | {readonly kind: 'assign-agent-id'; readonly name: string; readonly agentId: AgentId}
  /** Say in the agent's object that it never comes back: it is drained, and that was wanted. */
  | {readonly kind: 'mark-agent-gone'; readonly agentId: AgentId}
  /** A request of the operator is done, or refused with an HTTP status. */
  | {
      readonly kind: 'answer';
      readonly requestId: string;
      readonly refusal?: {readonly status: number; readonly message: string};
    }
  /** Create the launch's pod. */
  | {readonly kind: 'create-pod'; readonly order: PodOrder}
  /** The node has no room any more: unless the pod was asked for, do not, and answer with `launch-refused`. */
  | {readonly kind: 'withdraw-launch'; readonly launch: LaunchKey}
  /** Delete the pod; its finalizer keeps the object until it is released. A later one may shorten the grace. */
  | {readonly kind: 'kill-pod'; readonly launch: LaunchKey; readonly graceSeconds: number}
  /**
   * Nobody needs the pod object any more: remove the finalizer, with `force` the object too (its node is gone). Answer
   * with `pod-released` when that is done, or there was no such pod.
   */
  | {readonly kind: 'release-pod'; readonly launch: LaunchKey; readonly force: boolean}
  /** A pod of a launch that the master does not know: read it as it is now, all of it; answer with `pod-read`. */
  | {readonly kind: 'read-pod'; readonly launch: LaunchKey}
  /** An event run is due: answer with `allocate` once all waiting commands are done. */
  | {readonly kind: 'schedule-allocation'}
  | {readonly kind: 'count'; readonly counter: Counter; readonly by: number}
  /** A task entered a state (terminal ones included): for counters by state, source and reason. */
  | {
      readonly kind: 'count-task';
      readonly frameworkId: FrameworkId;
      readonly state: TaskState;
      readonly source: string;
      readonly reason: string;
    }
  /** The status of these objects may have changed. `agents` are names of MesosAgents. */
  | {
      readonly kind: 'status-changed';
      readonly frameworks: readonly FrameworkId[];
      readonly agents: readonly string[];
    }
  /** Worth telling people: a log line, and a KubeEvent on the framework or agent. `fields` are ids and numbers. */
  | {
      readonly kind: 'note';
      readonly level: 'info' | 'warn';
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number | boolean>>;
    };
