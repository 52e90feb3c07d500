import type {AllocationRun} from '../agent-round.ts';
import {AgentRound} from '../agent-round.ts';
import type {AgentEntry, RoleRecord} from '../records.ts';
import type {Resources} from '../resources.ts';
import type {Slices} from '../slices.ts';
import type {QuotaBook} from './quota-book.ts';

/**
 * The first stage of a run, for roles that hold less than their guarantee. In fair order they get the missing part from
 * each agent. Then they get the rest of the agent, as far as limits and other guarantees allow.
 */
export function* meetGuarantees(run: AllocationRun, quota: QuotaBook, agents: readonly AgentEntry[]): Slices<void> {
  // Roles without frameworks have their guarantees held back, and nobody to take them.
  const waiting = [...quota.unmetRoles].filter(role => run.roles.isActive(role));
  const cut = (role: string, visible: Resources): Resources | undefined => quota.guaranteedOf(role, visible);
  for (const agent of agents) {
    while (!quota.unmetRoles.has(waiting.at(-1) ?? '') && waiting.length > 0) waiting.pop();
    if (waiting.length === 0) return;
    if (agent.askedUpTo >= run.unlocks) continue;
    const round = new AgentRound(run, agent);
    const askRole = ({role, frameworks}: RoleRecord): boolean =>
      quota.unmetRoles.has(role) && frameworks.visit(client => round.ask(client, cut));
    if (!round.isHopeless) run.roles.visit(askRole);
    if (run.effort.isSliceOver()) yield;
  }
}
