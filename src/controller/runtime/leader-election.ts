import {explainKubeError, isConflict, isGone, isTaken} from '../../kube/kube-error.ts';
import {LEASES} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient, KubeError, KubeObject} from '../../kube/types.ts';
import type {Clock, Random, Timer} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {claimLease, decodeLease, releaseLease, RETRY_JITTER, type LeaseClaim} from './lease-record.ts';

/** Who leads, as last seen; `annotations` are the Lease's, for example where the leader listens. */
export type Leader = {
  readonly identity: string;
  readonly isSelf: boolean;
  readonly transitions: number;
  readonly annotations: Readonly<Record<string, string>>;
};

export type LeaderElectorOptions = {
  /** Must not be fenced by this elector: it has to write before it can lead. */
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process, also after a restart, for example `<hostname>_<uuid>`. */
  readonly identity: string;
  /** Is this holder an earlier process in the place of this one, which has ended? Its Lease is taken at once. */
  readonly isPredecessor?: (holder: string) => boolean;
  /** Written to the Lease while leading. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** How long others wait after the last renewal that they saw; 15 s when absent. Whole seconds on the wire. */
  readonly leaseDurationMs?: number;
  /** How long after its last renewal a leader may still act; 10 s when absent. Below the lease duration. */
  readonly renewDeadlineMs?: number;
  /** Pause between attempts, 2 s when absent; while waiting for the Lease up to 2.2 times as long. */
  readonly retryPeriodMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly onStartedLeading: () => void;
  /** `lost`: the process should exit; it never leads again. `released`: `stop` gave the Lease back. */
  readonly onStoppedLeading: (why: 'lost' | 'released') => void;
  /** Somebody else, or nobody (undefined), leads now. */
  readonly onNewLeader?: (leader: Leader | undefined) => void;
};

export type LeaderElector = {
  readonly start: () => void;
  /** May this process act now? False from the renew deadline on, even while the event loop could not run a timer. */
  readonly isLeader: () => boolean;
  readonly leader: () => Leader | undefined;
  /** The Lease has another holder or none, as far as the caller knows: looks at once instead of after the pause. */
  readonly wake: () => void;
  /** The caller watches the Lease and sees this version now: the wait for its end counts from now, not from the next look. */
  readonly saw: (resourceVersion: string) => void;
  /** Stops leading at once and gives the Lease back. Let writes in flight end before. */
  readonly stop: () => Promise<void>;
};

const HELD = 'held by another';

/**
 * Leader election on a Lease by the rules of client-go, fenced in time. Others count from the moment when they *saw* the
 * last renewal. A leader counts from the moment when it *asked* for it. Both use monotonic clocks, so the leader always
 * ends first.
 */
export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const elector = new Elector(options);
  return {
    start: () => elector.start(),
    isLeader: () => elector.isLeader,
    leader: () => elector.leader,
    wake: () => elector.wake(),
    saw: resourceVersion => elector.saw(resourceVersion),
    stop: () => elector.stop(),
  };
}

type Observed = {readonly lease: KubeObject; readonly seenMs: number};
type State = 'new' | 'waiting' | 'leading' | 'ended';

class Elector {
  readonly #options: Required<Omit<LeaderElectorOptions, 'onNewLeader'>> & Pick<LeaderElectorOptions, 'onNewLeader'>;
  readonly #claim: LeaseClaim;
  #state: State = 'new';
  #observed: Observed | undefined;
  #sighting: {readonly resourceVersion: string; readonly seenMs: number} | undefined;
  /** Monotonic; until then this process may act. */
  #leadsUntilMs = -Infinity;
  #next: Timer | undefined;
  #deadline: Timer | undefined;
  #attempt: Promise<void> = Promise.resolve();
  #woken = false;
  #reportedLeader: string | undefined;
  #reportedFailure: string | undefined;

