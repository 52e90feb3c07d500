import type {KubeObject} from '../../../src/kube/types.ts';

/** A pod, as far as tests read it. */
export type Pod = KubeObject<
  {readonly nodeName?: string; readonly serviceAccountName?: string},
  {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly conditions?: readonly {readonly type: string; readonly status: string}[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state?: {readonly running?: {readonly startedAt: string}};
    }[];
  }
>;

export const decodePod = (object: KubeObject): Pod => object as Pod;

export type Lease = KubeObject<{readonly holderIdentity?: string | null}>;

export const decodeLease = (object: KubeObject): Lease => object as Lease;

export const isRunning = ({metadata, status}: Pod): boolean =>
  status?.phase === 'Running' && metadata.deletionTimestamp === undefined;

/** Its containers have ended for good; the object may stay for its logs. */
export const hasEnded = ({status}: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

export const isReady = (pod: Pod): boolean =>
  isRunning(pod) && (pod.status?.conditions ?? []).some(({type, status}) => type === 'Ready' && status === 'True');

/** What must not change while a task runs on undisturbed. */
export const identityOf = ({metadata, status}: Pod): string => {
  const container = status?.containerStatuses?.[0];
  return [metadata.name, metadata.uid, container?.restartCount, container?.state?.running?.startedAt].join(' ');
};
