import type {AgentLease} from './agent-record.ts';

/**
 * `unheard`: not silent for long enough to say. `alive`: renewed within the timeout. `silent`: not renewed for the
 * timeout. `released`: it said goodbye.
 */
export type Verdict = 'unheard' | 'alive' | 'silent' | 'released';

/** What is known of an agent's Lease. It is judged by its changes: the agent's clock may be wrong. Times are the master's. */
export type Liveness = {
  lease: AgentLease | undefined;
  /** When the waiting for a sign of life began. */
  sinceMs: number;
  /** Whether there was one: `sinceMs` is when the last came. */
  heard: boolean;
};

/** The wait for the Lease begins. */
export const newLiveness = (nowMs: number): Liveness => ({lease: undefined, sinceMs: nowMs, heard: false});

/** @param lease undefined when there is none (any more) */
export function hear(liveness: Liveness, lease: AgentLease | undefined, nowMs: number, silenceMs: number): void {
  const before = liveness.lease;
  liveness.lease = lease;
  if (lease === undefined || lease.renewTime === before?.renewTime) return;
  // The first look proves nothing, unless the Lease was renewed just now: else every restart would have to wait.
  if (before === undefined && !isFresh(lease, nowMs, silenceMs)) return;
  liveness.heard = true;
  liveness.sinceMs = nowMs;
}

function isFresh(lease: AgentLease, nowMs: number, silenceMs: number): boolean {
  const renewedMs = Date.parse(lease.renewTime ?? '');
  return Math.abs(nowMs - renewedMs) < silenceMs;
}

export function verdictOf({heard, lease, sinceMs}: Liveness, nowMs: number, silenceMs: number): Verdict {
  if (lease?.holder === '') return 'released';
  if (nowMs - sinceMs >= silenceMs) return 'silent';
  return heard ? 'alive' : 'unheard';
}
