/** What an agent's Lease says. `holder` empty: the agent released it, it said goodbye. */
export type LeaseView = {readonly holder: string; readonly renewTime: string | undefined};

/**
 * `unheard`: not silent for long enough to say. `alive`: renewed within the timeout. `silent`: not renewed for the
 * timeout. `released`: it said goodbye.
 */
export type Verdict = 'unheard' | 'alive' | 'silent' | 'released';

type Entry = {
  lease: LeaseView | undefined;
  /** When the waiting for a sign of life began, by our monotonic clock. */
  sinceMs: number;
  /** Whether there was one: `sinceMs` is when the last came. */
  heard: boolean;
};

/**
 * Judges agents by the changes of their Leases, with our own clock: an agent's clock may be wrong, but a renewTime that
 * changes proves that somebody renews it. Times are monotonic milliseconds unless named otherwise.
 */
export class AgentLiveness {
  readonly #silenceMs: number;
  readonly #entries = new Map<string, Entry>();
  #lastTickMs: number | undefined;

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** The agent exists; the wait for its Lease begins when it is named first. */
  expect(name: string, nowMs: number): void {
    if (!this.#entries.has(name)) this.#entries.set(name, {lease: undefined, sinceMs: nowMs, heard: false});
  }

  /** @param lease undefined when there is none (any more) */
  seen(name: string, lease: LeaseView | undefined, nowMs: number, wallMs: number): void {
    this.expect(name, nowMs);
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    const before = entry.lease;
    entry.lease = lease;
    if (lease === undefined || lease.renewTime === before?.renewTime) return;
    // The first look proves nothing, unless the Lease was renewed just now: else every restart would have to wait.
    if (before === undefined && !this.#isFresh(lease, wallMs)) return;
    entry.heard = true;
    entry.sinceMs = nowMs;
  }

  forget(name: string): void {
    this.#entries.delete(name);
  }

  verdict(name: string, nowMs: number): Verdict {
    const entry = this.#entries.get(name);
    if (entry === undefined) return 'unheard';
    if (entry.lease?.holder === '') return 'released';
    if (nowMs - entry.sinceMs >= this.#silenceMs) return 'silent';
    return entry.heard ? 'alive' : 'unheard';
  }

  /** To be called regularly. After a pause of this process nobody is blamed for the time in which it heard nothing. */
  tick(nowMs: number): void {
    const pause = nowMs - (this.#lastTickMs ?? nowMs);
    this.#lastTickMs = nowMs;
    if (pause < this.#silenceMs / 2) return;
    for (const entry of this.#entries.values()) entry.sinceMs = Math.min(nowMs, entry.sinceMs + pause);
  }

  #isFresh(lease: LeaseView, wallMs: number): boolean {
    const renewedMs = Date.parse(lease.renewTime ?? '');
    return Math.abs(wallMs - renewedMs) < this.#silenceMs;
  }
}
