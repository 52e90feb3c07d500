import type {Logger} from '../../kube/log.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock} from '../../lib/clock.ts';
import type {PodEvents} from './pod-events.ts';

/** What every pod of one node shares. */
export type NodeContext = {
  readonly nodeName: string;
  /** `<dataDir>/agents/<name>/pods`. */
  readonly podsDirectory: string;
  /** `<dataDir>/volumes`: the data of PersistentVolumeClaims, for all agents of this machine. */
  readonly claimsDirectory: string;
  /** The node's address, which is every pod's. */
  readonly ip: string;
  readonly client: KubeClient;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly log: Logger;
  /** Variables that every process gets from the host. */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Runs this very program; empty when nobody said how. */
  readonly ownProgram: readonly string[];
  /** The path of docker or podman where one answers. */
  readonly imageProgram?: string;
  /** The second restart in a row waits this long, the next ones twice as long each. */
  readonly crashBackOffMs: number;
};
