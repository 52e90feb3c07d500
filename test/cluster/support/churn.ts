import {PODS} from '../../../src/kube/kinds.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import {hasEnded, type Pod} from './objects.ts';
import {Observer} from './observer.ts';
import type {RealCluster} from './real-cluster.ts';

export type ChurnOptions = {
  readonly image: string;
  /** Foreign pods that are there at the same time. */
  readonly atOnce: number;
};

/** Pods that came, and the reasons why kubelets refused some. */
export type Count = {readonly seen: number; readonly refused: readonly string[]};

const PREFIX = 'churn-of-others-';
const MOST_MS = 240_000;
const CPUS = ['50m', '100m', '150m', '200m'];

/** Pods of somebody else that kube-scheduler places, live for a few seconds, and are replaced. */
export class Churn {
  readonly #cluster: RealCluster;
  readonly #namespace: string;
  readonly #options: ChurnOptions;
  readonly #pods: Observer<Pod>;
  readonly #startedMs = performance.now();
  #made = 0;

  private constructor(cluster: RealCluster, namespace: string, options: ChurnOptions, pods: Observer<Pod>) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#options = options;
    this.#pods = pods;
  }

  static async start(cluster: RealCluster, namespace: string, options: ChurnOptions): Promise<Churn> {
    const pods = await Observer.start(cluster.client, PODS, namespace, object => object as Pod);
    return new Churn(cluster, namespace, options, pods);
  }

  /** Goes on for so long, and on a busy machine longer, until tasks of ours came too; then takes its own pods away. */
  async run(forMs: number, leastTasks: number): Promise<{readonly ours: Count; readonly foreign: Count}> {
    const goesOn = (): boolean => {
      const ranMs = performance.now() - this.#startedMs;
      return ranMs < forMs || (ranMs < MOST_MS && this.#count(isTask).seen < leastTasks);
    };
    while (goesOn()) {
      const mine = this.#pods.list().filter(isMine);
      for (const pod of mine) if (hasEnded(pod)) await this.#delete(pod);
      if (mine.length < this.#options.atOnce) await this.#create();
      // Until something happens, or it is time for one more.
      const {length} = this.#pods.events;
      await this.#pods.until('a change', () => this.#pods.events.length > length, 100).catch(() => {});
    }
    this.#pods.stop();
    for (const pod of this.#pods.list().filter(isMine)) await this.#delete(pod);
    return {ours: this.#count(isTask), foreign: this.#count(isMine)};
  }

  #count(counts: (pod: Pod) => boolean): Count {
    const seen = new Map<string, string | undefined>();
    for (const {event, atMs} of this.#pods.events) {
      const {uid = ''} = event.object.metadata;
      if (counts(event.object)) seen.set(uid, seen.get(uid) ?? refusal(event.object, atMs - this.#startedMs));
    }
    return {seen: seen.size, refused: [...seen.values()].filter(reason => reason !== undefined)};
  }

  async #create(): Promise<void> {
    const number = this.#made++;
    const requests = {cpu: CPUS[number % CPUS.length], memory: '8Mi'};
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name: `${PREFIX}${number}`, namespace: this.#namespace},
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [
          {name: 'c', image: this.#options.image, command: ['sleep', String(2 + (number % 4))], resources: {requests}},
        ],
      },
    };
    await this.#cluster.client.create(PODS, pod);
  }

  async #delete({metadata: {name}}: KubeObject): Promise<void> {
    await this.#cluster.client.delete(PODS, name, this.#namespace);
  }
}

const isMine = ({metadata}: Pod): boolean => metadata.name.startsWith(PREFIX);
const isTask = ({metadata}: Pod): boolean => metadata.labels?.['mesos.dev/managed'] === 'true';

/** What the kubelet says when it does not let a pod in for want of room. */
function refusal({status, spec}: Pod, afterMs: number): string | undefined {
  const {phase, reason = '', message = ''} = status ?? {};
  return phase === 'Failed' && /^(OutOf|NodePorts)/.test(reason)
    ? `${spec?.nodeName} after ${Math.round(afterMs / 1000)} s: ${reason}: ${message}`
    : undefined;
}
