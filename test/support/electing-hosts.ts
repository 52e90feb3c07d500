import {createLeaderElector, type LeaderElector} from '../../src/controller/runtime/leader-election.ts';
import {networkError} from '../../src/kube/kube-error.ts';
import {silentLogger} from '../../src/kube/log.ts';
import type {KubeClient, KubeError, KubeObject, ResourceKind} from '../../src/kube/types.ts';
import type {Clock, Random, Timer} from '../../src/lib/clock.ts';
import {err, type Result} from '../../src/lib/result.ts';
import type {TestKube} from './test-kube.ts';
import type {VirtualClock} from './virtual-clock.ts';

export type HostOptions = {
  readonly name: string;
  readonly kube: TestKube;
  readonly time: VirtualClock;
  readonly random: Random;
  /** One way, milliseconds. */
  readonly lagMs: number;
  /** How far this machine's clocks differ from the true time. */
  readonly skewMs: number;
};

/**
 * A machine that runs one contender for the Lease `master`, and starts a new one after a loss, as a kubelet would. It
 * can stall (nothing runs, answers wait), be cut off, or lose the answers to calls that took effect.
 */
export class ElectingHost {
  elector: LeaderElector;
  /** What happened, with the true time. */
  readonly history: {readonly what: 'started' | 'lost' | 'released'; readonly atMs: number}[] = [];
  readonly #options: HostOptions;
  #stalledUntilMs = 0;
  #cutUntilMs = 0;
  #deafUntilMs = 0;
  #processes = 0;

  constructor(options: HostOptions) {
    this.#options = options;
    this.elector = this.#boot();
  }

  stall(ms: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#nowMs + ms);
  }

  cutOff(ms: number): void {
    this.#cutUntilMs = this.#nowMs + ms;
  }

  loseAnswers(ms: number): void {
    this.#deafUntilMs = this.#nowMs + ms;
  }

  /** Everything works again, also what a stall holds back. */
  heal(): void {
    this.#stalledUntilMs = this.#cutUntilMs = this.#deafUntilMs = this.#nowMs;
  }

  kill(): void {
    this.stall(Infinity);
    this.cutOff(Infinity);
  }

  get dead(): boolean {
    return this.#cutUntilMs === Infinity;
  }

  get #nowMs(): number {
    return this.#options.time.monotonic();
  }

  #boot(): LeaderElector {
    const elector = createLeaderElector({
      client: this.#client(),
      namespace: 'ns',
      name: 'master',
      identity: `${this.#options.name}-${this.#processes++}`,
      annotations: {address: this.#options.name},
      clock: this.#clock(),
      random: this.#options.random,
      log: silentLogger,
      onStartedLeading: () => void this.history.push({what: 'started', atMs: this.#nowMs}),
      onStoppedLeading: why => {
        this.history.push({what: why, atMs: this.#nowMs});
        if (why === 'lost') this.elector = this.#boot();
      },
    });
    elector.start();
    return elector;
  }

  #clock(): Clock {
    const {time, skewMs} = this.#options;
    return {
      now: () => time.now() + skewMs,
      monotonic: () => time.monotonic() + skewMs,
      after: (ms, callback) => this.#whenAwake(ms, callback),
    };
  }

  #whenAwake(ms: number, callback: () => void): Timer {
    const {time} = this.#options;
    let timer: Timer;
    const wait = (delayMs: number): void => {
      timer = time.after(delayMs, () => (this.#asleep ? wait(100) : callback()));
    };
    wait(ms);
    return {cancel: () => timer.cancel()};
  }

  get #asleep(): boolean {
    return this.#nowMs < this.#stalledUntilMs;
  }

  #client(): KubeClient {
    const {kube} = this.#options;
    const {client} = kube;
    const over = <T>(call: () => Promise<Result<T, KubeError>>): Promise<Result<T, KubeError>> =>
      this.#overNetwork(call);
    return {
      ...client,
      get: <T>(kind: ResourceKind, name: string, namespace?: string) =>
        over(() => client.get<T>(kind, name, namespace)),
      create: <T>(kind: ResourceKind, object: KubeObject) => over(() => client.create<T>(kind, object)),
      update: <T>(kind: ResourceKind, object: KubeObject) => over(() => client.update<T>(kind, object)),
    };
  }

  async #overNetwork<T>(call: () => Promise<Result<T, KubeError>>): Promise<Result<T, KubeError>> {
    const {time, lagMs} = this.#options;
    await new Promise<void>(resolve => time.after(lagMs, resolve));
    const cut = this.#nowMs < this.#cutUntilMs;
    const answer: Result<T, KubeError> = cut ? err(networkError('cut off')) : await call();
    const deaf = this.#nowMs < this.#deafUntilMs;
    await new Promise<void>(resolve => this.#whenAwake(lagMs, resolve));
    return deaf ? err(networkError('answer lost')) : answer;
  }
}
