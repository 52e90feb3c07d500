import {toAgentId} from '../../../allocator/ids.ts';
import type {OperatorResponse} from '../../../api/mesos/v1/operator.ts';
import type {Operation} from '../../../api/mesos/v1/scheduler.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {AgentChanges} from './agent-changes.ts';
import type {Command} from '../core/commands.ts';
import type {RoleCall} from '../core/roles/role-calls.ts';
import type {MaintenanceChanges} from './maintenance-changes.ts';
import type {ChangeCall} from './operator-gate.ts';
import type {OperatorRequests} from './operator-requests.ts';

/** An answer to an operator's change: made when the change is durable and seen by the owner. */
export type ChangeAnswer = Result<OperatorResponse, CallRefused>;

export type OperatorChangesOptions = {
  readonly requests: OperatorRequests;
  readonly agents: AgentChanges;
  readonly maintenance: MaintenanceChanges;
  readonly post: (command: Command) => string | undefined;
};

/** Performs the calls of the operator API that change something. */
export class OperatorChanges {
  readonly #options: OperatorChangesOptions;

  constructor(options: OperatorChangesOptions) {
    this.#options = options;
  }

  /** @param principal of the caller: reservations are its own */
  async perform(call: Exclude<ChangeCall, RoleCall>, principal: string | undefined): Promise<ChangeAnswer> {
    const operate = (agentId: string | undefined, operation: Operation) => this.#operate(agentId, operation, principal);
    switch (call.type) {
      case 'RESERVE_RESOURCES': {
        const {agent_id, resources, source} = call.reserve_resources;
        return operate(agent_id.value, {type: 'RESERVE', reserve: {resources, source}});
      }
      case 'UNRESERVE_RESOURCES': {
        const {agent_id, resources} = call.unreserve_resources;
        return operate(agent_id.value, {type: 'UNRESERVE', unreserve: {resources}});
      }
      case 'CREATE_VOLUMES': {
        const {agent_id, volumes} = call.create_volumes;
        return operate(agent_id.value, {type: 'CREATE', create: {volumes}});
      }
      case 'DESTROY_VOLUMES': {
        const {agent_id, volumes} = call.destroy_volumes;
        return operate(agent_id.value, {type: 'DESTROY', destroy: {volumes}});
      }
      case 'GROW_VOLUME': {
        const {agent_id, ...grow_volume} = call.grow_volume;
        return operate(agent_id?.value, {type: 'GROW_VOLUME', grow_volume});
      }
      case 'SHRINK_VOLUME': {
        const {agent_id, ...shrink_volume} = call.shrink_volume;
        return operate(agent_id?.value, {type: 'SHRINK_VOLUME', shrink_volume});
      }
      case 'UPDATE_MAINTENANCE_SCHEDULE':
      case 'START_MAINTENANCE':
      case 'STOP_MAINTENANCE':
        return empty(await this.#options.maintenance.perform(call));
      case 'DRAIN_AGENT':
      case 'DEACTIVATE_AGENT':
      case 'REACTIVATE_AGENT':
      case 'MARK_AGENT_GONE':
        return empty(await this.#options.agents.perform(call));
      default:
        return call satisfies never;
    }
  }

  async #operate(
    agentId: string | undefined,
    operation: Operation,
    principal: string | undefined,
  ): Promise<ChangeAnswer> {
    if (agentId === undefined) return err({status: 400, message: "Expecting 'agent_id' to be present"});
    const {requests, post} = this.#options;
    const done = await requests.ask(post, requestId => ({
      kind: 'operate',
      requestId,
      agentId: toAgentId(agentId),
      operation,
      ...(principal !== undefined && {principal}),
    }));
    return empty(done);
  }
}

const empty = (done: Result<void, CallRefused>): ChangeAnswer => (done.ok ? ok({}) : done);
