import {MESOS_AGENTS} from '../../../crds/mesos-agent.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import {err, type Result} from '../../../lib/result.ts';
import {statusOfMade} from '../objects/made.ts';
import type {Command} from '../core/commands.ts';
import type {Effect} from '../core/effects.ts';
import type {AgentId} from '../core/ids.ts';
import type {ObjectWriter} from './object-writer.ts';

export type ReservationWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly writer: ObjectWriter;
  readonly post: (command: Command) => void;
  /** The MesosAgent's name; undefined when there is none any more. */
  readonly nameOf: (agentId: AgentId) => string | undefined;
};

type SaveReservations = Effect & {readonly kind: 'save-reservations'};

/** Writes what was reserved on agents into their objects' status. */
export class ReservationWriter {
  readonly #options: ReservationWriterOptions;

  constructor(options: ReservationWriterOptions) {
    this.#options = options;
  }

  save(effect: SaveReservations): void {
    const {writer, post, nameOf} = this.#options;
    const {agentId, saveId} = effect;
    const name = nameOf(agentId);
    const refused = (message: string): void => post({kind: 'reservations-not-saved', agentId, saveId, message});
    if (name === undefined) return refused('the MesosAgent object is gone');
    writer.enqueue(
      `mesosagents/${name}`,
      () => this.#write(name, effect),
      outcome => {
        if (outcome.kind === 'done') post({kind: 'reservations-saved', agentId, saveId});
        else if (outcome.kind === 'refused') refused(outcome.error.message);
      },
    );
  }

  /** Under the same name there may be another agent meanwhile, to which none of it belongs. */
  async #write(name: string, effect: SaveReservations): Promise<Result<unknown, KubeError>> {
    const {client, namespace} = this.#options;
    const found = await client.get<KubeObject<unknown, {agentId?: string}>>(MESOS_AGENTS, name, namespace);
    if (!found.ok) return found;
    if (found.value.status?.agentId !== effect.agentId) {
      return err({kind: 'http', status: 404, reason: 'NotFound', message: 'the MesosAgent object is another agent’s'});
    }
    const {resourceVersion} = found.value.metadata;
    const body = {metadata: {resourceVersion}, status: statusOfMade(effect)};
    return client.patch(MESOS_AGENTS, name, namespace, 'merge', body, {subresource: 'status'});
  }
}
