import {availableParallelism, freemem, loadavg, totalmem} from 'node:os';
import type {Quantities, Resources} from '../../../allocator/resources.ts';
import {COUNTED_RESOURCES} from '../../telemetry/master-metrics.ts';
import type {Metrics} from '../../telemetry/metrics.ts';
import {consumptionOf} from '../core/roles/consumption.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import {activeAgents, countTasks, registered, usedOnAgent} from './operator-views.ts';

/** Sets what is read off the machine, whether this process leads or not. */
export function collectSystem(metrics: Metrics, uptimeMs: number, leads: boolean): void {
  metrics.set('mesos_master_uptime_seconds', uptimeMs / 1000);
  metrics.set('mesos_master_elected', leads ? 1 : 0);
  metrics.set('system_cpus', availableParallelism());
  for (const [i, period] of ['1min', '5min', '15min'].entries()) {
    metrics.set('system_load', loadavg()[i] ?? 0, {period});
  }
  metrics.set('system_memory_bytes', totalmem(), {kind: 'total'});
  metrics.set('system_memory_bytes', freemem(), {kind: 'free'});
}

/** Sets what is read off the master's state. */
export function collectMaster(metrics: Metrics, master: ReadonlyMaster): void {
  collectResources(metrics, master);
  const frameworks = registered(master);
  const connected = frameworks.filter(({streamId}) => streamId !== undefined).length;
  byState(metrics, 'mesos_master_frameworks', {
    active: connected,
    inactive: frameworks.length - connected,
    connected,
    disconnected: frameworks.length - connected,
  });
  const agents = master.agents.size;
  const active = activeAgents(master);
  const unreachable = master.unreachableAgents.size;
  byState(metrics, 'mesos_master_agents', {
    active,
    inactive: agents - active,
    connected: agents,
    disconnected: 0,
    unreachable,
  });
  metrics.set('mesos_master_outstanding_offers', master.offers.size);
  const tasks = countTasks(master);
  for (const state of ['staging', 'starting', 'running', 'killing', 'unreachable']) {
    metrics.set('mesos_master_tasks', tasks.get(`TASK_${state.toUpperCase()}`) ?? 0, {state});
  }
  collectAllocator(metrics, master);
}

function byState(metrics: Metrics, name: string, counts: Readonly<Record<string, number>>): void {
  for (const [state, count] of Object.entries(counts)) metrics.set(name, count, {state});
}

function collectResources(metrics: Metrics, master: ReadonlyMaster): void {
  const [total, used] = [new Sums(), new Sums()];
  for (const agent of master.agents.values()) {
    total.add(agent.record.total);
    for (const held of usedOnAgent(agent).values()) used.add(held);
  }
  for (const [name, kind] of [
    ['mesos_master_resources', 'firm'],
    ['mesos_master_revocable', 'revocable'],
  ] as const) {
    for (const resource of COUNTED_RESOURCES) {
      const [there, held] = [total.of(kind, resource), used.of(kind, resource)];
      metrics.set(name, there, {resource});
      metrics.set(`${name}_used`, held, {resource});
      metrics.set(`${name}_used_ratio`, there === 0 ? 0 : held / there, {resource});
    }
  }
}

/** Amounts of the counted resources; revocable ones are another sum. */
class Sums {
  readonly #sums = {firm: new Map<string, number>(), revocable: new Map<string, number>()};

  add(resources: Resources): void {
    if (!resources.isRestricted) return this.#add('firm', resources);
    this.#add(
      'firm',
      resources.filter(({revocable}) => revocable !== true),
    );
    this.#add(
      'revocable',
      resources.filter(({revocable}) => revocable === true),
    );
  }

  of(kind: 'firm' | 'revocable', resource: string): number {
    return (this.#sums[kind].get(resource) ?? 0) / 1000;
  }

  /** In thousandths, which are exact. */
  #add(kind: 'firm' | 'revocable', {milli}: Resources): void {
    const sums = this.#sums[kind];
    for (const resource of COUNTED_RESOURCES)
      sums.set(resource, (sums.get(resource) ?? 0) + (milli.get(resource) ?? 0));
  }
}

function collectAllocator(metrics: Metrics, master: ReadonlyMaster): void {
  const view = master.allocator.view();
  const total = view.total();
  const held = view.offeredOrAllocated();
  for (const name of ['mesos_allocator_resources', 'mesos_allocator_resources_allocated']) metrics.reset(name);
  for (const resource of new Set([...total.keys(), 'cpus', 'mem', 'disk'])) {
    metrics.set('mesos_allocator_resources', total.get(resource) ?? 0, {resource});
    metrics.set('mesos_allocator_resources_allocated', held.get(resource) ?? 0, {resource});
  }
  for (const name of ['mesos_allocator_role_dominant_share', 'mesos_allocator_role_filters']) metrics.reset(name);
  for (const {role, share, activeFilters} of view.roles()) {
    metrics.set('mesos_allocator_role_dominant_share', share, {role});
    metrics.set('mesos_allocator_role_filters', activeFilters, {role});
  }
  collectQuota(metrics, master);
}

const QUOTA = ['guarantee', 'limit', 'allocated', 'consumed'].map(part => `mesos_allocator_quota_${part}`);

/** Amounts that are not set, and roles that are gone, have no value. */
function collectQuota(metrics: Metrics, master: ReadonlyMaster): void {
  for (const name of QUOTA) metrics.reset(name);
  const set = (part: string, role: string, amounts: Quantities): void => {
    for (const [resource, amount] of amounts) metrics.set(`mesos_allocator_quota_${part}`, amount, {role, resource});
  };
  const held = new Map(
    master.quotas.size === 0
      ? []
      : master.allocator
          .view()
          .roles()
          .map(view => [view.role, view.offeredOrAllocated]),
  );
  for (const [role, {guarantees, limits}] of master.quotas) {
    set('guarantee', role, guarantees);
    set('limit', role, limits);
    const names = new Set([...guarantees.keys(), ...limits.keys()]);
    set('allocated', role, new Map(Array.from(names, name => [name, held.get(role)?.get(name) ?? 0])));
  }
  for (const [role, amounts] of consumptionOf(master)) set('consumed', role, amounts);
  metrics.set('mesos_allocator_hold_off', master.holdOff === undefined ? 0 : 1);
}
