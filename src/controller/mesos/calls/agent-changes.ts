import {toAgentId} from '../../../allocator/ids.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {MESOS_AGENTS} from '../../../crds/mesos-agent.ts';
import type {Informer, KubeClient} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import type {AgentView} from '../objects/agent-object.ts';
import {drainStateOf} from '../core/agents/drain.ts';
import type {AgentId} from '../core/ids.ts';
import {isInSchedule} from '../core/maintenance/machines.ts';
import type {ReadonlyAgent, ReadonlyMaster} from '../core/state.ts';
import {FOR_A_CALLER, notWritten} from './not-written.ts';
import type {ChangeCall} from './operator-gate.ts';

export type AgentChangesOptions = {
  readonly client: KubeClient;
  readonly writes: Outbox;
  readonly namespace: string;
  readonly clock: Clock;
  readonly agents: Informer<AgentView>;
  readonly master: () => ReadonlyMaster;
};

/** Calls about one agent as a whole. */
export type AgentCall = Extract<
  ChangeCall,
  {readonly type: 'DRAIN_AGENT' | 'DEACTIVATE_AGENT' | 'REACTIVATE_AGENT' | 'MARK_AGENT_GONE'}
>;

type Done = Result<void, CallRefused>;

const UNKNOWN: CallRefused = {status: 400, message: 'Unknown agent'};

/** Writes what the operator wants of agents into their MesosAgents, where `kubectl` can write it as well. */
export class AgentChanges {
  readonly #options: AgentChangesOptions;

  constructor(options: AgentChangesOptions) {
    this.#options = options;
  }

  async perform(call: AgentCall): Promise<Done> {
    switch (call.type) {
      case 'DRAIN_AGENT':
        return this.#drain(call.drain_agent);
      case 'DEACTIVATE_AGENT': {
        const view = this.#find(call.deactivate_agent.agent_id.value);
        return view === undefined || view.gone ? err(UNKNOWN) : this.#write(view, {deactivated: true});
      }
      case 'REACTIVATE_AGENT':
        return this.#reactivate(call.reactivate_agent.agent_id.value);
      case 'MARK_AGENT_GONE': {
        const view = this.#find(call.mark_agent_gone.agent_id.value);
        return view === undefined ? err({status: 404, message: 'Agent not found'}) : this.#gone(view);
      }
      default:
        return call satisfies never;
    }
  }

  /** Once more changes nothing. */
  async #gone(view: AgentView): Promise<Done> {
    return view.gone ? ok(undefined) : this.#write(view, {gone: true});
  }

  #find(agentId: string): AgentView | undefined {
    return this.#options.agents.list().find(view => view.agentId === agentId);
  }

  async #drain(call: (AgentCall & {type: 'DRAIN_AGENT'})['drain_agent']): Promise<Done> {
    const {clock} = this.#options;
    const master = this.#options.master();
    const view = this.#find(call.agent_id.value);
    if (view === undefined || view.gone) return err(UNKNOWN);
    const agent = agentOf(master, toAgentId(call.agent_id.value));
    if (agent !== undefined && isInSchedule(master, agent.record)) {
      return err({status: 400, message: 'Agent is part of the maintenance schedule'});
    }
    const grace = call.max_grace_period;
    const seconds = grace === undefined ? undefined : Math.ceil((grace.seconds ?? 0) + (grace.nanos ?? 0) / 1e9);
    return this.#write(view, {
      // The whole of it: an earlier call's grace does not stay.
      drain: {
        maxGracePeriodSeconds: seconds ?? null,
        markGone: call.mark_gone ?? false,
        requestedTime: new Date(clock.now()).toISOString(),
      },
    });
  }

  async #reactivate(agentId: string): Promise<Done> {
    const master = this.#options.master();
    const view = this.#find(agentId);
    if (view === undefined || view.gone) return err(UNKNOWN);
    const {drain, deactivatedByOperator} = view.description.ok ? view.description.value : {};
    if (drain === undefined && deactivatedByOperator !== true) {
      return err({status: 400, message: 'Agent is not deactivated'});
    }
    const agent = agentOf(master, toAgentId(agentId));
    if (agent !== undefined && drainStateOf(master, agent) === 'DRAINING') {
      return err({status: 400, message: 'Agent is still in the DRAINING state'});
    }
    return this.#write(view, {deactivated: null, drain: null});
  }

  /** Resolves when the master has seen it. */
  async #write({name, uid}: AgentView, spec: object): Promise<Done> {
    const {client, writes, namespace, agents} = this.#options;
    const body = {metadata: {uid}, spec};
    const attempt = () => client.patch(MESOS_AGENTS, name, namespace, 'merge', body);
    const written = await writes.write(`${MESOS_AGENTS.plural}/${name}`, attempt, FOR_A_CALLER);
    if (written.kind !== 'done') return err(notWritten('The MesosAgent', written));
    const {resourceVersion} = written.value.metadata;
    if (resourceVersion !== undefined) await agents.seen(name, namespace, resourceVersion);
    return ok(undefined);
  }
}

/** Wherever it is: registered, not heard of yet, or unreachable. */
const agentOf = (master: ReadonlyMaster, id: AgentId): ReadonlyAgent | undefined =>
  master.agents.get(id) ?? master.recoveredAgents.get(id) ?? master.unreachableAgents.get(id)?.agent;
