import type {MarathonState, RoleDemand} from '../state.ts';

/** A role that the master does not know yet is subscribed first; offers for it then have to be asked for. */
export function demandOf(state: MarathonState, role: string): RoleDemand {
  const demand = state.roles.get(role) ?? {suppressed: true, filtered: true, newWork: false};
  state.roles.set(role, demand);
  return demand;
}

/** There is something new to be done with offers of a role. */
export function awaitOffers(state: MarathonState, role: string): void {
  demandOf(state, role).newWork = true;
}
