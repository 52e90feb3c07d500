// The parts of Marathon's answers that are shown. Times in ISO 8601, `mem` and `disk` in MiB.

export type HealthResult = {
  readonly alive: boolean;
  readonly firstSuccess?: string;
  readonly lastSuccess?: string;
  readonly lastFailure?: string;
  readonly lastFailureCause?: string;
  readonly consecutiveFailures: number;
};

export type Task = {
  readonly id: string;
  readonly appId: string;
  readonly host: string;
  readonly slaveId?: string;
  readonly state: string;
  readonly stagedAt?: string;
  readonly startedAt?: string;
  readonly version: string;
  readonly ports?: readonly number[];
  readonly ipAddresses?: readonly {readonly ipAddress: string}[];
  readonly healthCheckResults?: readonly HealthResult[];
  readonly localVolumes?: readonly unknown[];
};

export type Failure = {
  readonly taskId: string;
  readonly state: string;
  readonly message: string;
  readonly host: string;
  readonly timestamp: string;
  readonly version: string;
};

/** An app as Marathon shows it; what a person may write is in it under the same names. */
export type App = {
  readonly id: string;
  readonly instances: number;
  readonly cpus: number;
  readonly mem: number;
  readonly disk?: number;
  readonly cmd?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly container?: {readonly volumes?: readonly {readonly persistent?: unknown; readonly external?: unknown}[]};
  readonly healthChecks?: readonly unknown[];
  readonly version: string;
  readonly versionInfo?: {readonly lastScalingAt: string; readonly lastConfigChangeAt: string};
  readonly tasksStaged?: number;
  readonly tasksRunning?: number;
  readonly tasksHealthy?: number;
  readonly tasksUnhealthy?: number;
  readonly deployments?: readonly {readonly id: string}[];
  readonly tasks?: readonly Task[];
  readonly lastTaskFailure?: Failure;
  readonly tasksStats?: Readonly<Record<string, {readonly stats: TaskStats}>>;
  readonly [field: string]: unknown;
};

export type TaskStats = {
  readonly counts: Readonly<Record<'staged' | 'running' | 'healthy' | 'unhealthy', number>>;
  readonly lifeTime?: {readonly averageSeconds: number; readonly medianSeconds: number};
};

export type Reason = {readonly reason: string; readonly declined: number; readonly processed: number};

export type Queued = {
  readonly count: number;
  readonly since: string;
  readonly delay: {readonly timeLeftSeconds: number; readonly overdue: boolean};
  readonly app?: {readonly id: string};
  readonly pod?: {readonly id: string};
  readonly processedOffersSummary: {
    readonly processedOffersCount: number;
    readonly unusedOffersCount: number;
    readonly rejectSummaryLastOffers: readonly Reason[];
  };
};

export type Action = {readonly action: string; readonly app?: string; readonly pod?: string};

export type Deployment = {
  readonly id: string;
  readonly version: string;
  readonly affectedApps: readonly string[];
  readonly affectedPods?: readonly string[];
  readonly steps: readonly {readonly actions: readonly Action[]}[];
  readonly currentActions: readonly Action[];
  readonly currentStep: number;
  readonly totalSteps: number;
};

export type Group = {
  readonly id: string;
  readonly apps?: readonly App[];
  readonly groups?: readonly Group[];
};

export const APPS = 'v2/apps?embed=apps.counts&embed=apps.deployments';
export const appPath = (id: string): string =>
  `v2/apps/${id.split('/').filter(Boolean).map(encodeURIComponent).join('/')}`;
export const groupPath = (id: string): string =>
  `v2/groups/${id.split('/').filter(Boolean).map(encodeURIComponent).join('/')}`;

export const STATUSES = ['Running', 'Deploying', 'Suspended', 'Delayed', 'Waiting'] as const;
export type Status = (typeof STATUSES)[number];

/** What an app is doing, the first that fits; the launch queue knows better than the counts. */
export function statusOf(app: App, queued: Queued | undefined): Status | undefined {
  if (queued !== undefined) return queued.delay.overdue ? 'Waiting' : 'Delayed';
  if ((app.deployments ?? []).length > 0) return 'Deploying';
  if (app.instances === 0 && (app.tasksRunning ?? 0) === 0) return 'Suspended';
  return (app.tasksRunning ?? 0) > 0 ? 'Running' : undefined;
}

/** Why it waits, in a sentence with numbers; undefined: it does not. */
export function waitingReason({delay, count, processedOffersSummary: seen}: Queued): string | undefined {
  const many = count === 1 ? 'One instance waits' : `${count} instances wait`;
  if (!delay.overdue) return `${many} after failures: the next start is in ${Math.ceil(delay.timeLeftSeconds)} s`;
  const refused = seen.rejectSummaryLastOffers.find(({declined}) => declined > 0);
  if (refused === undefined) return `${many} for an offer`;
  const {declined, processed, reason} = refused;
  return `${many} for an offer that fits: ${declined} of the last ${processed} offers were refused because of ${wordsOf(reason)}`;
}

const wordsOf = (reason: string): string => reason.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** Health of a task: what never succeeded is unhealthy, what was never asked is unknown. */
export function healthOf({healthCheckResults: results = []}: Task): 'Healthy' | 'Unhealthy' | 'Unknown' {
  if (results.length === 0) return 'Unknown';
  return results.every(({alive, firstSuccess}) => alive && firstSuccess !== undefined) ? 'Healthy' : 'Unhealthy';
}

/** Counts of instances in the order in which the bar shows them. */
export function countsOf(app: App) {
  const {
    instances,
    tasksRunning: running = 0,
    tasksStaged: staged = 0,
    tasksHealthy: healthy = 0,
    tasksUnhealthy: unhealthy = 0,
  } = app;
  return [
    {name: 'healthy', value: healthy, tone: 'good'},
    {name: 'unhealthy', value: unhealthy, tone: 'bad'},
    {name: 'of unknown health', value: Math.max(0, running - healthy - unhealthy), tone: 'unknown'},
    {name: 'staged', value: staged, tone: 'busy'},
    {name: 'over capacity', value: Math.max(0, running + staged - instances), tone: 'over'},
    {name: 'not started', value: Math.max(0, instances - running - staged), tone: 'none'},
  ] as const;
}

/** What the server adds to an app; a person does not send it back. */
const ADDED = [
  'version',
  'versionInfo',
  'tasks',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'deployments',
  'lastTaskFailure',
  'taskStats',
  'tasksStats',
  'readinessCheckResults',
  'ports',
  'uris',
  'fullyQualifiedId',
];

/** The definition alone. */
export const definitionOf = (app: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(app).filter(([name]) => !ADDED.includes(name)));

/** The fields of `wanted` that differ from `now`. Marathon leaves the others as they are. */
export const changedFields = (
  wanted: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now[name])),
  );

export type DiffLine = {readonly mark: ' ' | '+' | '-'; readonly text: string};

/** Two texts line by line, by their longest common sequence of lines. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const common = Array.from({length: a.length + 1}, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({mark: ' ', text: a[i]!});
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({mark: '-', text: a[i]!});
      i += 1;
    } else {
      lines.push({mark: '+', text: b[j]!});
      j += 1;
    }
  }
  return lines;
}
