/** Flags of Marathon that have no meaning here. `value`: what the original takes when nothing is given. */
type UnsupportedFlag = {readonly value: string | number | boolean | undefined; readonly reason: string};

const STORE = 'what is stored are Kubernetes objects';
const ALWAYS = 'what runs is compared with what is wanted all the time';
const OFFERS = 'an offer is answered at once';

const none = (reason: string): UnsupportedFlag => ({value: undefined, reason});

export const UNSUPPORTED_FLAGS: Readonly<Record<string, UnsupportedFlag>> = {
  zk: none(STORE),
  zk_timeout: {value: 10_000, reason: STORE},
  zk_session_timeout: {value: 10_000, reason: STORE},
  zk_connection_timeout: {value: 10_000, reason: STORE},
  backup_location: none(`${STORE}, which have backups of their own`),
  ha: {value: true, reason: 'replicas stand by behind a Lease, one or many'},
  master: none('the master is in the same process'),
  checkpoint: {value: true, reason: 'tasks always outlive Marathon'},
  executor: {value: '//cmd', reason: 'an app that names no executor runs its command'},
  offer_matching_timeout: {value: 3000, reason: OFFERS},
  task_reservation_timeout: {value: 20_000, reason: OFFERS},
  scale_apps_initial_delay: {value: 15_000, reason: ALWAYS},
  scale_apps_interval: {value: 300_000, reason: ALWAYS},
  on_elected_prepare_timeout: {value: 180_000, reason: 'a leader that can not begin ends, and another one takes over'},
  graceful_shutdown_timeout: {value: 45_000, reason: 'a leader that stops waits for its writes, 3 s at most'},
  max_queued_root_group_updates: {value: 500, reason: 'changes wait for each other app by app, not in one queue'},
  leader_proxy_max_open_connections: {
    value: 64,
    reason: 'all connections are bounded together by the limit connections',
  },
  default_network_name: none('pods of a cluster share one network'),
  mesos_bridge_name: {value: 'mesos-bridge', reason: 'pods of a cluster share one network'},
  enable_features: none('every feature that works here is always on'),
  deprecated_features: none('what the original has removed is not here either'),
  maintenance_mode: {value: true, reason: 'agents under maintenance are never used'},
  disable_http: {value: false, reason: 'give the certificate with the flags of the master, and both ports speak HTTPS'},
  https_port: {value: 8443, reason: 'give the certificate with the flags of the master, and both ports speak HTTPS'},
  http_compression: {value: true, reason: 'a proxy before it compresses; the web UI is compressed'},
  logging_level: none('use --log_level'),
  plugin_dir: none('plugins of the original are Java'),
  plugin_conf: none('plugins of the original are Java'),
  metrics_name_prefix: {value: 'marathon', reason: 'dashboards and alerts know the metrics by their names'},
  metrics_prometheus: {value: true, reason: 'it is always on'},
  metrics_statsd: {value: false, reason: 'use Prometheus'},
  metrics_datadog: {value: false, reason: 'use Prometheus'},
};
