import type {AgentId, FrameworkId} from '../allocator/ids.ts';
import type {Allocation} from '../allocator/records.ts';
import {type Distribution, sample} from './distribution.ts';
import type {Actor, World} from './world.ts';

/** A framework of a snapshot: what it runs goes on, and it wants no more. */
export class ResidentFramework implements Actor {
  readonly frameworkId: FrameworkId;
  readonly #world: World;
  readonly #gone = new Set<AgentId>();

  /** @param lasts how long its tasks go on; undefined: for ever */
  constructor(world: World, frameworkId: FrameworkId, tasks: readonly Allocation[], lasts: Distribution | undefined) {
    this.#world = world;
    this.frameworkId = frameworkId;
    const roles = [...new Set(tasks.map(({role}) => role))];
    world.join(this);
    world.allocator.addFramework({frameworkId, roles, suppressedRoles: roles, capabilities: ['MULTI_ROLE']}, true);
    if (lasts === undefined) return;
    for (const task of tasks) {
      world.queue.after(sample(lasts, world.random), () => {
        if (!this.#gone.has(task.agentId)) world.giveBack(task, task.resources);
      });
    }
  }

  onOffers(allocations: readonly Allocation[]): void {
    for (const one of allocations) this.#world.giveBack(one, one.resources, {seconds: 3600});
  }

  onAgentGone(agentId: AgentId): void {
    this.#gone.add(agentId);
  }

  waiting(): ReadonlyMap<string, number> {
    return new Map();
  }
}
