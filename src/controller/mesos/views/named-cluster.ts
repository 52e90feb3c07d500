import type {Allocator} from '../../../allocator/allocator.ts';
import type {AgentId} from '../../../allocator/ids.ts';
import type {JournalOptions} from '../../../allocator/journal/journal.ts';
import type {Offer} from '../../../api/mesos/v1/common.ts';
import type {AgentRecord} from '../core/agents/agent-record.ts';

/** The cluster as it is, for whoever tries something on a copy of its allocator. */
export type NamedCluster = {
  readonly allocator: Pick<Allocator, 'snapshot'>;
  readonly options: JournalOptions;
  /** Of the allocator's chance. */
  readonly randomState: number;
  readonly nowMs: number;
  readonly agent: (agentId: AgentId) => (AgentRecord & {readonly unavailability: Offer['unavailability']}) | undefined;
  readonly frameworkName: (frameworkId: string) => string;
  /** Nothing is offered yet, as too few agents are back after a change of leaders. */
  readonly isHeldOff: boolean;
};
