// Every label, annotation, finalizer and name of a Lease that is ours. Others read them: kubectl, charts, dashboards.

/** The Lease of the controllers: its holder leads. */
export const LEADER_LEASE = 'mesos-master';
/** On the Lease: where the leader answers. */
export const MASTER_ADDRESS_ANNOTATION = 'mesos.dev/master-address';
export const MARATHON_ADDRESS_ANNOTATION = 'mesos.dev/marathon-address';
/** On the pod of the controller that leads: Services select by it. */
export const LEADER_LABEL = 'mesos.dev/leader';
/** The Lease of an agent is named by this and the agent's name. */
export const AGENT_LEASE_PREFIX = 'mesos-agent-';
/** A node's label `attributes.mesos.dev/rack: r1` is the attribute `rack:r1` of its agent. */
export const ATTRIBUTE_PREFIX = 'attributes.mesos.dev/';
/** On a MesosFramework: the name that the framework gave itself. */
export const FRAMEWORK_NAME_LABEL = 'mesos.dev/framework-name';

// On the pods of tasks.
export const MANAGED_LABEL = 'mesos.dev/managed';
export const FRAMEWORK_LABEL = 'mesos.dev/framework-id';
export const AGENT_LABEL = 'mesos.dev/agent';
/** The name that the framework gave the task; many tasks may share it. */
export const TASK_NAME_LABEL = 'mesos.dev/task-name';
/** The TaskInfo as launched, in the v1 API's JSON. */
export const TASK_ANNOTATION = 'mesos.dev/task';
export const TASK_ID_ANNOTATION = 'mesos.dev/task-id';
/** Instead of the two for a group: its executor and its tasks, and the ids of these as a list. */
export const TASK_GROUP_ANNOTATION = 'mesos.dev/task-group';
export const TASK_IDS_ANNOTATION = 'mesos.dev/task-ids';
export const FRAMEWORK_ANNOTATION = 'mesos.dev/framework-id';
export const LAUNCH_ANNOTATION = 'mesos.dev/launch-id';
/** What of the task Kubernetes cannot do, and what was therefore left out. */
export const IGNORED_ANNOTATION = 'mesos.dev/ignored';
/** Keeps the object until the framework has acknowledged the task's end. */
export const TASK_FINALIZER = 'mesos.dev/task-status';
/** In place of the finalizer on the pod of a task that no controller attends to: the next one adopts it. */
export const UNATTENDED_ANNOTATION = 'mesos.dev/unattended';
export const MANAGED_SELECTOR = `${MANAGED_LABEL}=true`;

/** On the PersistentVolumeClaim of a persistent volume: its role and id. */
export const VOLUME_ANNOTATION = 'mesos.dev/persistent-volume';

// On MarathonApps.
/** Keeps the object until its tasks are gone. */
export const APP_FINALIZER = 'mesos.dev/marathon';
/** What the REST interface writes beside the spec, and a restart request from anybody. */
export const APP_ANNOTATIONS = {
  version: 'marathon.mesos.dev/version',
  deploymentId: 'marathon.mesos.dev/deployment-id',
  restartedAt: 'marathon.mesos.dev/restarted-at',
  victims: 'marathon.mesos.dev/kill-first',
  kept: 'marathon.mesos.dev/deletion-refused',
  // Of a version, on the ControllerRevision that keeps it.
  lastScalingAt: 'marathon.mesos.dev/last-scaling-at',
  lastConfigChangeAt: 'marathon.mesos.dev/last-config-change-at',
  servicePorts: 'marathon.mesos.dev/service-ports',
} as const;
/** On the tasks of apps and so on their pods: what a later Marathon must know; the object's name also selects the pods. */
export const APP_TASK_LABELS = {
  app: 'marathon.mesos.dev/app',
  name: 'marathon.mesos.dev/name',
  version: 'marathon.mesos.dev/version',
  config: 'marathon.mesos.dev/config',
} as const;
