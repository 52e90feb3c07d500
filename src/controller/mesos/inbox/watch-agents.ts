import {AgentWatch} from './agent-watch.ts';
import {AgentIds} from '../outbox/agent-ids.ts';
import type {Command} from '../core/commands.ts';
import {isDown} from '../core/maintenance/machines.ts';
import type {Master} from '../core/state.ts';
import type {MasterContext} from '../master-context.ts';
import type {ObjectWriter} from '../outbox/object-writer.ts';

export type WatchAgentsOptions = {
  readonly context: MasterContext;
  readonly core: Master;
  readonly writer: ObjectWriter;
  readonly post: (command: Command) => void;
  /** The status of the MesosAgent of this name has to be looked at. */
  readonly onPhase: (name: string) => void;
};

/** Agents that come, change and go are told to the owner; new ones get their ids. */
export function watchAgents({context, core, writer, post, onPhase}: WatchAgentsOptions): AgentWatch {
  const {client, namespace, clock, flags} = context;
  const ids = new AgentIds(client, namespace, writer);
  const watch: AgentWatch = new AgentWatch({
    clock,
    silenceMs: flags.agent_ping_timeout * flags.max_agent_ping_timeouts,
    newAgentId: ids.next(core.options.masterId),
    assign: (name, agentId) =>
      ids.store(name, agentId, stored => (stored ? watch.assigned(name, agentId) : watch.notAssigned(name))),
    onAdded: agent => post({kind: 'agent-added', agent}),
    onUpdated: agent => post({kind: 'agent-updated', agent}),
    isDown: ({description}) => description.ok && isDown(core, description.value),
    onLost: (agentId, reason) => post({kind: 'agent-lost', agentId, reason}),
    onPhase,
  });
  return watch;
}
