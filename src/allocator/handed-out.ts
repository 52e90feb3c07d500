import type {AgentEntry, Allocation, Client} from './records.ts';
import type {Resources} from './resources.ts';

/** One step of a run, with what was free on the agent before it. */
export type HandOut = Allocation & {readonly freeBefore: Resources};

/** What a run handed out: one allocation for each client and agent, also when both stages gave a part. */
export class HandedOut {
  readonly #allocations: Allocation[] = [];
  /** In order of time; the same list until an allocation is made of two steps. */
  #steps: Allocation[] = this.#allocations;
  /** By step; of the others all that was free was handed out. */
  readonly #freeBefore = new Map<number, Resources>();
  /** Where the first stage's are, by agent and client. */
  readonly #places = new Map<AgentEntry, Map<Client, number>>();

  get allocations(): readonly Allocation[] {
    return this.#allocations;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** How many steps there were so far. */
  get size(): number {
    return this.#steps.length;
  }

  step(index: number): HandOut | undefined {
    const step = this.#steps[index];
    return step && {...step, freeBefore: this.#freeBefore.get(index) ?? step.resources};
  }

  /** @param freeBefore what was free on the agent */
  add(client: Client, agent: AgentEntry, resources: Resources, freeBefore: Resources): void {
    if (freeBefore !== resources) this.#freeBefore.set(this.#steps.length, freeBefore);
    const step = toAllocation(client, agent, resources);
    this.#allocations.push(step);
    if (this.#steps !== this.#allocations) this.#steps.push(step);
  }

  /** As `add`, with what the client was given of this agent before. */
  merge(client: Client, agent: AgentEntry, resources: Resources, freeBefore: Resources): void {
    const ofAgent = this.#places.get(agent) ?? new Map<Client, number>();
    const place = ofAgent.get(client);
    const known = place === undefined ? undefined : this.#allocations[place];
    if (place === undefined || known === undefined) {
      this.#places.set(agent, ofAgent.set(client, this.#allocations.length));
      return this.add(client, agent, resources, freeBefore);
    }
    if (this.#steps === this.#allocations) this.#steps = [...this.#allocations];
    this.#freeBefore.set(this.#steps.length, freeBefore);
    this.#steps.push(toAllocation(client, agent, resources));
    this.#allocations[place] = {...known, resources: known.resources.add(resources)};
  }
}

const toAllocation = ({framework, role}: Client, {agentId}: AgentEntry, resources: Resources): Allocation => ({
  frameworkId: framework.frameworkId,
  role: role.role,
  agentId,
  resources,
});
