/** What the results of one health check amount to for one task. Times are wall-clock milliseconds. */
export type CheckHealth = {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccessMs?: number;
  readonly lastSuccessMs?: number;
  readonly lastFailureMs?: number;
  readonly lastFailureCause?: string;
};

export const afterSuccess = (before: CheckHealth | undefined, nowMs: number): CheckHealth => ({
  ...before,
  alive: true,
  consecutiveFailures: 0,
  firstSuccessMs: before?.firstSuccessMs ?? nowMs,
  lastSuccessMs: nowMs,
});

export const afterFailure = (before: CheckHealth | undefined, cause: string, nowMs: number): CheckHealth => ({
  ...before,
  alive: false,
  consecutiveFailures: (before?.consecutiveFailures ?? 0) + 1,
  lastFailureMs: nowMs,
  lastFailureCause: cause,
});

/** What a task answered to its `check` last, as the wire has it; empty as long as it is not known. */
export type CheckResult =
  {readonly http: {readonly statusCode?: number}} | {readonly tcp: {readonly succeeded?: boolean}};

/** What a readiness check has come to for one task. */
export type Readiness = {
  readonly ready: boolean;
  /** Kept where the check wants it. */
  readonly lastResponse?: {readonly status: number; readonly contentType: string; readonly body: string};
};
