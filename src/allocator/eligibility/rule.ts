import type {AgentEntry, Client} from '../records.ts';

/** Why a client gets nothing from an agent, whatever is free there. One file per rule. */
export type Rule = {
  readonly name: string;
  readonly refuses: (agent: AgentEntry, client: Client) => boolean;
};
