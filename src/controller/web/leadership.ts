/** What this process is among its replicas. `recovering`: it leads, and is still rebuilding its state. */
export type Phase = 'standby' | 'recovering' | 'leading';

export type Leadership = {
  readonly phase: () => Phase;
  /** `host:port` of the replica that leads; undefined while nobody is known to. */
  readonly leaderAddress: () => string | undefined;
};
