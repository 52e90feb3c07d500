import type {AgentRecord, Allocation, Client} from './records.ts';
import type {Resources} from './resources.ts';

/** What a run handed out: one allocation for each client and agent, also when both stages gave a part. */
export class HandedOut {
  readonly #allocations: Allocation[] = [];
  /** Where the first stage's are, by agent and client. */
  readonly #places = new Map<AgentRecord, Map<Client, number>>();

  get allocations(): readonly Allocation[] {
    return this.#allocations;
  }

  add(client: Client, agent: AgentRecord, resources: Resources): void {
    const {framework, role} = client;
    this.#allocations.push({
      frameworkId: framework.frameworkId,
      role: role.role,
      agentId: agent.agentId,
      resources,
    });
  }

  /** As `add`, with what the client was given of this agent before. */
  merge(client: Client, agent: AgentRecord, resources: Resources): void {
    const ofAgent = this.#places.get(agent) ?? new Map<Client, number>();
    const place = ofAgent.get(client);
    const known = place === undefined ? undefined : this.#allocations[place];
    if (place !== undefined && known !== undefined) {
      this.#allocations[place] = {...known, resources: known.resources.add(resources)};
      return;
    }
    this.#places.set(agent, ofAgent.set(client, this.#allocations.length));
    this.add(client, agent, resources);
  }
}
