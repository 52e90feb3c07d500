// The parts of the master's pages that are shown. Times in seconds since the epoch, `mem` and `disk` in MiB.

export type Amounts = {readonly cpus: number; readonly mem: number; readonly disk: number; readonly gpus: number};

export type Agent = {
  readonly id: string;
  readonly hostname: string;
  readonly port: number;
  readonly pid?: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly domain?: {
    readonly fault_domain?: {readonly region?: {readonly name: string}; readonly zone?: {readonly name: string}};
  };
  readonly registered_time?: number;
  readonly reregistered_time?: number;
  readonly resources: Amounts & {readonly ports?: string};
  readonly used_resources: Amounts & {readonly ports?: string};
  readonly offered_resources: Amounts;
  readonly reserved_resources: Readonly<Record<string, Amounts>>;
  readonly active: boolean;
  readonly deactivated: boolean;
  readonly version?: string;
  readonly capabilities?: readonly string[];
  readonly drain_info?: {readonly state?: string};
};

export type Task = {
  readonly id: string;
  readonly name: string;
  readonly framework_id: string;
  readonly executor_id: string;
  readonly slave_id: string;
  readonly state: string;
  readonly role: string;
  readonly resources: Amounts & {readonly ports?: string};
  readonly statuses: readonly {readonly state: string; readonly timestamp?: number; readonly healthy?: boolean}[];
};

export type Offer = {
  readonly id: string;
  readonly slave_id: string;
  readonly allocation_info?: {readonly role?: string};
  readonly resources: Amounts & {readonly ports?: string};
};

export type Framework = {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly webui_url: string;
  readonly principal?: string;
  readonly user?: string;
  readonly active: boolean;
  readonly connected: boolean;
  readonly registered_time: number;
  readonly unregistered_time?: number;
  readonly failover_timeout: number;
  readonly capabilities: readonly string[];
  readonly roles?: readonly string[];
  readonly role?: string;
  readonly used_resources: Amounts;
  readonly offered_resources: Amounts;
  readonly tasks: readonly Task[];
  readonly unreachable_tasks: readonly Task[];
  readonly completed_tasks: readonly Task[];
  readonly offers: readonly Offer[];
};

export type State = {
  readonly version: string;
  readonly id: string;
  readonly cluster?: string;
  readonly hostname: string;
  readonly leader: string;
  readonly start_time: number;
  readonly elected_time?: number;
  readonly activated_slaves: number;
  readonly deactivated_slaves: number;
  readonly unreachable_slaves: number;
  readonly flags: Readonly<Record<string, string>>;
  readonly slaves: readonly Agent[];
  readonly frameworks: readonly Framework[];
  readonly completed_frameworks: readonly Framework[];
};

export type Role = {
  readonly name: string;
  readonly weight: number;
  readonly quota: {
    readonly guarantee: Quantities;
    readonly limit: Quantities;
    readonly consumed: Quantities;
  };
  readonly allocated: Quantities;
  readonly offered: Quantities;
  readonly reserved: Quantities;
  readonly frameworks: readonly string[];
};
export type Quantities = Readonly<Record<string, number>>;

export const NOTHING: Amounts = {cpus: 0, mem: 0, disk: 0, gpus: 0};

export const sum = (all: readonly Amounts[]): Amounts =>
  all.reduce(
    (total, {cpus, mem, disk, gpus}) => ({
      cpus: total.cpus + cpus,
      mem: total.mem + mem,
      disk: total.disk + disk,
      gpus: total.gpus + gpus,
    }),
    NOTHING,
  );

/** The largest part of the cluster that is held of any one resource, 0 to 1. */
export const dominantShare = (held: Quantities, total: Amounts): number =>
  Math.max(
    0,
    ...(['cpus', 'mem', 'disk', 'gpus'] as const).map(name => (total[name] > 0 ? (held[name] ?? 0) / total[name] : 0)),
  );

/** @returns ms of the first and of the last status of a task that has ended */
export function timesOf({statuses, state}: Task): {readonly startedMs?: number; readonly endedMs?: number} {
  const first = statuses.find(status => status.state === 'TASK_RUNNING') ?? statuses[0];
  const last = statuses.at(-1);
  const ended = ['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_GONE', 'TASK_DROPPED'];
  return {
    startedMs: msOf(first?.timestamp),
    endedMs: ended.includes(state) ? msOf(last?.timestamp) : undefined,
  };
}

export const msOf = (seconds: number | undefined): number | undefined =>
  seconds === undefined || seconds === 0 ? undefined : seconds * 1000;
