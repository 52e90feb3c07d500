import type {Resources} from '../../../../allocator/resources.ts';
import type {TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {Agent, Framework, Offer} from '../state.ts';

/** What an ACCEPT works on: offers of one agent and role, consumed, and what is left of them. */
export type Acceptance = {
  readonly framework: Framework;
  readonly agent: Agent;
  /** Any of the offers: all have its framework, agent and role. */
  readonly offer: Offer;
  /** Shrinks with every task. */
  pool: Resources;
  /** The part of it that operations made: no framework has refused that. */
  fresh: Resources;
};

/** One rule for tasks. @returns what is wrong with a task, or undefined */
export type TaskCheck = (info: TaskInfo, acceptance: Acceptance) => string | undefined;
