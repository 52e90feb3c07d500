import {isResident} from '../../../../crds/upgrade-strategy.ts';
import type {AppDefinition} from '../apps/app.ts';
import {isHealthy, type Instance} from '../instances/instance.ts';
import {minimumHealthy} from './rolling.ts';
import type {App, MarathonState} from '../state.ts';

/** It runs on an agent that gets no more offers: somebody may want that agent empty. */
export const isLeaving = ({leavingAgents}: MarathonState, {task}: Instance): boolean =>
  task !== undefined && leavingAgents.has(task.agent.agentId);

/**
 * Instances beyond what is wanted: one, while some run on agents that are to be emptied and the app can spare none of
 * them. With the one more it can, and they move one by one. An app that is not well gets none: it may not spare any
 * then either.
 */
export function surgeOf(state: MarathonState, app: App, definition: AppDefinition): 0 | 1 {
  if (isResident(definition.spec)) return 0;
  const {instances: wanted, minimumHealthCapacity, hasHealthChecks} = definition;
  if (state.leavingAgents.size === 0 || wanted === 0) return 0;
  if (minimumHealthy(wanted, minimumHealthCapacity) < wanted) return 0;
  const running = [...app.instances.values()].filter(({goal}) => goal === 'Running');
  if (!running.some(instance => isLeaving(state, instance))) return 0;
  return running.filter(instance => isHealthy(instance, hasHealthChecks)).length >= wanted ? 1 : 0;
}

/** Agents stopped or began to get offers: apps that have instances there may need one more, or have one too many. */
export function onLeavingAgents(turn: {state: MarathonState; touched: Set<App>}, agentIds: readonly string[]): void {
  const {state, touched} = turn;
  const changed = new Set(agentIds).symmetricDifference(state.leavingAgents);
  state.leavingAgents = new Set(agentIds);
  if (changed.size === 0) return;
  for (const app of state.apps.values()) {
    const concerned = [...app.instances.values()].some(
      ({task}) => task !== undefined && changed.has(task.agent.agentId),
    );
    if (concerned) touched.add(app);
  }
}
