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

/** GET /v2/info. Durations of `marathon_config` are milliseconds, as in Marathon. */
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
      ...Object.fromEntries(Object.entries(flags).map(([name, text]) => [name, numberOr(text)])),
      master: options.masterUrl,
      mesos_leader_ui_url: options.masterUrl,
      ha: true,
      checkpoint: true,
      features: [],
    },
    zookeeper_config: {},
    http_config: {http_port: options.httpPort, https_port: 8443},
  };
}

const numberOr = (text: string): string | number => (/^-?\d+([.]\d+)?$/.test(text) ? Number(text) : text);
