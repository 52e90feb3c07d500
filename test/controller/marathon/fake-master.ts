import type {Offer, TaskInfo, TaskState} from '../../../src/api/mesos/v1/common.ts';
import type {OperatorResponse, Task} from '../../../src/api/mesos/v1/operator.ts';
import type {SchedulerCall} from '../../../src/api/mesos/v1/scheduler.ts';
import type {OperatorTransport, SchedulerListener, SchedulerTransport} from '../../../src/api/mesos/v1/transport.ts';
import {err, ok} from '../../../src/lib/result.ts';

type Running = {readonly info: TaskInfo; state: TaskState};

/** A master with one agent that runs every task at once, and removes no framework unless it is told to. */
export class FakeMaster {
  readonly tasks = new Map<string, Running>();
  readonly calls: SchedulerCall[] = [];
  readonly subscriptions: SchedulerCall[] = [];
  cpus = 8;
  /** The agent is to be emptied. Unlike a real one it is still offered: there is no other. */
  deactivated = false;
  /** Tasks take long to end: until the test reports it. */
  ignoresKills = false;
  removed = new Set<string>();
  #listener: SchedulerListener | undefined;
  #frameworks = 0;
  #offers = 0;
  #frameworkId = '';
  #suppressed = true;

  readonly scheduler: SchedulerTransport = {
    subscribe: async (call, listener) => {
      this.subscriptions.push(call);
      this.#listener = listener;
      const id = call.framework_id?.value ?? `fake-${String(this.#frameworks++).padStart(4, '0')}`;
      if (this.removed.has(id)) {
        listener.onEvent({type: 'ERROR', error: {message: 'Framework has been removed'}});
        return ok({streamId: 's', call: async () => err({status: 403, message: 'closed'}), close: () => {}});
      }
      this.#frameworkId = id;
      this.#suppressed = (call.subscribe.suppressed_roles ?? []).length > 0;
      listener.onEvent({type: 'SUBSCRIBED', subscribed: {framework_id: {value: id}, heartbeat_interval_seconds: 15}});
      return ok({
        streamId: 's',
        call: async request => {
          this.calls.push(request);
          this.#take(request);
          return ok(undefined);
        },
        close: () => {},
      });
    },
  };

  readonly operator: OperatorTransport = {
    call: async ({type}) =>
      type === 'GET_TASKS'
        ? ok({type: 'GET_TASKS', get_tasks: {tasks: [...this.tasks.values()].map(task => this.#wire(task))}})
        : ok({type: 'GET_AGENTS', get_agents: {agents: [this.#agent()]}}),
  };

  /** The stream breaks. */
  cut(): void {
    this.#listener?.onClosed('cut');
  }

  beat(): void {
    this.#listener?.onEvent({type: 'HEARTBEAT'});
  }

  offer(): void {
    if (this.#suppressed) return;
    const used = [...this.tasks.values()].flatMap(({info}) => info.resources ?? []);
    const cpus = this.cpus - used.reduce((sum, r) => sum + (r.name === 'cpus' ? (r.scalar?.value ?? 0) : 0), 0);
    const role = {role: '*'};
    const offer: Offer = {
      id: {value: `O${this.#offers++}`},
      framework_id: {value: this.#frameworkId},
      agent_id: {value: 'A'},
      hostname: 'node-a',
      allocation_info: role,
      resources: [
        {name: 'cpus', type: 'SCALAR', scalar: {value: Math.max(0, cpus)}, allocation_info: role},
        {name: 'mem', type: 'SCALAR', scalar: {value: 8192}, allocation_info: role},
        {name: 'ports', type: 'RANGES', ranges: {range: [{begin: 31000, end: 32000}]}, allocation_info: role},
      ],
    };
    this.#listener?.onEvent({type: 'OFFERS', offers: {offers: [offer]}});
  }

  report(taskId: string, state: TaskState): void {
    const task = this.tasks.get(taskId);
    if (task === undefined) return;
    task.state = state;
    if (state !== 'TASK_RUNNING') this.tasks.delete(taskId);
    const status = {task_id: {value: taskId}, agent_id: {value: 'A'}, state, uuid: 'AAAAAAAAAAAAAAAAAAAAAA=='};
    this.#listener?.onEvent({type: 'UPDATE', update: {status}});
  }

  #agent(): NonNullable<NonNullable<OperatorResponse['get_agents']>['agents']>[number] {
    const {deactivated} = this;
    return {agent_info: {id: {value: 'A'}, hostname: 'node-a'}, active: !deactivated, version: '1', deactivated};
  }

  #take(call: SchedulerCall): void {
    if (call.type === 'REVIVE') this.#suppressed = false;
    if (call.type === 'SUPPRESS') this.#suppressed = true;
    if (call.type === 'REVIVE') this.offer();
    if (call.type === 'KILL' && !this.ignoresKills) this.report(call.kill.task_id.value, 'TASK_KILLED');
    if (call.type !== 'ACCEPT') return;
    for (const info of (call.accept.operations ?? []).flatMap(({launch}) => launch?.task_infos ?? [])) {
      this.tasks.set(info.task_id.value, {info, state: 'TASK_STAGING'});
      this.report(info.task_id.value, 'TASK_RUNNING');
    }
    if (call.accept.filters?.refuse_seconds === 0) this.offer();
  }

  #wire({info, state}: Running): Task {
    const {name, task_id, agent_id, resources, labels, discovery} = info;
    return {name, task_id, agent_id, state, resources, labels, discovery, framework_id: {value: this.#frameworkId}};
  }
}
