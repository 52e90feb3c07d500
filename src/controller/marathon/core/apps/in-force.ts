import type {App, MarathonState} from '../state.ts';
import type {AppDefinition} from './app.ts';

/** The only way in which a definition comes into force, or goes: roles in use are counted beside. */
export function putInForce(state: MarathonState, app: App, definition: AppDefinition | undefined): void {
  const {rolesInUse} = state;
  const before = app.definition?.role;
  app.definition = definition;
  if (before === definition?.role) return;
  if (before !== undefined) {
    const left = (rolesInUse.get(before) ?? 1) - 1;
    if (left > 0) rolesInUse.set(before, left);
    else rolesInUse.delete(before);
  }
  if (definition !== undefined) rolesInUse.set(definition.role, (rolesInUse.get(definition.role) ?? 0) + 1);
}
