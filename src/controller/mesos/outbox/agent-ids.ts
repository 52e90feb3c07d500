import {MESOS_AGENTS} from '../../../crds/mesos-agent.ts';
import type {KubeClient} from '../../../kube/types.ts';
import type {ObjectWriter} from './object-writer.ts';

/** Gives agents their ids, and keeps them in the MesosAgents' status. */
export class AgentIds {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #writer: ObjectWriter;
  #given = 0;

  constructor(client: KubeClient, namespace: string, writer: ObjectWriter) {
    this.#client = client;
    this.#namespace = namespace;
    this.#writer = writer;
  }

  /** Ids as in Mesos: `<master's UUID>-S<n>`. */
  next(masterId: string): () => string {
    return () => `${masterId}-S${this.#given++}`;
  }

  /** @param onEnd `false`: refused, most likely because the object is gone */
  store(name: string, agentId: string, onEnd: (stored: boolean) => void): void {
    this.#writer.enqueue(
      `mesosagents/${name}`,
      () =>
        this.#client.patch(MESOS_AGENTS, name, this.#namespace, 'merge', {status: {agentId}}, {subresource: 'status'}),
      outcome => onEnd(outcome.kind === 'done'),
    );
  }
}
