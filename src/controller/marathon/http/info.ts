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
      ...Object.fromEntries(Object.entries(flags).map(([name, text]) => [shownName(name), valueOf(name, text)])),
      ...(leader === undefined ? {} : {hostname: leader.replace(/:\d+$/, '')}),
      master: options.masterUrl,
      mesos_leader_ui_url: options.masterUrl,
      executor: '//cmd',
      ha: true,
      checkpoint: true,
      maintenance_mode: false,
      features: [],
    },
    zookeeper_config: {},
    http_config: {http_port: options.httpPort, https_port: 8443},
  };
}

/** Marathon shows this one flag under another name. */
const shownName = (flag: string): string => (flag === 'launch_tokens' ? 'launch_token' : flag);

const NUMBERS = new Set(
  Object.entries(MARATHON_FLAGS)
    .filter(([, {type}]) => type.schema?.type === 'integer' || type.schema?.type === 'number')
    .map(([name]) => name),
);

const valueOf = (name: string, text: string): string | number => (NUMBERS.has(name) ? Number(text) : text);
