import type {AgentId, FrameworkId} from '../allocator/ids.ts';
import {toFrameworkId} from '../allocator/ids.ts';
import type {Allocation} from '../allocator/records.ts';
import {toMilli} from '../allocator/value.ts';
import {sample} from './distribution.ts';
import {type Milli, take, timesIn} from './take.ts';
import type {FrameworkGroup} from './workload.ts';
import type {Actor, World} from './world.ts';

type RunningTask = {readonly agentId: AgentId};

/**
 * A framework that runs tasks of one size to their end, first come, first served. It takes the tasks that fit into an
 * offer, refuses the rest for a while, and wants no offers while no task waits.
 */
export class BatchFramework implements Actor {
  readonly frameworkId: FrameworkId;
  readonly #world: World;
  readonly #group: FrameworkGroup;
  readonly #task: Milli;
  /** When those that wait came; those before `#next` are running. */
  #arrivals: number[] = [];
  #next = 0;
  readonly #stopMs: number;
  #jobs = 0;
  #suppressed = false;
  readonly #running = new Set<RunningTask>();

  constructor(world: World, group: FrameworkGroup, number: number, startMs: number) {
    this.#world = world;
    this.#group = group;
    this.#task = new Map(Array.from(group.task, ([name, amount]) => [name, toMilli(amount)]));
    this.frameworkId = toFrameworkId(group.count > 1 ? `${group.name}-${number}` : group.name);
    world.queue.at(startMs + group.startAt, () => this.#start());
    this.#stopMs = startMs + (group.stopAt ?? Number.POSITIVE_INFINITY);
  }

  waiting(): ReadonlyMap<string, number> {
    return new Map([[this.#group.role, this.#waitingCount]]);
  }

  get #waitingCount(): number {
    return this.#arrivals.length - this.#next;
  }

  #start(): void {
    const {role, backlog} = this.#group;
    this.#world.join(this);
    const gpu = (this.#task.get('gpus') ?? 0) > 0 ? ['GPU_RESOURCES'] : [];
    this.#suppressed = backlog === 0;
    const suppressedRoles = this.#suppressed ? [role] : [];
    const capabilities = ['MULTI_ROLE', 'RESERVATION_REFINEMENT', ...gpu];
    this.#world.allocator.addFramework(
      {frameworkId: this.frameworkId, roles: [role], suppressedRoles, capabilities},
      true,
    );
    if (backlog > 0) this.#arrive(backlog);
    this.#scheduleJob();
  }

  #scheduleJob(): void {
    const {arrivals, jobs, tasksPerJob} = this.#group;
    if (arrivals === undefined || (jobs !== undefined && this.#jobs >= jobs)) return;
    const {queue, random} = this.#world;
    const atMs = queue.nowMs + Math.max(1, sample(arrivals, random));
    if (atMs > this.#stopMs) return;
    this.#jobs++;
    queue.at(atMs, () => {
      this.#arrive(Math.max(1, Math.round(sample(tasksPerJob, random))));
      this.#scheduleJob();
    });
  }

  #arrive(tasks: number): void {
    const {allocator, meters, queue} = this.#world;
    meters.arrived(this.#group.role, tasks);
    for (let i = 0; i < tasks; i++) this.#arrivals.push(queue.nowMs);
    if (this.#suppressed) allocator.revive(this.frameworkId, []);
    this.#suppressed = false;
  }

  onOffers(allocations: readonly Allocation[]): void {
    const {refuse} = this.#group;
    for (const offer of allocations) {
      const rest = this.#launchOn(offer);
      if (!rest.isEmpty) this.#world.giveBack(offer, rest, {seconds: refuse / 1000});
    }
    if (this.#waitingCount > 0 || this.#suppressed) return;
    this.#world.allocator.suppress(this.frameworkId, []);
    this.#suppressed = true;
  }

  #launchOn(offer: Allocation): Allocation['resources'] {
    const {tasksPerOffer = Number.POSITIVE_INFINITY} = this.#group;
    const tasks = Math.min(this.#waitingCount, tasksPerOffer, timesIn(this.#task, offer.resources));
    if (tasks <= 0) return offer.resources;
    const one = take(this.#task, 1, offer.resources);
    let rest = offer.resources;
    for (let i = 0; i < tasks; i++) {
      // What is reserved may not be the same for each.
      const used = rest.isRestricted ? take(this.#task, 1, rest) : one;
      rest = rest.subtract(used);
      this.#launch({...offer, resources: used});
    }
    return rest;
  }

  #launch(place: Allocation): void {
    const {queue, random, meters} = this.#world;
    const {role, lasts} = this.#group;
    meters.started(role, queue.nowMs - (this.#arrivals[this.#next++] ?? queue.nowMs));
    this.#forgetStarted();
    const task = {agentId: place.agentId};
    this.#running.add(task);
    queue.after(Math.max(1, sample(lasts, random)), () => {
      // Lost meanwhile.
      if (!this.#running.delete(task)) return;
      meters.finished(role, 1);
      this.#world.giveBack(place, place.resources);
    });
  }

  #forgetStarted(): void {
    if (this.#next < 1000 || this.#next * 2 < this.#arrivals.length) return;
    this.#arrivals = this.#arrivals.slice(this.#next);
    this.#next = 0;
  }

  /** Tasks that were lost wait again, behind the others. */
  onAgentGone(agentId: AgentId): void {
    const lost = [...this.#running].filter(task => task.agentId === agentId);
    for (const task of lost) this.#running.delete(task);
    if (lost.length === 0) return;
    this.#world.meters.lost(this.#group.role, lost.length);
    this.#arrive(lost.length);
  }
}
