import {
  domainInfoSchema,
  durationSchema,
  labelsSchema,
  parameterSchema,
  parametersSchema,
  scalarSchema,
  secretSchema,
  trueByDefault,
  volumeModeSchema,
} from './resources.ts';
import {
  bool,
  double,
  enumeration,
  int32,
  list,
  map,
  message,
  optional,
  required,
  text,
  uint32,
  uint64,
} from './schema.ts';
import type {Wire} from './schema.ts';

// What runs and in what: commands, containers, networks, volumes, checks.

export const environmentSchema = message({
  variables: list(
    1,
    message({
      name: required(1, text),
      value: optional(2, text),
      type: optional(3, enumeration({UNKNOWN: 0, VALUE: 1, SECRET: 2}), 'VALUE'),
      secret: optional(4, secretSchema),
    }),
  ),
});
export type Environment = Wire<typeof environmentSchema>;

export const uriSchema = message({
  value: required(1, text),
  executable: optional(2, bool),
  extract: trueByDefault(3),
  cache: optional(4, bool),
  output_file: optional(5, text),
});

/** `shell` true (the default): `sh -c value`. False: exec `value` with `arguments`, argv[0] included. */
export const commandInfoSchema = message({
  uris: list(1, uriSchema),
  environment: optional(2, environmentSchema),
  value: optional(3, text),
  user: optional(5, text),
  shell: trueByDefault(6),
  arguments: list(7, text),
});
export type CommandInfo = Wire<typeof commandInfoSchema>;

/** Deprecated: `config` says how to pull an image. */
const credentialSchema = message({principal: required(1, text), secret: optional(2, text)});

export const imageSchema = message({
  type: required(1, enumeration({APPC: 1, DOCKER: 2})),
  docker: optional(
    3,
    message({name: required(1, text), credential: optional(2, credentialSchema), config: optional(3, secretSchema)}),
  ),
  cached: trueByDefault(4),
});

const mountPropagationSchema = message({
  mode: optional(1, enumeration({UNKNOWN: 0, HOST_TO_CONTAINER: 1, BIDIRECTIONAL: 2})),
});

export const volumeSourceSchema = message({
  type: optional(
    1,
    enumeration({UNKNOWN: 0, DOCKER_VOLUME: 1, SANDBOX_PATH: 2, SECRET: 3, HOST_PATH: 4, CSI_VOLUME: 5}),
  ),
  docker_volume: optional(
    2,
    message({driver: optional(1, text), name: required(2, text), driver_options: optional(3, parametersSchema)}),
  ),
  sandbox_path: optional(
    3,
    message({type: optional(1, enumeration({UNKNOWN: 0, SELF: 1, PARENT: 2})), path: required(2, text)}),
  ),
  secret: optional(4, secretSchema),
  host_path: optional(5, message({path: required(1, text), mount_propagation: optional(2, mountPropagationSchema)})),
});

export const volumeSchema = message({
  container_path: required(1, text),
  host_path: optional(2, text),
  mode: required(3, volumeModeSchema),
  image: optional(4, imageSchema),
  source: optional(5, volumeSourceSchema),
});
export type Volume = Wire<typeof volumeSchema>;

export const portMappingSchema = message({
  host_port: required(1, uint32),
  container_port: required(2, uint32),
  protocol: optional(3, text),
});

export const networkInfoSchema = message({
  groups: list(3, text),
  labels: optional(4, labelsSchema),
  ip_addresses: list(
    5,
    message({protocol: optional(1, enumeration({IPv4: 1, IPv6: 2}), 'IPv4'), ip_address: optional(2, text)}),
  ),
  name: optional(6, text),
  port_mappings: list(7, portMappingSchema),
});
export type NetworkInfo = Wire<typeof networkInfoSchema>;

export const dockerInfoSchema = message({
  image: required(1, text),
  network: optional(2, enumeration({HOST: 1, BRIDGE: 2, NONE: 3, USER: 4}), 'HOST'),
  port_mappings: list(3, portMappingSchema),
  privileged: optional(4, bool, false),
  parameters: list(5, parameterSchema),
  force_pull_image: optional(6, bool),
  /** Deprecated: a volume's source names its driver. */
  volume_driver: optional(7, text),
});
export type DockerInfo = Wire<typeof dockerInfoSchema>;

/** Capabilities of Linux, in the order of their numbers there. */
const LINUX_CAPABILITIES = [
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP',
  'LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER',
  'SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE',
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP',
  'MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ',
].flatMap(line => line.split(' '));

/** Mesos adds 1000 to the number that Linux gives. */
const capabilitySchema = enumeration(
  Object.fromEntries([['UNKNOWN', 0], ...LINUX_CAPABILITIES.map((name, number) => [name, 1000 + number] as const)]),
);
const capabilitiesSchema = message({capabilities: list(1, capabilitySchema)});

export const linuxInfoSchema = message({
  /** Deprecated: the bounding and effective ones in one. */
  capability_info: optional(1, capabilitiesSchema),
  bounding_capabilities: optional(2, capabilitiesSchema),
  effective_capabilities: optional(3, capabilitiesSchema),
  share_pid_namespace: optional(4, bool),
  seccomp: optional(5, message({profile_name: optional(1, text), unconfined: optional(2, bool)})),
  ipc_mode: optional(6, enumeration({UNKNOWN: 0, PRIVATE: 1, SHARE_PARENT: 2})),
  shm_size: optional(7, uint32),
  share_cgroups: trueByDefault(8),
});

const RLIMITS =
  'AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK'.split(' ');
const rlimitTypeSchema = enumeration(
  Object.fromEntries([['UNKNOWN', 0], ...RLIMITS.map((name, index) => [`RLMT_${name}`, index + 1] as const)]),
);

