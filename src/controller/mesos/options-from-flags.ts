import type {MasterInfo} from '../../api/mesos/v1/container.ts';
import type {Master} from './core/state.ts';
import type {PodDefaults} from './pods/to-pod.ts';
import type {TaskPolicy} from '../../crds/task-policy.ts';
import type {MasterFlags} from '../flags.ts';
import type {MasterContext} from './master-context.ts';
import {HEARTBEAT_SECONDS} from './calls/sessions.ts';

/** The core's options that the flags ask for. */
export const coreOptions = ({flags}: MasterContext, masterInfo: MasterInfo): Master['options'] => ({
  masterId: masterInfo.id,
  masterInfo,
  heartbeatIntervalSeconds: HEARTBEAT_SECONDS,
  allocationIntervalMs: flags.allocation_interval,
  ...(flags.offer_timeout !== undefined && {offerTimeoutMs: flags.offer_timeout}),
  offerFreedAtOnce: flags.offer_freed_at_once,
  ...(flags.roles !== undefined && {roleWhitelist: new Set(flags.roles)}),
  rootSubmissions: flags.root_submissions,
  maxCompletedFrameworks: flags.max_completed_frameworks,
  maxCompletedTasksPerFramework: flags.max_completed_tasks_per_framework,
  maxUnreachableTasksPerFramework: flags.max_unreachable_tasks_per_framework,
  agentSilenceMs: flags.agent_ping_timeout * flags.max_agent_ping_timeouts,
  ...(flags.agent_removal_rate_limit !== 'none' && {
    agentRemovalIntervalMs: flags.agent_removal_rate_limit.perMs / flags.agent_removal_rate_limit.count,
  }),
  launchTimeoutMs: flags.executor_registration_timeout,
  patternLimits: {
    programSize: flags.offer_constraints_re2_max_program_size,
    length: flags.offer_constraints_re2_max_mem,
  },
  recoveryFactor: flags.allocator_agent_recovery_factor,
  recoveryTimeoutMs: flags.allocator_recovery_timeout,
  taskPolicy: taskPolicy(flags),
});

/** How the pods of tasks are made, as the flags ask for. */
export const podOptions = ({flags}: MasterContext): PodDefaults => ({
  defaultImage: flags.task_default_image,
  pullSecrets: flags.task_image_pull_secrets,
  storageClass: flags.persistent_volume_storage_class,
  shimImage: flags.shim_image,
  fetchStallMs: flags.fetcher_stall_timeout,
  fetchMaxSize: flags.fetcher_max_size,
});

/** What tasks may do where no MesosRole says otherwise. */
const taskPolicy = (flags: MasterFlags): TaskPolicy => ({
  podSecurity: flags.task_pod_security,
  privileged: flags.allow_privileged,
  capabilities: flags.allowed_capabilities.map(name => name.toUpperCase().replace(/^CAP_/, '')),
  hostPaths: [...flags.allow_host_paths],
  hostNetwork: flags.allow_host_network,
  hostPorts: flags.allow_host_ports,
  images: [...flags.allowed_images],
  users: [...flags.allowed_users],
  secrets: [...flags.allowed_secrets],
  claims: [...flags.allowed_claims],
  fetchSchemes: [...flags.allowed_fetch_schemes],
});
