import type {AgentId, FrameworkId} from '../allocator/ids.ts';
import {toFrameworkId} from '../allocator/ids.ts';
import type {Allocation} from '../allocator/records.ts';
import {Resources} from '../allocator/resources.ts';
import type {Offer, TaskInfo, TaskState} from '../api/mesos/v1/common.ts';
import type {Command} from '../controller/marathon/core/commands.ts';
import {isWaiting, wantedRoles} from '../controller/marathon/core/offers/demand.ts';
import type {Effect} from '../controller/marathon/core/effects.ts';
import {scheduledCount} from '../controller/marathon/core/instances/instance.ts';
import type {AppObject, MarathonState, Settings} from '../controller/marathon/core/state.ts';
import {newState} from '../controller/marathon/core/state.ts';
import {step} from '../controller/marathon/core/step.ts';
import {resourcesFromWire, resourcesToWire} from '../controller/mesos/core/resource-conversion.ts';
import {type Distribution, sample} from './distribution.ts';
import type {Actor, World} from './world.ts';

const TICK_MS = 1000;
/** What is left to a task that is asked to end. */
const KILL_MS = 1000;
const CAPABILITIES = ['PARTITION_AWARE', 'REGION_AWARE', 'MULTI_ROLE', 'TASK_KILLING_STATE'];

type Task = {readonly place: Allocation; readonly hasHealthChecks: boolean};

/** Marathon's own core as a framework: apps come and change, and it launches, replaces and scales their instances. */
export class MarathonFramework implements Actor {
  readonly frameworkId: FrameworkId = toFrameworkId('marathon');
  readonly state: MarathonState;
  readonly #world: World;
  readonly #startup: Distribution;
  readonly #offers = new Map<string, Allocation>();
  readonly #tasks = new Map<string, Task>();
  /** Since when instances wait, by role; first come, first served. */
  readonly #waiting = new Map<string, number[]>();
  /** Launches that are not taken out of `waiting` yet, by role. */
  readonly #launched = new Map<string, number>();
  readonly #commands: Command[] = [];
  #busy = false;
  #offerNumber = 0;

