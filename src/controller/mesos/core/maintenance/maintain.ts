import {blame} from '../../../../lib/blame.ts';
import {subjectOfAgent} from '../subjects.ts';
import {lookAtAgents} from '../agents/presence.ts';
import {rescindOffersOf} from '../offers/offers.ts';
import type {Maintenance} from './maintenance-plan.ts';
import type {AgentId} from '../ids.ts';
import type {Turn} from '../turn.ts';
import {rescindInverseOffersOf} from './inverse-offers.ts';
import {windowOf, windowsOf} from './machines.ts';

/** The schedule, and which machines are down, are now so: offers of agents whose window is another are rescinded. */
export function setMaintenance(turn: Turn, maintenance: Maintenance): void {
  const {master} = turn;
  const windows = () => new Map([...master.agents.values()].map(agent => [agent, windowOf(master, agent.record)]));
  const before = windows();
  master.maintenance = maintenance;
  master.windows = windowsOf(maintenance.schedule);
  for (const [agent, window] of windows()) {
    const was = before.get(agent)?.unavailability;
    if (JSON.stringify(was) === JSON.stringify(window?.unavailability)) continue;
    blame(subjectOfAgent(agent.record.name), () => windowChanged(turn, agent.record.id));
  }
  lookAtAgents(turn);
}

function windowChanged(turn: Turn, agentId: AgentId): void {
  rescindOffersOf(turn, agentId);
  rescindInverseOffersOf(turn, agentId);
  turn.touch(undefined, agentId);
}
