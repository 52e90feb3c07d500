import type {SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import type {Counter, Effect} from './effects.ts';
import type {AgentId, FrameworkId} from './ids.ts';
import {isHeldOff} from './offers/held-off.ts';
import {nameOfAgent} from './agents/find-agent.ts';
import type {Framework, Master} from './state.ts';

/** One step in the making: the state, the time, and what the world will have to do. */
export class Turn {
  readonly master: Master;
  readonly nowMs: number;
  readonly effects: Effect[] = [];
  readonly #frameworks = new Set<FrameworkId>();
  /** Names. */
  readonly #agents = new Set<string>();

  constructor(master: Master, nowMs: number) {
    this.master = master;
    this.nowMs = nowMs;
  }

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  /** To the framework's stream; nothing if it is not connected. */
  send(framework: Framework, event: SchedulerEvent): void {
    if (framework.streamId !== undefined) this.emit({kind: 'send', streamId: framework.streamId, event});
  }

  count(counter: Counter, by = 1): void {
    if (by > 0) this.emit({kind: 'count', counter, by});
  }

  note(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, string | number | boolean>>): void {
    this.emit({kind: 'note', level, message, fields});
  }

  /** Their status has changed. */
  touch(frameworkId: FrameworkId | undefined, agentId?: AgentId): void {
    if (frameworkId !== undefined) this.#frameworks.add(frameworkId);
    const name = agentId === undefined ? undefined : nameOfAgent(this.master, agentId);
    if (name !== undefined) this.touchAgent(name);
  }

  /** The status of the agent's object has changed, whether it has an id or not. */
  touchAgent(name: string): void {
    this.#agents.add(name);
  }

  /** Everything, once the step is over. */
  finish(): readonly Effect[] {
    if (this.#frameworks.size + this.#agents.size > 0) {
      this.emit({kind: 'status-changed', frameworks: [...this.#frameworks], agents: [...this.#agents]});
    }
    if (this.master.allocator.runPending() && !isHeldOff(this.master, this.nowMs))
      this.emit({kind: 'schedule-allocation'});
    return this.effects;
  }
}
