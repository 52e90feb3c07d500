import type {Turn} from '../state.ts';

/** Others have changed: perhaps nothing is in the way of these any more. */
export function reconsiderForbidden(turn: Turn): void {
  for (const name of turn.state.forbidden) {
    const app = turn.state.apps.get(name);
    if (app !== undefined) turn.reconsider.add(app);
  }
  for (const name of turn.state.blockedGroups) {
    const group = turn.state.groupObjects.get(name);
    if (group !== undefined) turn.reconsiderGroups.add(group);
  }
}
