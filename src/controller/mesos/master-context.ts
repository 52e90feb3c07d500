import type {OperatorResponse} from '../../api/mesos/v1/operator.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import type {Guard} from '../access/guard.ts';
import type {MasterFlags} from '../flags.ts';
import type {Metrics} from '../telemetry/metrics.ts';
import type {Verbosity} from '../runtime/verbosity.ts';
import type {VirtualFiles} from '../web/virtual-files.ts';
import type {Slices} from '../runtime/owner-options.ts';
import type {Command} from './core/commands.ts';
import type {Effect} from './core/effects.ts';
import type {Master} from './core/state.ts';

/** Version and build as `/version` and GET_VERSION show them. */
export type VersionInfo = NonNullable<OperatorResponse['get_version']>['version_info'];

/** Changes the state; answers what follows from it. */
export type MasterStep = (master: Master, command: Command, nowMs: number) => readonly Effect[] | Slices<Effect>;

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
  /** Who may what. */
  readonly guard: Guard;
  /** The flags in effect, as text. */
  readonly flagTexts: Readonly<Record<string, string>>;
  readonly version: VersionInfo;
  readonly metrics: Metrics;
  readonly verbosity: Verbosity;
  /** The log, where it is a file. */
  readonly files: VirtualFiles;
  /** When the process started, wall clock. */
  readonly startedMs: number;
  /** A random UUID, and one as 16 bytes in base64. */
  readonly newUuid: () => string;
  readonly newUuidBytes: () => string;
  /** Instead of the master's step: tests make it fail. */
  readonly step?: MasterStep;
  /** The process cannot go on and should end. */
  readonly onFatal: (reason: string) => void;
};
