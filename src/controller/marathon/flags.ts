import {flag, type FlagType, flagTypes, unset, type FlagTable, type FlagValues} from '../../lib/flags.ts';
import {err, ok} from '../../lib/result.ts';
import type {Settings} from './core/state.ts';

const flags = <const Table extends FlagTable>(table: Table): Table => table;
const milliseconds = flagTypes.count(0);
const role = flagTypes.textLike('a role', '^([*]|[^/\\s,*-][^/\\s,]*(/[^/\\s,*-][^/\\s,]*)*)$');

/** Who may use Marathon's port; its text never shows the secret. */
const credential: FlagType<{readonly principal: string; readonly secret: string}> = {
  want: 'a name and a secret such as user:password',
  parse: text => {
    const [, principal, secret] = /^([^:]+):(.+)$/s.exec(text) ?? [];
    // What was given is a secret, right or wrong.
    return principal === undefined || secret === undefined ? err(`want ${credential.want}`) : ok({principal, secret});
  },
  format: ({principal}) => `${principal}:*****`,
  schema: {type: 'string', pattern: '^[^:]+:.+$'},
};

/** Marathon's options: its own names and defaults where the meaning is the same. Times in milliseconds, but for the failover timeout. */
export const MARATHON_FLAGS = flags({
  framework_name: flag(flagTypes.textLike('a name', '[^\\s]'), 'marathon', 'Name under which Marathon subscribes.'),
  failover_timeout: flag(flagTypes.count(0), 604_800, 'Seconds for which tasks outlive Marathon.'),
  mesos_role: flag(role, '*', 'Role of apps that name none.'),
  mesos_user: unset(flagTypes.text, 'User that runs tasks whose app names none.'),
  http_credentials: unset(
    credential,
    'A name and a secret, `user:password`, without which nobody may use Marathon’s port. It is one more than those of --credentials.',
  ),
  webui_url: unset(flagTypes.url, 'Address of Marathon that the master shows.'),
  env_vars_prefix: flag(
    flagTypes.textLike('the beginning of a variable’s name', '^([A-Za-z_][A-Za-z0-9_]*)?$'),
    '',
    'Put before the names of HOST and PORT variables of tasks.',
  ),
  accepted_resource_roles_default_behavior: flag(
    flagTypes.oneOf('any', 'unreserved', 'reserved'),
    'any',
    'Resources for apps that do not say which they accept.',
  ),
  local_port_min: flag(flagTypes.port, 10_000, 'Lowest service port to assign.'),
  local_port_max: flag(flagTypes.port, 20_000, 'Highest service port to assign.'),
  max_instances_per_offer: flag(flagTypes.count(1), 5, 'Tasks to launch on one offer.'),
  launch_tokens: flag(flagTypes.count(1), 100, 'Launches until tokens are refilled; a task that runs gives one back.'),
  launch_token_refresh_interval: flag(milliseconds, 30_000, 'Time between two refills of launch tokens.'),
  decline_offer_duration: flag(milliseconds, 120_000, 'For how long a declined offer is not wanted.'),
  min_revive_offers_interval: flag(milliseconds, 5000, 'Least time between two requests for declined offers.'),
  task_launch_timeout: flag(milliseconds, 300_000, 'A task that is staging for longer is killed.'),
  task_launch_confirm_timeout: flag(milliseconds, 300_000, 'A task that was not heard of for longer is killed.'),
  kill_retry_timeout: flag(milliseconds, 30_000, 'An unanswered kill is sent again.'),
  kill_chunk_size: flag(flagTypes.count(1), 100, 'Kills that may be unanswered at a time.'),
  event_stream_max_outstanding_messages: flag(
    flagTypes.count(1),
    1024,
    'Events that may wait for a reader of /v2/events before it is cut off; as many are kept for those who come back.',
  ),
  leader_proxy_connection_timeout: flag(milliseconds, 5000, 'How long a replica waits for a connection to the leader.'),
  leader_proxy_read_timeout: flag(
    milliseconds,
    10_000,
    'How long a replica waits for the beginning of the leader’s answer.',
  ),
  access_control_allow_origin: unset(
    flagTypes.textLike('an origin or *', '^([*]|https?://[^\\s/?#]+)$'),
    'Pages of this origin may read what Marathon answers.',
  ),
  http_max_concurrent_requests: unset(
    flagTypes.count(1),
    'Requests that Marathon’s port answers at a time, without event streams; more are refused with 503.',
  ),
  max_running_deployments: flag(
    flagTypes.count(1),
    100,
    'Deployments under way; a change that begins one more is refused.',
  ),
  max_apps: unset(flagTypes.count(1), 'Apps that there may be.'),
  zk_max_versions: flag(flagTypes.count(1), 50, 'Versions to keep of each app.'),
  gpu_scheduling_behavior: flag(
    flagTypes.oneOf('restricted', 'unrestricted'),
    'restricted',
    'Whether apps that use no GPUs may run on agents that have some.',
  ),
  max_concurrent_marathon_health_checks: flag(
    flagTypes.count(1),
    256,
    'Health and readiness checks that Marathon performs at a time.',
  ),
  health_check_kill_limit: flag(
    flagTypes.number,
    1,
    'The part of an app, from 0 to 1, that may be unhealthy at once before it is no longer killed for it; 1: no limit. Not in the original Marathon.',
  ),
  reconciliation_initial_delay: flag(milliseconds, 15_000, 'Time from the subscription to the first reconciliation.'),
  reconciliation_interval: flag(milliseconds, 600_000, 'Time between two reconciliations.'),
});

/** What no flag can say alone; each mistake as a sentence. */
export const marathonMistakes = ({
  local_port_min: least,
  local_port_max: most,
  health_check_kill_limit: part,
}: MarathonFlags): string[] => [
  ...(least <= most ? [] : [`--local_port_min: want a port of at most --local_port_max=${most}, got "${least}"`]),
  ...(part >= 0 && part <= 1 ? [] : [`--health_check_kill_limit: want a number from 0 to 1, got "${part}"`]),
];

export type MarathonFlags = FlagValues<typeof MARATHON_FLAGS>;

export const settingsOf = (values: MarathonFlags): Settings => ({
  defaults: {
    role: values.mesos_role,
    acceptedResourceRoles: values.accepted_resource_roles_default_behavior,
  },
  servicePorts: {min: values.local_port_min, max: values.local_port_max},
  envPrefix: values.env_vars_prefix,
  defaultUser: values.mesos_user,
  maxInstancesPerOffer: values.max_instances_per_offer,
  launchTokens: values.launch_tokens,
  launchTokenRefreshMs: values.launch_token_refresh_interval,
  declineOfferMs: values.decline_offer_duration,
  minReviveOffersMs: values.min_revive_offers_interval,
  taskLaunchTimeoutMs: values.task_launch_timeout,
  taskLaunchConfirmTimeoutMs: values.task_launch_confirm_timeout,
  killRetryMs: values.kill_retry_timeout,
  gpuScheduling: values.gpu_scheduling_behavior,
  killChunkSize: values.kill_chunk_size,
  unhealthyKillLimit: values.health_check_kill_limit,
  reconciliationInitialDelayMs: values.reconciliation_initial_delay,
  reconciliationIntervalMs: values.reconciliation_interval,
});