  constructor(options: LeaderElectorOptions) {
    const defaults = {
      annotations: {},
      isPredecessor: () => false,
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2_000,
    };
    this.#options = {...defaults, ...options};
    const {namespace, name, identity, leaseDurationMs, annotations, renewDeadlineMs, retryPeriodMs} = this.#options;
    if (leaseDurationMs <= renewDeadlineMs || renewDeadlineMs <= retryPeriodMs * RETRY_JITTER) {
      throw new Error('leader election: want lease duration > renew deadline > 1.2 x retry period');
    }
    this.#claim = {namespace, name, identity, durationMs: leaseDurationMs, annotations};
  }

  get isLeader(): boolean {
    return this.#state === 'leading' && this.#options.clock.monotonic() < this.#leadsUntilMs;
  }

  get leader(): Leader | undefined {
    if (!this.#observed) return undefined;
    const {holder, transitions, annotations} = decodeLease(this.#observed.lease);
    if (holder === '') return undefined;
    return {identity: holder, isSelf: holder === this.#options.identity, transitions, annotations};
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'waiting';
    this.#tick();
  }

  wake(): void {
    if (this.#state !== 'waiting') return;
    // An attempt under way may have looked too early: there is another one right after it.
    this.#woken = true;
    if (this.#next === undefined) return;
    this.#next.cancel();
    this.#tick();
  }

  saw(resourceVersion: string): void {
    if (this.#sighting?.resourceVersion === resourceVersion) return;
    this.#sighting = {resourceVersion, seenMs: this.#options.clock.monotonic()};
  }

  async stop(): Promise<void> {
    // A Lease that was lost is not given back: writes sent before may still be on their way.
    if (this.#state === 'ended') return;
    const wasLeading = this.#state === 'leading';
    this.#end();
    await this.#inTime(this.#attempt);
    await this.#inTime(this.#release());
    if (wasLeading) this.#options.onStoppedLeading('released');
  }

  #end(): void {
    this.#state = 'ended';
    this.#next?.cancel();
    this.#deadline?.cancel();
  }

  #tick(): void {
    this.#next = undefined;
    this.#woken = false;
    this.#attempt = this.#try().then(() => {
      if (this.#state === 'ended') return;
      this.#next = this.#options.clock.after(this.#pauseMs(), () => this.#tick());
    });
  }

  async #try(): Promise<void> {
    const askedMs = this.#options.clock.monotonic();
    // A timer that ran late, after a stall: the time is over, whatever the Lease says.
    if (this.#state === 'leading' && !this.isLeader) return this.#lose('the event loop stalled');
    const claimed = (await this.#inTime(this.#acquireOrRenew())) ?? err('no answer');
    if (this.#state === 'ended') return;
    if (claimed.ok) this.#renewed(askedMs);
    this.#reportFailure(claimed.ok ? undefined : claimed.error);
    this.#reportLeader();
  }

  #renewed(askedMs: number): void {
    const {clock, renewDeadlineMs, identity, onStartedLeading, log} = this.#options;
    if (this.#state === 'leading' && !this.isLeader) return this.#lose('the answer came too late');
    const untilMs = askedMs + renewDeadlineMs;
    const leftMs = untilMs - clock.monotonic();
    if (leftMs <= 0) return; // Acquired, but the answer took too long to be worth anything; the next attempt renews it.
    this.#leadsUntilMs = untilMs;
    this.#deadline?.cancel();
    this.#deadline = clock.after(leftMs, () => this.#lose('the Lease was not renewed in time'));
    if (this.#state === 'leading') return;
    this.#state = 'leading';
    log.info('leading', {identity, lease: this.#options.name});
    onStartedLeading();
  }

  #lose(reason: string): void {
    if (this.#state !== 'leading') return;
    this.#end();
    this.#options.log.error('leadership lost', {identity: this.#options.identity, lease: this.#options.name, reason});
    this.#options.onStoppedLeading('lost');
  }

  /** Gives up on a call that hangs, so that the next one can still come before the deadline. */
  #inTime<T>(call: Promise<T>): Promise<T | undefined> {
    const {clock, retryPeriodMs} = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.after(2 * retryPeriodMs, () => resolve(undefined));
      call.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  async #acquireOrRenew(): Promise<Result<void, string>> {
    // The leader knows its Lease; asking first would only cost time.
    if (this.#state === 'leading' && this.#observed && (await this.#write(this.#observed.lease)).ok)
      return ok(undefined);
    const {client, namespace, name, identity} = this.#options;
    const read = await client.get(LEASES, name, namespace);
    if (!read.ok && !isGone(read.error)) return err(explainKubeError(read.error));
    if (read.ok) this.#observe(read.value);
    const held = read.ok ? read.value : undefined;
    if (held && decodeLease(held).holder !== identity && this.#heldForMs() > 0) return err(HELD);
    if (this.#state === 'ended') return err('stopped');
    const written = await this.#write(held);
    if (written.ok) return ok(undefined);
    // Somebody else was faster.
    const beaten = isConflict(written.error) || isTaken(written.error);
    return err(beaten ? HELD : explainKubeError(written.error));
  }

  async #write(held: KubeObject | undefined): Promise<Result<KubeObject, KubeError>> {
    const {client, clock} = this.#options;
    const lease = claimLease(this.#claim, held, clock.now());
    const written = held ? await client.update(LEASES, lease) : await client.create(LEASES, lease);
    if (written.ok) this.#observe(written.value);
    return written;
  }

  /** Time starts anew with each version seen; wall clocks of other machines mean nothing here. */
  #observe(lease: KubeObject): void {
    const {resourceVersion} = lease.metadata;
    if (this.#observed?.lease.metadata.resourceVersion === resourceVersion) return;
    const sighting = this.#sighting?.resourceVersion === resourceVersion ? this.#sighting : undefined;
    this.#observed = {lease, seenMs: sighting?.seenMs ?? this.#options.clock.monotonic()};
  }

  /** How long the Lease that was last seen still binds this process; 0 when it is free. */
  #heldForMs(): number {
    if (!this.#observed) return 0;
    const {holder, durationMs} = decodeLease(this.#observed.lease);
    const {identity, isPredecessor} = this.#options;
    if (holder === '' || holder === identity || isPredecessor(holder)) return 0;
    return Math.max(0, this.#observed.seenMs + durationMs - this.#options.clock.monotonic());
  }

  #pauseMs(): number {
    const {retryPeriodMs, random} = this.#options;
    if (this.#state === 'leading') return retryPeriodMs;
    if (this.#woken) return 0;
    const pauseMs = retryPeriodMs * (1 + RETRY_JITTER * random());
    const heldForMs = this.#heldForMs();
    // Not later than when the Lease runs out; a little spread keeps contenders apart.
    return heldForMs > 0 ? Math.min(pauseMs, heldForMs + retryPeriodMs * 0.1 * random()) : pauseMs;
  }

  /** Waiting for another leader is as it should be; anything else is told once, until it changes. */
  #reportFailure(reason: string | undefined): void {
    const {log, name} = this.#options;
    const told = reason === HELD ? undefined : reason;
    if (told !== undefined && told !== this.#reportedFailure) log.warn('lease not held', {lease: name, reason: told});
    this.#reportedFailure = told;
  }

  #reportLeader(): void {
    const {leader} = this;
    if (leader?.identity === this.#reportedLeader) return;
    this.#reportedLeader = leader?.identity;
    if (leader?.isSelf) return;
    this.#options.log.info('leader changed', {leader: leader?.identity ?? 'none', lease: this.#options.name});
    this.#options.onNewLeader?.(leader);
  }

  async #release(): Promise<void> {
    const {client, clock, log, name} = this.#options;
    if (!this.#observed || decodeLease(this.#observed.lease).holder !== this.#options.identity) return;
    const released = await client.update(LEASES, releaseLease(this.#claim, this.#observed.lease, clock.now()));
    if (released.ok) log.info('lease released', {lease: name});
    else log.warn('lease not released', {lease: name, reason: explainKubeError(released.error)});
  }
}
