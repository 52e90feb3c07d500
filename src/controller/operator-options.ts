import type {Logger} from '../kube/log.ts';
import type {Clock, Random} from '../lib/clock.ts';
import type {MasterFlags} from './flags.ts';
import type {MarathonFlags} from './marathon/flags.ts';

/** What the program around it gives an operator. */
export type OperatorOptions = {
  readonly kubeconfigPath: string | undefined;
  /** This process's variables: where a pod finds its API server. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly namespace: string;
  /** Unique for this process. */
  readonly identity: string;
  /** The pod this process runs in: it is labelled while this process leads. Undefined outside of Kubernetes. */
  readonly podName?: string | undefined;
  readonly master: MasterFlags;
  readonly marathon: MarathonFlags;
  /** Where Marathon answers over HTTP. */
  readonly marathonAddress: {readonly ip: string; readonly port: number};
  /** Names of the flags that gave the two ports, for messages. */
  readonly portFlags: {readonly master: string; readonly marathon: string};
  readonly lease: {readonly durationMs: number; readonly renewDeadlineMs: number; readonly retryPeriodMs: number};
  /** Of all calls but Leases and watches; unlimited when absent. */
  readonly rateLimit?: {readonly qps: number; readonly burst: number};
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Somebody wants another process to lead: this one ends in order, and gives its Lease back first. */
  readonly onAbdicated: () => void;
  /** This process must end: it lost its Lease, or its state can't be trusted. */
  readonly onFatal: (reason: string) => void;
};
