import type {PodRoom} from './foreign-pods.ts';
import {type Amounts, largest} from './kube-amounts.ts';

/**
 * For so long after somebody else's pod has ended its room is not given to another: the API may say so before the
 * kubelet has forgotten the pod, and until then the kubelet would refuse (OutOfcpu, NodePorts) who comes in its place.
 */
const SETTLE_MS = 1000;

/** A node that was given a pod by kube-scheduler lately is likely to be given another. */
const EXPECT_MS = 60_000;

type Past = {readonly room: PodRoom; readonly atMs: number};

/**
 * What the pods of a node have lately done: what cannot be seen in those that are there. Times are monotonic
 * milliseconds.
 */
export class PodHistory {
  #left: Past[] = [];
  #arrived: Past[] = [];

  /** Somebody else's pod was bound to the node. */
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
   * Room for the next pod of somebody else, as large as the largest that came lately: kube-scheduler may have bound it
   * already, and the master not have heard of it. Nothing on a node that only tasks of ours come to.
   *
   * @param free what nobody has asked for: a pod that asks for more cannot come
   */
  expected(nowMs: number, free: Amounts): Amounts {
    this.#arrived = this.#arrived.filter(({atMs}) => nowMs - atMs < EXPECT_MS);
    const fitting = this.#arrived.filter(({room}) => fits(room.requests, free));
    return fitting.reduce<Amounts>((most, {room}) => largest(most, room.requests), new Map());
  }

  /** When an answer changes by itself; undefined: not before something happens. */
  nextChangeMs(): number | undefined {
    const times = [...this.#left.map(({atMs}) => atMs + SETTLE_MS), ...this.#arrived.map(({atMs}) => atMs + EXPECT_MS)];
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

const fits = (requests: Amounts, free: Amounts): boolean =>
  [...requests].every(([name, amount]) => amount <= (free.get(name) ?? 0));