  constructor(world: World, settings: Settings, startup: Distribution) {
    this.#world = world;
    this.#startup = startup;
    this.state = newState(settings);
    const roles = wantedRoles(this.state);
    world.join(this);
    world.allocator.addFramework(this.#spec(roles, roles), true);
    this.#send({
      kind: 'subscribed',
      frameworkId: this.frameworkId,
      homeRegion: undefined,
      roles,
      suppressedRoles: roles.filter(role => !isWaiting(this.state, role)),
    });
    this.#send({kind: 'restored', tasks: [], agents: []});
    this.#tick();
  }

  see(object: AppObject): void {
    this.#send({kind: 'app-seen', object});
  }

  onOffers(allocations: readonly Allocation[]): void {
    this.#send({kind: 'offers', offers: allocations.map(one => this.#toOffer(one))});
  }

  onAgentGone(agentId: AgentId): void {
    this.#send({kind: 'agent-removed', agentId});
    for (const [taskId, {place}] of [...this.#tasks]) {
      if (place.agentId === agentId) this.#end(taskId, 'TASK_GONE', false);
    }
  }

  waiting(): ReadonlyMap<string, number> {
    return new Map(Array.from(this.#waiting, ([role, since]) => [role, since.length]));
  }

  #spec(roles: readonly string[], suppressedRoles: readonly string[]) {
    return {frameworkId: this.frameworkId, roles, suppressedRoles, capabilities: CAPABILITIES};
  }

  #tick(): void {
    this.#world.queue.after(TICK_MS, () => {
      this.#send({kind: 'tick'});
      this.#tick();
    });
  }

  /** A command that comes while another is handled waits for its turn. */
  #send(command: Command): void {
    this.#commands.push(command);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#commands.shift(); next !== undefined; next = this.#commands.shift()) this.#handle(next);
    this.#busy = false;
  }

  #handle(command: Command): void {
    const {queue, random} = this.#world;
    const effects = step(this.state, command, queue.nowMs, random);
    for (const effect of effects) this.#perform(effect);
    if (command.kind !== 'tick' || effects.length > 0) this.#noteWaiting();
  }

  #perform(effect: Effect): void {
    const {allocator, queue} = this.#world;
    switch (effect.kind) {
      case 'accept':
        return this.#accept(effect.offerId, effect.launches, effect.refuseSeconds);
      case 'decline':
        for (const id of effect.offerIds) this.#accept(id, [], effect.refuseSeconds);
        return;
      case 'revive':
        return allocator.revive(this.frameworkId, effect.roles);
      case 'suppress':
        return allocator.suppress(this.frameworkId, effect.roles);
      case 'update-framework':
        return allocator.updateFramework(this.#spec(effect.roles, effect.suppressedRoles));
      case 'kill':
        return queue.after(KILL_MS, () => this.#end(effect.taskId, 'TASK_KILLED', true));
      case 'release-app':
        return queue.after(0, () => this.#send({kind: 'app-gone', name: effect.name, uid: effect.uid}));
      default:
        // Nothing is lost here, so that nothing has to be acknowledged or reconciled; and nobody reads statuses.
        return;
    }
  }

  #toOffer(allocation: Allocation): Offer {
    const {frameworkId, agentId, role, resources} = allocation;
    const id = `O${this.#offerNumber++}`;
    this.#offers.set(id, allocation);
    const agent = this.#world.agents.get(agentId);
    const attributes = (agent?.attributes ?? []).map(({name, value}) => ({name, type: 'TEXT' as const, text: {value}}));
    return {
      id: {value: id},
      framework_id: {value: frameworkId},
      agent_id: {value: agentId},
      hostname: agent?.hostname ?? agentId,
      resources: resourcesToWire(resources, role, false),
      attributes,
      allocation_info: {role},
    };
  }

  #accept(offerId: string, launches: readonly TaskInfo[], refuseSeconds: number): void {
    const offer = this.#offers.get(offerId);
    if (offer === undefined) return;
    this.#offers.delete(offerId);
    let rest = offer.resources;
    for (const info of launches) {
      const used = usedBy(info);
      rest = rest.subtract(used);
      this.#launch({...offer, resources: used}, info);
    }
    if (!rest.isEmpty) this.#world.giveBack(offer, rest, {seconds: refuseSeconds});
  }

  #launch(place: Allocation, info: TaskInfo): void {
    const {queue, random} = this.#world;
    const taskId = info.task_id.value;
    this.#tasks.set(taskId, {place, hasHealthChecks: info.health_check !== undefined});
    this.#launched.set(place.role, (this.#launched.get(place.role) ?? 0) + 1);
    queue.after(sample(this.#startup, random), () => this.#update(taskId, 'TASK_RUNNING'));
  }

  #update(taskId: string, state: TaskState): void {
    const task = this.#tasks.get(taskId);
    if (task === undefined) return;
    const {agentId} = task.place;
    const healthy = state === 'TASK_RUNNING' && task.hasHealthChecks;
    const timestamp = this.#world.queue.nowMs / 1000;
    const status = {task_id: {value: taskId}, state, agent_id: {value: agentId}, timestamp, ...(healthy && {healthy})};
    this.#send({kind: 'update', status});
  }

  #end(taskId: string, state: TaskState, agentIsThere: boolean): void {
    const task = this.#tasks.get(taskId);
    if (task === undefined) return;
    const {place} = task;
    if (agentIsThere) this.#world.giveBack(place, place.resources);
    if (agentIsThere) this.#world.meters.finished(place.role, 1);
    else this.#world.meters.lost(place.role, 1);
    this.#update(taskId, state);
    this.#tasks.delete(taskId);
  }

  /** Compares how many wait with how many waited before: launches leave first, then what is wanted no more. */
  #noteWaiting(): void {
    const {meters, queue} = this.#world;
    const now = this.#scheduledByRole();
    for (const role of new Set([...now.keys(), ...this.#waiting.keys()])) {
      const since = this.#waiting.get(role) ?? [];
      const count = now.get(role) ?? 0;
      const launched = this.#launched.get(role) ?? 0;
      const arrived = Math.max(0, count + launched - since.length);
      if (arrived > 0) meters.arrived(role, arrived);
      for (let i = 0; i < arrived; i++) since.push(queue.nowMs);
      for (const sinceMs of since.splice(0, launched)) meters.started(role, queue.nowMs - sinceMs);
      since.length = count;
      this.#waiting.set(role, since);
    }
    this.#launched.clear();
  }

  #scheduledByRole(): Map<string, number> {
    const byRole = new Map<string, number>();
    for (const app of this.state.apps.values()) {
      const {definition} = app;
      if (definition !== undefined)
        byRole.set(definition.role, (byRole.get(definition.role) ?? 0) + scheduledCount(app));
    }
    return byRole;
  }
}

function usedBy({resources = []}: TaskInfo): Resources {
  const used = resourcesFromWire(resources);
  return used.ok ? used.value : Resources.EMPTY;
}
