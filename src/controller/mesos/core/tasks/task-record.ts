import type {TaskInfo, TaskReason, TaskSource, TaskState} from '../../../../api/mesos/v1/common.ts';
import type {ContainerStatus} from '../../../../api/mesos/v1/container.ts';
import type {TaskPolicy} from '../../../../crds/task-policy.ts';
import type {AgentId, FrameworkId, TaskId} from '../ids.ts';

/** Which launch of which task: ids may be used again, launch ids never. */
export type TaskKey = {readonly frameworkId: FrameworkId; readonly taskId: TaskId; readonly launchId: string};

/** The pod object of a launch. Its `uid` is known once the object was seen. */
export type PodRef = {readonly name: string; readonly uid?: string};

/** What the pod of a task says about it; the pods folder makes it from the pod's status. */
export type ObservedStatus = {
  readonly state: TaskState;
  readonly source: TaskSource;
  readonly reason?: TaskReason;
  readonly message?: string;
  /** Absent while there is no result yet, or no check. */
  readonly healthy?: boolean;
  /** The signal that ended the process, when one did. */
  readonly signal?: number;
  readonly containerStatus?: ContainerStatus;
  /** The end came after somebody, maybe the framework, had asked for the pod's deletion. */
  readonly deleted?: boolean;
  /** The process ended, but its kubelet has not taken the pod down: its room on the node is still taken. */
  readonly lingers?: boolean;
  /** Kubernetes keeps trying what will not succeed: the pod is to be deleted, and its end reported as this. */
  readonly giveUp?: boolean;
};

/** A task as its pod's annotations describe it: of an earlier leader. */
export type RestoredTask = TaskKey & {
  readonly pod: PodRef;
  readonly agentId: AgentId;
  /** As it was launched: with allocation_info. */
  readonly info: TaskInfo;
  readonly status: ObservedStatus;
};

/** Everything needed to make the pod of a task. */
export type Launch = TaskKey & {
  readonly pod: PodRef;
  /** As the master completed it: with allocation_info and health check type. */
  readonly info: TaskInfo;
  readonly role: string;
  /** The framework's user, for commands that name none. */
  readonly frameworkUser: string;
  readonly frameworkName: string;
  /** Of the MesosFramework object that owns the pod. */
  readonly frameworkUid: string;
  readonly agent: {readonly id: AgentId; readonly name: string; readonly nodeName: string; readonly hostname: string};
  /** What the task may do: the policy of its role when it was launched. */
  readonly policy: TaskPolicy;
};
