import type {PodRoom} from './foreign-pods.ts';
import {type Amounts, largest, plus} from './kube-amounts.ts';

/**
 * How long the room of somebody else's ended pod is kept. The API may report the end before the kubelet has forgotten the
 * pod. Until then the kubelet would refuse a new pod in its place (OutOfcpu, NodePorts).
 */
const SETTLE_MS = 1000;

/** Pods that come in this time came at once: on a busy machine the master may hear of the first after the last. */
const BURST_MS = 2000;

type Past = {readonly room: PodRoom; readonly atMs: number};

/**
 * What the pods of a node have lately done: what cannot be seen in those that are there. Times are monotonic
 * milliseconds.
 */
export class PodHistory {
  readonly #windowMs: number;
  #left: Past[] = [];
  #arrived: Past[] = [];

  /** @param windowMs a node that was given a pod by kube-scheduler in this time is likely to be given another */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Somebody else's pod was bound to the node; in order of time. */
  arrived(room: PodRoom, atMs: number): void {
    this.#arrived.push({room, atMs});
  }

  /** Somebody else's pod ended or vanished. */
  left(room: PodRoom, atMs: number): void {
    this.#left.push({room, atMs});
  }

  /** Pods that ended so lately that the kubelet may not have taken them down yet. */
  settling(nowMs: number): readonly PodRoom[] {
    this.#left = this.#left.filter(({atMs}) => nowMs - atMs < SETTLE_MS);
    return this.#left.map(({room}) => room);
  }

  /**
   * Room for what may come next from somebody else: as much as came at once lately. kube-scheduler may have bound it
   * already, and the master not have heard of it. Nothing on a node that only tasks of ours come to; never more than a
   * quarter of the node.
   */
  expected(nowMs: number, allocatable: Amounts): Amounts {
    this.#arrived = this.#arrived.filter(({atMs}) => nowMs - atMs < this.#windowMs);
    let most: Amounts = new Map();
    let burst: readonly Past[] = [];
    for (const arrival of this.#arrived) {
      burst = [...burst.filter(({atMs}) => arrival.atMs - atMs < BURST_MS), arrival];
      most = largest(
        most,
        burst.reduce<Amounts>((sum, {room}) => plus(sum, room.requests), new Map()),
      );
    }
    return new Map([...most].map(([name, amount]) => [name, Math.min(amount, (allocatable.get(name) ?? 0) / 4)]));
  }

  /** When an answer changes by itself; undefined: not before something happens. */
  nextChangeMs(): number | undefined {
    const times = [
      ...this.#left.map(({atMs}) => atMs + SETTLE_MS),
      ...this.#arrived.map(({atMs}) => atMs + this.#windowMs),
    ];
    return times.length === 0 ? undefined : Math.min(...times);
  }
}
