import type {OperatorTransport, SchedulerTransport} from '../../api/mesos/v1/transport.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import type {Counts} from './counts.ts';
import type {EventHub} from './event-hub.ts';
import type {MarathonFlags} from './flags.ts';
import type {Ask} from './inbox/task-prober.ts';

export type MarathonOptions = {
  /** Fenced: it writes only while this process holds the Lease. */
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly flags: MarathonFlags;
  readonly scheduler: SchedulerTransport;
  readonly operator: OperatorTransport;
  /** Told to the master with the subscription. */
  readonly hostname?: string;
  readonly webuiUrl?: string;
  /** Performs a health or readiness check; over the network when absent. */
  readonly ask?: Ask;
  /** The state was dropped after a mistake of ours, and is read anew. */
  readonly onRebuilt: () => void;
  /** Mistakes of ours that no rebuilding helps against: another process may do better. */
  readonly onFatal: (reason: string) => void;
};

export type LeadingOptions = MarathonOptions & {readonly events: EventHub; readonly counts: Counts};