const rlimitInfoSchema = message({
  rlimits: list(
    1,
    message({type: optional(1, rlimitTypeSchema), hard: optional(2, uint64), soft: optional(3, uint64)}),
  ),
});

const ttyInfoSchema = message({
  window_size: optional(1, message({rows: required(1, uint32), columns: required(2, uint32)})),
});

export const containerInfoSchema = message({
  type: required(1, enumeration({DOCKER: 1, MESOS: 2})),
  volumes: list(2, volumeSchema),
  docker: optional(3, dockerInfoSchema),
  hostname: optional(4, text),
  mesos: optional(5, message({image: optional(1, imageSchema)})),
  network_infos: list(7, networkInfoSchema),
  linux_info: optional(8, linuxInfoSchema),
  rlimit_info: optional(9, rlimitInfoSchema),
  tty_info: optional(10, ttyInfoSchema),
});
export type ContainerInfo = Wire<typeof containerInfoSchema>;

const protocolSchema = enumeration({IPv4: 1, IPv6: 2});
const tcpCheckSchema = message({port: required(1, uint32), protocol: optional(2, protocolSchema, 'IPv4')});

export const checkTypeSchema = enumeration({UNKNOWN: 0, COMMAND: 1, HTTP: 2, TCP: 3});

/** Seconds throughout. `statuses` is not honoured, as in Mesos. */
export const healthCheckSchema = message({
  http: optional(
    1,
    message({
      port: required(1, uint32),
      path: optional(2, text),
      scheme: optional(3, text),
      statuses: list(4, uint32),
      protocol: optional(5, protocolSchema, 'IPv4'),
    }),
  ),
  delay_seconds: optional(2, double, 15),
  interval_seconds: optional(3, double, 10),
  timeout_seconds: optional(4, double, 20),
  consecutive_failures: optional(5, uint32, 3),
  grace_period_seconds: optional(6, double, 10),
  command: optional(7, commandInfoSchema),
  type: optional(8, checkTypeSchema),
  tcp: optional(9, tcpCheckSchema),
});
export type HealthCheck = Wire<typeof healthCheckSchema>;

/** Reports only, never kills. Seconds throughout. */
export const checkInfoSchema = message({
  type: optional(1, checkTypeSchema),
  command: optional(2, message({command: required(1, commandInfoSchema)})),
  http: optional(3, message({port: required(1, uint32), path: optional(2, text)})),
  delay_seconds: optional(4, double, 15),
  interval_seconds: optional(5, double, 10),
  timeout_seconds: optional(6, double, 20),
  tcp: optional(7, message({port: required(1, uint32)})),
});
export type CheckInfo = Wire<typeof checkInfoSchema>;

export const checkStatusInfoSchema = message({
  type: optional(1, checkTypeSchema),
  command: optional(2, message({exit_code: optional(1, int32)})),
  http: optional(3, message({status_code: optional(1, uint32)})),
  tcp: optional(4, message({succeeded: optional(1, bool)})),
});

export const killPolicySchema = message({grace_period: optional(1, durationSchema)});

export const visibilitySchema = enumeration({FRAMEWORK: 0, CLUSTER: 1, EXTERNAL: 2});

export const portSchema = message({
  number: required(1, uint32),
  name: optional(2, text),
  protocol: optional(3, text),
  visibility: optional(4, visibilitySchema),
  labels: optional(5, labelsSchema),
});

export const discoveryInfoSchema = message({
  visibility: required(1, visibilitySchema),
  name: optional(2, text),
  environment: optional(3, text),
  location: optional(4, text),
  version: optional(5, text),
  ports: optional(6, message({ports: list(1, portSchema)})),
  labels: optional(7, labelsSchema),
});
export type DiscoveryInfo = Wire<typeof discoveryInfoSchema>;

/** The parent chain of a nested container, as deep as Mesos nests them. */
const containerId = message({value: required(1, text)});
const nestedContainerId = message({value: required(1, text), parent: optional(2, containerId)});
export const containerIdSchema = message({value: required(1, text), parent: optional(2, nestedContainerId)});

export const containerStatusSchema = message({
  network_infos: list(1, networkInfoSchema),
  cgroup_info: optional(2, message({net_cls: optional(1, message({classid: optional(1, uint32)}))})),
  executor_pid: optional(3, uint32),
  container_id: optional(4, containerIdSchema),
});
export type ContainerStatus = Wire<typeof containerStatusSchema>;

export const addressSchema = message({hostname: optional(1, text), ip: optional(2, text), port: required(3, int32)});

export const urlSchema = message({
  scheme: required(1, text),
  address: required(2, addressSchema),
  path: optional(3, text),
  query: list(4, parameterSchema),
  fragment: optional(5, text),
});

/** The master as frameworks see it. `ip` is an IPv4 address as an unsigned integer, network byte order. */
export const masterInfoSchema = message({
  id: required(1, text),
  ip: required(2, uint32),
  port: required(3, uint32),
  pid: optional(4, text),
  hostname: optional(5, text),
  version: optional(6, text),
  address: optional(7, addressSchema),
  domain: optional(8, domainInfoSchema),
  capabilities: list(
    9,
    message({type: optional(1, enumeration({UNKNOWN: 0, AGENT_UPDATE: 1, AGENT_DRAINING: 2, QUOTA_V2: 3}))}),
  ),
});
export type MasterInfo = Wire<typeof masterInfoSchema>;

/** What a task may use at most, by resource name; `Infinity` is no limit. */
export const limits = (number: number) => map(number, scalarSchema);

export const executorTypeSchema = enumeration({UNKNOWN: 0, DEFAULT: 1, CUSTOM: 2});
