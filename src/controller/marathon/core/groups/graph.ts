import type {AppDefinition} from '../apps/app.ts';
import {ancestorsOf, type AppId} from '../ids.ts';
import {appOf, groupOf, type ReadonlyApp, type ReadonlyMarathon} from '../state.ts';
import type {DependencyGraph} from './dependencies.ts';

/** What a change makes of apps and groups; undefined: they go. */
export type Planned = {
  readonly apps: ReadonlyMap<AppId, AppDefinition | undefined>;
  readonly groups: ReadonlyMap<AppId, readonly AppId[] | undefined>;
};

export const NOTHING_PLANNED: Planned = {apps: new Map(), groups: new Map()};

/** Dependencies as they are in force, but for what a change makes of them. */
export const graphInForce = (state: ReadonlyMarathon, planned: Planned = NOTHING_PLANNED): DependencyGraph =>
  graphOf(state, planned, ({definition}) => definition);

/** Dependencies as the objects say, whether they are in force yet or not. */
export const graphDeclared = (state: ReadonlyMarathon, planned: Planned = NOTHING_PLANNED): DependencyGraph =>
  graphOf(state, planned, ({object, definition}) => {
    if (object.deleting) return undefined;
    return object.definition.ok ? object.definition.value : definition;
  });

function graphOf(
  state: ReadonlyMarathon,
  {apps, groups}: Planned,
  definitionOf: (app: ReadonlyApp) => AppDefinition | undefined,
): DependencyGraph {
  const more = insideOf(apps.keys());
  const definition = (id: AppId): AppDefinition | undefined => {
    if (apps.has(id)) return apps.get(id);
    const app = appOf(state, id);
    return app === undefined ? undefined : definitionOf(app);
  };
  return {
    namedByApp: id => {
      const found = definition(id);
      return found && (found.spec.dependencies ?? []);
    },
    namedByGroup: id => (groups.has(id) ? groups.get(id) : groupOf(state, id)?.definition?.dependencies),
    inside: group => {
      if (group === '/') return new Set([...state.claims.keys(), ...apps.keys()]);
      return new Set([...(state.groups.get(group) ?? []), ...(more.get(group) ?? [])]);
    },
  };
}

/** Ids inside each group, at any depth. */
function insideOf(ids: Iterable<AppId>): ReadonlyMap<AppId, readonly AppId[]> {
  const inside = new Map<AppId, AppId[]>();
  for (const id of ids) {
    for (const group of ancestorsOf(id)) {
      const known = inside.get(group);
      if (known === undefined) inside.set(group, [id]);
      else known.push(id);
    }
  }
  return inside;
}
