import {toAgentId, toFrameworkId} from '../../../allocator/ids.ts';
import {MESOS_AGENTS} from '../../../crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../../crds/mesos-framework.ts';
import {MESOS_ROLES} from '../../../crds/mesos-role.ts';
import {CONFIG_MAPS, PODS} from '../../../kube/kinds.ts';
import {apiVersionOf} from '../../../kube/resource-path.ts';
import type {ResourceKind} from '../../../kube/types.ts';
import type {Subject} from '../../../lib/blame.ts';
import type {EventRecorder, ObjectReference} from '../../runtime/events.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import type {Fault} from '../../runtime/owner-options.ts';
import type {OperatorRequests} from '../calls/operator-requests.ts';
import type {OperatorStreams} from '../calls/operator-streams.ts';
import type {Sessions} from '../calls/sessions.ts';
import {nameOfAgent} from '../core/agents/find-agent.ts';
import type {Command} from '../core/commands.ts';
import type {Effect} from '../core/effects.ts';
import type {AgentId, FrameworkId} from '../core/ids.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import type {Inbox} from '../inbox/inbox.ts';
import type {MasterContext} from '../master-context.ts';
import {frameworkObjectName} from '../core/frameworks/object-name.ts';
import {podOptions} from '../options-from-flags.ts';
import type {FrameworkMetrics} from '../views/framework-metrics.ts';
import {count, countTask} from '../views/master-counters.ts';
import {KubeEffects} from './kube-effects.ts';
import {PodKeeper} from './pod-keeper.ts';
import {Statuses} from './statuses.ts';

export type MasterOutboxOptions = {
  readonly context: MasterContext;
  readonly writes: Outbox;
  readonly events: EventRecorder;
  readonly sessions: Sessions;
  readonly streams: OperatorStreams;
  readonly requests: OperatorRequests;
  readonly perFramework: FrameworkMetrics;
  /** Undefined while it is being rebuilt. */
  readonly state: () => ReadonlyMaster | undefined;
  readonly inbox: () => Inbox;
  readonly post: (command: Command) => void;
  readonly whyAside: (subject: Subject) => string | undefined;
  readonly scheduleAllocation: () => void;
};

type Note = Effect & {readonly kind: 'note'};

/** Turns the master's effects into deeds, in order: events on streams, writes to Kubernetes, answers, counters. */
export class MasterOutbox {
  readonly #options: MasterOutboxOptions;
  readonly effects: KubeEffects;
  readonly statuses: Statuses;
  readonly #keeper: PodKeeper;

  constructor(options: MasterOutboxOptions) {
    this.#options = options;
    const {context, writes: outbox, state, inbox, post, whyAside} = options;
    const {client, namespace} = context;
    const pods = podOptions(context);
    this.effects = new KubeEffects({client, namespace, outbox, post, pods});
    const known = () => {
      const master = state();
      return master === undefined ? undefined : {master, inbox: inbox(), whyAside};
    };
    this.statuses = new Statuses({context, outbox, known});
    this.#keeper = new PodKeeper(name => this.effects.tidy(name));
  }

  /** To be called regularly. */
  tidy(): void {
    this.statuses.roles();
    this.#keeper.tidy(this.#options.inbox().caches.pods);
  }

  /** The master failed: said where people look for it, at the object that it is about. */
  tellFault({subject, message, setAside: isSetAside, command}: Fault): void {
    const {context, events, inbox} = this.#options;
    context.metrics.inc('mesos_owner_rebuilds_total', {owner: 'master'});
    const kind = KINDS.find(each => each.kind === subject?.kind);
    if (kind === undefined || subject === undefined) return;
    const {namespace} = context;
    const {agents, frameworks, roles, pods, maintenance} = inbox().caches;
    const ofKind = {
      MesosAgent: agents,
      MesosFramework: frameworks,
      MesosRole: roles,
      Pod: pods,
      ConfigMap: maintenance,
    };
    const uid = Object.entries(ofKind)
      .find(([name]) => name === kind.kind)?.[1]
      .get(subject.name, namespace)?.uid;
    const about = {apiVersion: apiVersionOf(kind), kind: kind.kind, name: subject.name, namespace, ...(uid && {uid})};
    const reason = isSetAside ? 'SetAside' : 'MasterFailed';
    const what = isSetAside ? 'It is left out until it changes' : 'The master is rebuilt';
    events.record({about, type: 'Warning', reason, message: `The master failed at ${command}: ${message}. ${what}`});
  }

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    const {sessions, requests, context, scheduleAllocation} = this.#options;
    const {metrics} = context;
    switch (effect.kind) {
      case 'send':
        return this.#send(effect);
      case 'close-stream':
        return sessions.close(effect.streamId, effect.reason);
      case 'save-framework':
        return void this.effects.saveFramework(effect);
      case 'delete-framework':
        this.#options.streams.changed([]);
        return this.effects.deleteFramework(effect.frameworkId);
      case 'save-reservations':
        return void this.effects.saveReservations(effect, this.#nameOf(effect.agentId));
      case 'destroy-volume':
        return this.effects.destroyVolume(effect.volume);
      case 'assign-agent-id':
        return void this.effects.assignAgentId(effect);
      case 'mark-agent-gone':
        return void this.#markGone(effect.agentId);
      case 'answer':
        return requests.answered(effect);
      case 'create-pod':
        return void this.effects.createPod(effect.order);
      case 'withdraw-launch':
        return this.effects.withdraw(effect.launch);
      case 'kill-pod':
        return void this.effects.kill(effect);
      case 'release-pod':
        return void this.effects.release(effect);
      case 'read-pod':
        return void this.#options.inbox().readPod(effect);
      case 'schedule-allocation':
        return scheduleAllocation();
      case 'count':
        return count(metrics, effect);
      case 'count-task':
        this.#options.perFramework.task(effect.frameworkId, effect.state);
        return countTask(metrics, effect);
      case 'status-changed':
        this.#options.streams.changed(effect.frameworks);
        return this.#markStatuses(effect.frameworks, effect.agents);
      case 'note':
        return this.#tell(effect);
      default:
        return effect satisfies never;
    }
  }

