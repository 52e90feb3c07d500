import type {ExecutorInfo, TaskInfo, TaskReason, TaskSource, TaskState} from '../../../../api/mesos/v1/common.ts';
import type {ContainerStatus} from '../../../../api/mesos/v1/container.ts';
import type {TaskPolicy} from '../../../../crds/task-policy.ts';
import type {AgentId, FrameworkId, TaskId} from '../ids.ts';

/** The pod object of a launch. Its `uid` is known once the object was seen. */
export type PodRef = {readonly name: string; readonly uid?: string};

/** Which launch: ids of tasks may be used again, and so may names of pods; launch ids never. */
export type LaunchKey = {readonly frameworkId: FrameworkId; readonly launchId: string; readonly pod: PodRef};

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

/** One task of a pod as it was seen. */
export type SeenTask = {readonly taskId: TaskId; readonly status: ObservedStatus};

/** A launch as its pod's annotations describe it: of an earlier leader. `info` is as launched: with allocation_info. */
export type RestoredLaunch = LaunchKey & {
  readonly agentId: AgentId;
  readonly tasks: readonly {readonly info: TaskInfo; readonly status: ObservedStatus}[];
  /** Of a group. */
  readonly executor?: ExecutorInfo;
};

/** Everything needed to make the pod of a launch. */
export type PodOrder = LaunchKey & {
  /** As the master completed them: with allocation_info and health check type. */
  readonly tasks: readonly TaskInfo[];
  /** Of a group. */
  readonly executor?: ExecutorInfo;
  readonly role: string;
  /** The framework's user, for commands that name none. */
  readonly frameworkUser: string;
  readonly frameworkName: string;
  /** Of the MesosFramework object that owns the pod. */
  readonly frameworkUid: string;
  readonly agent: {readonly id: AgentId; readonly name: string; readonly nodeName: string; readonly hostname: string};
  /** What the tasks may do: the policy of their role when they were launched. */
  readonly policy: TaskPolicy;
};
