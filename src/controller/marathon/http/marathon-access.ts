import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import type {KubeError} from '../../../kube/types.ts';
import type {Result} from '../../../lib/result.ts';
import type {Command} from '../core/commands.ts';
import type {AppId} from '../core/ids.ts';
import type {MarathonState} from '../core/state.ts';

/** Time and id of a change, chosen by whoever asks for it. */
export type Stamp = {readonly version: string; readonly deploymentId: string};

/** A change of a MarathonApp object. `spec` is complete, without `id`. */
export type AppChange =
  | {readonly kind: 'create'; readonly id: AppId; readonly spec: MarathonAppSpec; readonly stamp: Stamp}
  | {readonly kind: 'replace'; readonly name: string; readonly spec: MarathonAppSpec; readonly stamp: Stamp}
  | {readonly kind: 'restart'; readonly name: string; readonly stamp: Stamp}
  | {readonly kind: 'delete'; readonly name: string; readonly stamp: Stamp};

/** What the REST interface needs of Marathon. */
export type MarathonAccess = {
  /** Read only here. */
  readonly state: MarathonState;
  readonly now: () => number;
  readonly newDeploymentId: () => string;
  /** Writes the object and resolves when the core has seen it, so that the next read shows it. */
  readonly change: (change: AppChange) => Promise<Result<void, KubeError>>;
  /** Takes a command in and performs its effects. */
  readonly command: (command: Command) => void;
};
