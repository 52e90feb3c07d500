import {MARATHON_GROUPS} from '../../../crds/marathon-group.ts';
import type {KubeClient, KubeError} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {ok, type Result} from '../../../lib/result.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import {patchStatus, setCondition} from '../../runtime/status.ts';
import {groupCondition, groupStatus} from '../core/groups/group-status.ts';
import type {AppId} from '../core/ids.ts';
import type {MarathonState} from '../core/state.ts';

/** Many apps of a group may change at once, and each change is looked at with all of them. */
const STATUS_INTERVAL_MS = 1000;

export type GroupWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly outbox: Outbox;
  /** Undefined while it is being rebuilt. */
  readonly state: () => MarathonState | undefined;
  readonly clock: Clock;
};

/** Writes the status of MarathonGroups. */
export class GroupWriter {
  readonly #options: GroupWriterOptions;

  constructor(options: GroupWriterOptions) {
    this.#options = options;
  }

  changed(id: AppId): void {
    for (const name of this.#options.state()?.groupClaims.get(id) ?? []) {
      const key = `${MARATHON_GROUPS.plural}/${name}`;
      this.#options.outbox.latest(key, 'status', () => this.#write(name), {everyMs: STATUS_INTERVAL_MS});
    }
  }

  async #write(name: string): Promise<Result<unknown, KubeError>> {
    const {client, namespace, state, clock} = this.#options;
    const now = state();
    const group = now?.groupObjects.get(name);
    if (now === undefined || group === undefined) return ok(undefined);
    const {uid, status: held, generation} = group.object;
    const nowMs = clock.now();
    const condition = groupCondition(now, group, nowMs);
    const conditions = setCondition(held?.conditions ?? [], condition, new Date(nowMs).toISOString(), generation);
    const wanted = {...groupStatus(now, group), conditions};
    return patchStatus(client, MARATHON_GROUPS, {name, namespace, uid, status: held}, wanted);
  }
}
