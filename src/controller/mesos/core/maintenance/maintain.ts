import {lookAtAgents} from '../agents/presence.ts';
import {rescindOffersOf} from '../offers/offers.ts';
import type {Maintenance} from './maintenance-plan.ts';
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
    rescindOffersOf(turn, agent.record.id);
    rescindInverseOffersOf(turn, agent.record.id);
    turn.touch(undefined, agent.record.id);
  }
  lookAtAgents(turn);
}