  #send({streamId, event}: Effect & {readonly kind: 'send'}): void {
    const {perFramework, sessions, state} = this.#options;
    const frameworkId = state()?.streams.get(streamId);
    if (frameworkId !== undefined) perFramework.event(frameworkId, event);
    sessions.send(streamId, event);
  }

  /** The agent is drained, and is not to come back. */
  async #markGone(agentId: AgentId): Promise<void> {
    const name = this.#nameOf(agentId);
    const {log} = this.#options.context;
    if (name === undefined) return;
    const outcome = await this.effects.markAgentGone(name);
    if (outcome.kind === 'refused') log.warn('agent not marked as gone', {agentId, reason: outcome.error.message});
  }

  #nameOf(agentId: AgentId): string | undefined {
    const master = this.#options.state();
    return master && nameOfAgent(master, agentId);
  }

  #markStatuses(frameworks: readonly FrameworkId[], agents: readonly string[]): void {
    for (const id of frameworks) this.statuses.framework(frameworkObjectName(id));
    for (const name of agents) this.statuses.agent(name);
  }

  #tell({level, message, fields}: Note): void {
    const {context, events} = this.#options;
    const {log} = context;
    if (level === 'warn') log.warn(message, fields);
    else log.info(message, fields);
    // Every agent registers at every change of leader; the condition Ready of its object says so already.
    const about = REGISTERS.has(message) ? undefined : this.#subject(fields);
    if (about === undefined) return;
    const type = level === 'warn' ? 'Warning' : 'Normal';
    events.record({about, type, reason: camelCase(message), message: sentence(message, fields)});
  }

  /** The object that a note is about: the agent, else the framework, as long as it exists. */
  #subject(fields: Note['fields']): ObjectReference | undefined {
    const {context, inbox} = this.#options;
    const {agents, frameworks} = inbox().caches;
    const agentName = typeof fields.agentId === 'string' ? this.#nameOf(toAgentId(fields.agentId)) : undefined;
    const agent = agentName === undefined ? undefined : agents.get(agentName, context.namespace);
    if (agent !== undefined) return reference(MESOS_AGENTS, agent);
    if (typeof fields.frameworkId !== 'string') return undefined;
    const framework = frameworks.get(frameworkObjectName(toFrameworkId(fields.frameworkId)), context.namespace);
    return framework === undefined ? undefined : reference(MESOS_FRAMEWORKS, framework);
  }
}

const REGISTERS: ReadonlySet<string> = new Set(['agent registered', 'agent reregistered']);

const KINDS: readonly ResourceKind[] = [MESOS_AGENTS, MESOS_FRAMEWORKS, MESOS_ROLES, PODS, CONFIG_MAPS];

const reference = (kind: ResourceKind, {name, namespace, uid}: {name: string; namespace: string; uid: string}) => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  name,
  namespace,
  uid,
});

/** `agent lost` → `AgentLost`. */
const camelCase = (message: string): string =>
  message
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

/** `Agent lost: reason unreachable, tasks 4, agentId …`. The object that it is about has a name of its own. */
const sentence = (message: string, {agentId, frameworkId, name: _name, ...rest}: Note['fields']): string => {
  const fields = Object.entries({...rest, agentId, frameworkId}).filter(([, value]) => value !== undefined);
  const text = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`;
  return `${text}: ${fields.map(([field, value]) => `${field} ${value}`).join(', ')}`;
};
