import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import type {MasterFlags} from '../flags.ts';
import type {Metrics} from '../telemetry/metrics.ts';
import type {VersionInfo} from './calls/operator-gate.ts';

/** What a master is given by the program around it. */
export type MasterContext = {
  /** Writes only while this process leads. */
  readonly client: KubeClient;
  /** One namespace is one Mesos cluster. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly flags: MasterFlags;
  /** The flags in effect, as text. */
  readonly flagTexts: Readonly<Record<string, string>>;
  readonly version: VersionInfo;
  readonly metrics: Metrics;
  /** When the process started, wall clock. */
  readonly startedMs: number;
  /** A random UUID, and one as 16 bytes in base64. */
  readonly newUuid: () => string;
  readonly newUuidBytes: () => string;
  /** The process cannot go on and should end. */
  readonly onFatal: (reason: string) => void;
};
