import {isDelayed} from '../instances/backoff.ts';
import {scheduledCount} from '../instances/instance.ts';
import {demandOf} from './await-offers.ts';
import {newOfferStats} from './offer-stats.ts';
import type {App, MarathonState, Turn} from '../state.ts';

/** Counts what an app could launch now, and files it under its role. */
export function recount(turn: Turn, app: App): void {
  const {state} = turn;
  const {name} = app.object;
  const present = state.apps.get(name) === app;
  const scheduled = scheduledCount(app);
  app.offerStats = scheduled === 0 ? undefined : (app.offerStats ?? newOfferStats(turn.nowMs));
  const delayed = isDelayed(app.delay, turn.nowMs);
  if (present && app.delay !== undefined) state.delayed.set(name, delayed ? 'waiting' : 'passed');
  else state.delayed.delete(name);
  const role = present && !delayed ? app.definition?.role : undefined;
  const launchable = role === undefined ? 0 : scheduled;
  if (launchable > app.launchable || (launchable > 0 && role !== app.waitingRole)) {
    demandOf(state, role ?? '').newWork = true;
  }
  app.launchable = launchable;
  fileUnder(turn, app, launchable > 0 ? role : undefined);
}

function fileUnder({state}: Turn, app: App, role: string | undefined): void {
  const {name} = app.object;
  if (app.waitingRole !== undefined && app.waitingRole !== role) state.waiting.get(app.waitingRole)?.delete(name);
  app.waitingRole = role;
  if (role !== undefined) state.waiting.set(role, (state.waiting.get(role) ?? new Set()).add(name));
}

/** Every role in use, and the default one. */
export function wantedRoles(state: MarathonState): string[] {
  // Before the running tasks are known no definition is in force yet.
  const used = state.ready
    ? state.rolesInUse.keys()
    : [...state.apps.values()].flatMap(({object}) => (object.definition.ok ? object.definition.value.role : []));
  return [...new Set([state.settings.defaults.role, ...used, ...state.wiped.values()])].toSorted();
}

export const isWaiting = (state: MarathonState, role: string): boolean =>
  (state.waiting.get(role)?.size ?? 0) > 0 || [...state.wiped.values()].includes(role);

/** Tells the master which roles want offers, where that changed; asks again for offers that were refused before. */
export function updateDemand(turn: Turn): void {
  const {state, nowMs, effects} = turn;
  if (!state.connected || !state.ready) return;
  updateRoles(turn);
  const entries = [...state.roles];
  const suppress = entries.filter(([role, demand]) => !demand.suppressed && !isWaiting(state, role));
  for (const [, demand] of suppress) Object.assign(demand, {suppressed: true, newWork: false});
  if (suppress.length > 0) effects.push({kind: 'suppress', roles: suppress.map(([role]) => role)});
  for (const [, demand] of entries) if (!demand.suppressed && !demand.filtered) demand.newWork = false;
  const revive = entries.filter(
    ([role, demand]) => isWaiting(state, role) && (demand.suppressed || (demand.newWork && demand.filtered)),
  );
  if (revive.length === 0 || nowMs - state.lastReviveMs < state.settings.minReviveOffersMs) return;
  for (const [, demand] of revive) Object.assign(demand, {suppressed: false, filtered: false, newWork: false});
  state.lastReviveMs = nowMs;
  effects.push({kind: 'revive', roles: revive.map(([role]) => role)});
}

/** New roles begin suppressed; the revive that follows asks for their offers. */
function updateRoles({state, effects}: Turn): void {
  const wanted = wantedRoles(state);
  if (wanted.length === state.subscribedRoles.size && wanted.every(role => state.subscribedRoles.has(role))) return;
  for (const role of state.roles.keys()) if (!wanted.includes(role)) state.roles.delete(role);
  state.subscribedRoles = new Set(wanted);
  const suppressedRoles = wanted.filter(role => demandOf(state, role).suppressed);
  effects.push({kind: 'update-framework', roles: wanted, suppressedRoles});
}
