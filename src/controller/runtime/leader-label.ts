import {LEADER_LABEL} from '../../crds/meta.ts';
import {Backoff} from '../../kube/backoff.ts';
import {explainKubeError, isGone} from '../../kube/kube-error.ts';
import {PODS} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient, KubeError, KubeObject} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import {ok, type Result} from '../../lib/result.ts';

/** Of pods that a Deployment may take away, those with the lower cost go first: the leader goes last, and once. */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const LEADER_COST = '1000';

export type LeaderLabelOptions = {
  /** Writes only while this process leads. */
  readonly client: KubeClient;
  readonly namespace: string;
  /** This process's own pod; undefined outside of Kubernetes: nothing is labelled then. */
  readonly podName: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

export type LeaderLabel = {
  /** Labels the own pod and takes the label from others; tries until that is so, or `drop` is called. */
  readonly take: () => void;
  /** Takes the label from the own pod, once: when it can't be had, the next leader does it. */
  readonly drop: () => Promise<void>;
};

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5000;

/** Lets Services follow the leader. Readiness stays free to mean "can answer", which standbys can, too. */
export function createLeaderLabel({client, namespace, podName, clock, random, log}: LeaderLabelOptions): LeaderLabel {
  if (podName === undefined) return {take: () => {}, drop: async () => {}};
  const backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, random);
  let dropped = false;

  const take = async (): Promise<void> => {
    if (dropped) return;
    const taken = await labelOnly(client, namespace, podName);
    if (taken.ok) return log.info('leader label taken', {pod: podName});
    if (taken.error.kind === 'fenced') return;
    log.warn('leader label not taken', {pod: podName, reason: explainKubeError(taken.error)});
    clock.after(backoff.nextMs(), () => void take());
  };
  const drop = async (): Promise<void> => {
    dropped = true;
    const unlabelled = await setLabel(client, namespace, podName, null);
    if (!unlabelled.ok) log.warn('leader label stays', {pod: podName, reason: explainKubeError(unlabelled.error)});
  };
  return {take: () => void take(), drop};
}

/** First the others': a Service with two leaders is worse than one with none for a moment. */
async function labelOnly(client: KubeClient, namespace: string, podName: string): Promise<Result<unknown, KubeError>> {
  const labelled = await client.list<KubeObject>(PODS, {namespace, labelSelector: `${LEADER_LABEL}=true`});
  if (!labelled.ok) return labelled;
  const others = labelled.value.items.map(pod => pod.metadata.name).filter(name => name !== podName);
  for (const name of others) {
    const unlabelled = await setLabel(client, namespace, name, null);
    if (!unlabelled.ok) return unlabelled;
  }
  return setLabel(client, namespace, podName, 'true');
}

async function setLabel(
  client: KubeClient,
  namespace: string,
  name: string,
  value: 'true' | null,
): Promise<Result<unknown, KubeError>> {
  const cost = value === null ? null : LEADER_COST;
  const body = {metadata: {labels: {[LEADER_LABEL]: value}, annotations: {[DELETION_COST]: cost}}};
  const patched = await client.patch(PODS, name, namespace, 'merge', body);
  return !patched.ok && value === null && isGone(patched.error) ? ok(undefined) : patched;
}
