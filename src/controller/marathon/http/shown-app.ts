import type {AppDefinition} from '../core/apps/app.ts';
import type {ReadonlyApp} from '../core/state.ts';

/** An app that /v2 shows: one whose definition can be read, and that is not being deleted. */
export type ShownApp = {readonly app: ReadonlyApp; readonly definition: AppDefinition};

export function shownApp(app: ReadonlyApp | undefined): ShownApp | undefined {
  if (app === undefined || app.object.deleting) return undefined;
  // What waits for its step of a deployment is shown already.
  const definition = app.object.definition.ok ? app.object.definition.value : app.definition;
  return definition === undefined ? undefined : {app, definition};
}
