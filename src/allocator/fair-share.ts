import type {AllocationRun} from './agent-round.ts';
import {AgentRound} from './agent-round.ts';
import type {AgentEntry} from './records.ts';
import type {Resources} from './resources.ts';
import type {Slices} from './slices.ts';

/**
 * The second stage of a run, and the only one without quota. Each agent goes as a whole to the first client in fair
 * order that may have it and did not refuse it. The part that this client may not have goes on to the next client.
 */
export function* shareFairly(run: AllocationRun, agents: readonly AgentEntry[]): Slices<void> {
  for (let next = 0; next < agents.length;) {
    next = shareSome(run, agents, next);
    if (next < agents.length) yield;
  }
}

/** @returns where the next slice begins */
function shareSome(run: AllocationRun, agents: readonly AgentEntry[], begin: number): number {
  const {quota, unlocks, effort} = run;
  const cut = quota === undefined ? all : (role: string, visible: Resources) => quota.shareOf(role, visible);
  for (let i = begin; i < agents.length; i++) {
    const agent = agents[i];
    if (agent === undefined || agent.askedUpTo >= unlocks || agent.free.isEmpty) continue;
    const {free} = agent;
    const round = new AgentRound(run, agent);
    if (!round.isHopeless) run.roles.visit(({frameworks}) => frameworks.visit(client => round.ask(client, cut)));
    if (free === agent.free) run.close(agent);
    if (effort.isSliceOver()) return i + 1;
  }
  return agents.length;
}

const all = (_role: string, visible: Resources): Resources => visible;
