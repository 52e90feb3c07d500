import type {SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import type {Logger} from '../../../kube/log.ts';
import {toAgentId, toFrameworkId} from '../../../allocator/ids.ts';
import type {AgentWatch} from '../inbox/agent-watch.ts';
import {MESOS_AGENTS} from '../../../crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../../crds/mesos-framework.ts';
import type {EventRecorder, ObjectReference} from '../../runtime/events.ts';
import type {Metrics} from '../../telemetry/metrics.ts';
import type {Caches} from '../inbox/caches.ts';
import type {Effect} from '../core/effects.ts';
import type {AgentId, FrameworkId, StreamId} from '../core/ids.ts';
import {count, countTask} from './counting.ts';
import {frameworkObjectName} from '../objects/framework-object.ts';
import type {KubeEffects} from './kube-effects.ts';
import type {Requests} from '../calls/requests.ts';
import type {ReservationWriter} from './reservation-writer.ts';
import type {Sessions} from '../calls/sessions.ts';
import type {Statuses} from './statuses.ts';

export type PerformerOptions = {
  readonly sessions: Sessions;
  readonly effects: KubeEffects;
  readonly readPod: (effect: Effect & {readonly kind: 'read-pod'}) => void;
  readonly reservations: ReservationWriter;
  /** An agent that was drained for good. */
  readonly markGone: (agentId: AgentId) => void;
  readonly requests: Requests;
  readonly statuses: Statuses;
  readonly events: EventRecorder;
  readonly caches: Caches;
  readonly agents: AgentWatch;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly scheduleAllocation: () => void;
  /** An event is about to be sent. */
  readonly onSend: (streamId: StreamId, event: SchedulerEvent) => void;
};

type Note = Effect & {readonly kind: 'note'};

/** Turns effects into deeds, in order. */
export class Performer {
  readonly #options: PerformerOptions;

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    const {sessions, effects, readPod, reservations, requests, markGone, metrics, scheduleAllocation, onSend} =
      this.#options;
    switch (effect.kind) {
      case 'send':
        onSend(effect.streamId, effect.event);
        return sessions.send(effect.streamId, effect.event);
      case 'close-stream':
        return sessions.close(effect.streamId, effect.reason);
      case 'save-framework':
        return effects.saveFramework(effect);
      case 'delete-framework':
        return effects.deleteFramework(effect.frameworkId);
      case 'save-reservations':
        return reservations.save(effect);
      case 'mark-agent-gone':
        return markGone(effect.agentId);
      case 'answer':
        return requests.answered(effect);
      case 'launch-task':
        return effects.launch(effect.launch);
      case 'kill-pod':
        return effects.kill(effect);
      case 'release-pod':
        return effects.release(effect);
      case 'read-pod':
        return readPod(effect);
      case 'schedule-allocation':
        return scheduleAllocation();
      case 'count':
        return count(metrics, effect);
      case 'count-task':
        return countTask(metrics, effect);
      case 'status-changed':
        return this.#markStatuses(effect.frameworks, effect.agents);
      case 'note':
        return this.#tell(effect);
      default:
        return effect satisfies never;
    }
  }

  #markStatuses(frameworks: readonly FrameworkId[], agentIds: readonly AgentId[]): void {
    const {statuses, agents} = this.#options;
    for (const id of frameworks) statuses.framework(frameworkObjectName(id));
    for (const id of agentIds) {
      const name = agents.nameOf(id);
      if (name !== undefined) statuses.agent(name);
    }
  }

  #tell({level, message, fields}: Note): void {
    const {log, events} = this.#options;
    if (level === 'warn') log.warn(message, fields);
    else log.info(message, fields);
    const about = this.#subject(fields);
    if (about === undefined) return;
    const type = level === 'warn' ? 'Warning' : 'Normal';
    events.record({about, type, reason: camelCase(message), message: sentence(message, fields)});
  }

  /** The object that a note is about: the agent, else the framework, as long as it exists. */
  #subject(fields: Note['fields']): ObjectReference | undefined {
    const {agents, caches} = this.#options;
    const agentName = typeof fields.agentId === 'string' ? agents.nameOf(toAgentId(fields.agentId)) : undefined;
    const agent = caches.agents.list().find(({name}) => name === agentName);
    if (agent !== undefined) return reference(MESOS_AGENTS.kind, agent);
    if (typeof fields.frameworkId !== 'string') return undefined;
    const frameworkName = frameworkObjectName(toFrameworkId(fields.frameworkId));
    const framework = caches.frameworks.list().find(({name}) => name === frameworkName);
    return framework === undefined ? undefined : reference(MESOS_FRAMEWORKS.kind, framework);
  }
}

const reference = (kind: string, view: {name: string; namespace: string; uid: string}): ObjectReference => ({
  apiVersion: 'mesos.dev/v1',
  kind,
  name: view.name,
  namespace: view.namespace,
  uid: view.uid,
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
