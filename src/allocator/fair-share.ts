import type {Run} from './agent-round.ts';
import {AgentRound} from './agent-round.ts';
import type {AgentRecord} from './records.ts';
import type {Resources} from './resources.ts';

/**
 * The second stage of a run, and the only one without quota: each agent goes as a whole to the first client in fair
 * order that may have it and did not refuse it; what that one may not have goes on to the next.
 */
export function shareFairly(run: Run, agents: readonly AgentRecord[]): void {
  const {quota, unlocks} = run;
  const cut = quota === undefined ? all : (role: string, visible: Resources) => quota.shareOf(role, visible);
  for (const agent of agents) {
    if (agent.askedUpTo >= unlocks || agent.free.isEmpty) continue;
    const {free} = agent;
    const round = new AgentRound(run, agent);
    if (!round.isHopeless) run.roles.visit(({frameworks}) => frameworks.visit(client => round.ask(client, cut)));
    if (free === agent.free) run.close(agent);
  }
}

const all = (_role: string, visible: Resources): Resources => visible;
