import {UNSUPPORTED_FLAGS} from '../unsupported-flags.ts';
import {MARATHON_FLAGS} from '../flags.ts';

export type InfoOptions = {
  readonly version: string;
  readonly leading: boolean;
  /** `host:port`. */
  readonly leader: string | undefined;
  readonly frameworkId: string | undefined;
  /** As text, by name. */
  readonly flags: Readonly<Record<string, string>>;
  readonly masterUrl: string;
  readonly httpPort: number;
};

/** GET /v2/info. Durations of `marathon_config` are milliseconds, as in Marathon, but for the failover timeout. */
export function marathonInfo(options: InfoOptions): Record<string, unknown> {
  const {leader, frameworkId, flags} = options;
  return {
    name: 'marathon',
    version: options.version,
    buildref: 'unknown',
    elected: options.leading,
    ...(leader === undefined ? {} : {leader}),
    ...(frameworkId === undefined ? {} : {frameworkId}),
    marathon_config: {
      ...Object.fromEntries(
        Object.entries(flags).flatMap(([name, text]) =>
          isShown(name) ? [[shownName(name), valueOf(name, text)]] : [],
        ),
      ),
      ...(leader === undefined ? {} : {hostname: leader.replace(/:\d+$/, '')}),
      ...FIXED,
      master: options.masterUrl,
      mesos_leader_ui_url: options.masterUrl,
      features: FEATURES,
    },
    zookeeper_config: {},
    http_config: {http_port: options.httpPort, https_port: 8443},
  };
}

/** Of Marathon's features those that work here; none can be switched off. */
const FEATURES = ['vips', 'task_killing', 'secrets', 'gpu_resources'];

/** Flags that clients look for and that have one value here. */
const FIXED = Object.fromEntries(
  [
    ...['ha', 'checkpoint', 'executor', 'offer_matching_timeout', 'task_reservation_timeout', 'maintenance_mode'],
    ...['scale_apps_initial_delay', 'scale_apps_interval'],
  ].map(name => [name, UNSUPPORTED_FLAGS[name]?.value]),
);

/** Marathon shows these flags under other names. */
const SHOWN: Readonly<Record<string, string>> = {
  launch_tokens: 'launch_token',
  leader_proxy_connection_timeout: 'leader_proxy_connection_timeout_ms',
  leader_proxy_read_timeout: 'leader_proxy_read_timeout_ms',
};

/**
 * Clients read this object into a fixed set of fields, and one of them fails at a field that it does not know.
 * So flags that the original does not show are in GET /config alone.
 */
const isShown = (flag: string): boolean => ORIGINAL.has(shownName(flag));

const ORIGINAL = new Set([
  ...['framework_name', 'mesos_role', 'mesos_user', 'failover_timeout', 'local_port_min', 'local_port_max'],
  ...['webui_url', 'default_network_name', 'new_group_enforce_role', 'max_instances_per_offer'],
  ...['decline_offer_duration', 'min_revive_offers_interval', 'task_launch_timeout', 'task_launch_confirm_timeout'],
  ...['reconciliation_initial_delay', 'reconciliation_interval', 'leader_proxy_connection_timeout_ms'],
  ...['leader_proxy_read_timeout_ms', 'access_control_allow_origin', 'env_vars_prefix', 'launch_token'],
  ...['launch_token_refresh_interval', 'task_lost_expunge_initial_delay', 'task_lost_expunge_interval'],
]);

const shownName = (flag: string): string => SHOWN[flag] ?? flag;

const NUMBERS = new Set(
  Object.entries(MARATHON_FLAGS)
    .filter(([, {type}]) => type.schema?.type === 'integer' || type.schema?.type === 'number')
    .map(([name]) => name),
);

const valueOf = (name: string, text: string): string | number => (NUMBERS.has(name) ? Number(text) : text);
