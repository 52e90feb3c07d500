import {err, ok} from '../../../lib/result.ts';
import {type AppId, parseTaskId} from '../core/ids.ts';
import type {Instance} from '../core/instances/instance.ts';
import type {AppsService, ChangeResult, Outcome} from './apps-service.ts';
import type {ShownApp} from './shown-app.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {taskJson} from './task-json.ts';

type Json = Record<string, unknown>;

export type Victim = {readonly of: ShownApp; readonly instance: Instance};
/** `scale`: the app wants that many fewer; `wipe`: the instance goes with its task, and another one replaces it. */
export type KillMode = {readonly scale: boolean; readonly wipe: boolean; readonly force: boolean};

export type Killed =
  | {readonly kind: 'killed'; readonly tasks: readonly Json[]}
  | {readonly kind: 'scaled'; readonly changed: ChangeResult};

/** Tasks on a host; absent or `*` means any, else a part of its name. */
export const victimsOn = (shown: ShownApp, host: string | undefined): Victim[] =>
  launched(shown).filter(
    ({instance}) => host === undefined || host === '*' || instance.task?.agent.hostname.includes(host) === true,
  );

/** The instance that runs a task now, also when the id is of an earlier task of it, or the instance's own. */
export function victimWith(shown: ShownApp, taskId: string): Victim | undefined {
  const instanceId = parseTaskId(taskId)?.instanceId;
  return launched(shown).find(({instance: {id}}) => id === instanceId || id === taskId);
}

/** The same for many ids of any apps; those that nothing runs now are left out. */
export function victimsWith(listed: readonly ShownApp[], taskIds: readonly string[]): Victim[] {
  const byId = new Map(listed.flatMap(launched).map(victim => [victim.instance.id as string, victim]));
  const found = taskIds.flatMap(id => byId.get(parseTaskId(id)?.instanceId ?? id) ?? []);
  return [...new Set(found)];
}

const launched = (of: ShownApp): Victim[] =>
  [...of.app.instances.values()].flatMap(instance => (instance.task === undefined ? [] : [{of, instance}]));

/** Kills these tasks. With `scale` exactly they go for good, else they are replaced. */
export async function killTasks(
  apps: AppsService,
  access: MarathonAccess,
  victims: readonly Victim[],
  {scale, wipe, force}: KillMode,
): Promise<Outcome<Killed>> {
  if (scale && wipe) return err({kind: 'bad-request', message: 'You cannot use scale and wipe at the same time.'});
  if (!victims.every(({of}) => access.mayChange?.(of.definition.id) ?? true)) return err({kind: 'forbidden'});
  if (!scale) {
    const tasks = victims.map(({of, instance}) => taskJson(of.app, instance)).filter(task => task !== undefined);
    access.killInstances(
      victims.map(({instance}) => instance.id),
      wipe,
    );
    return ok({kind: 'killed', tasks});
  }
  const active = victims.filter(({instance}) => isActive(instance));
  const named = Map.groupBy(active, ({of}) => of.definition.id);
  const ids = new Map([...named].map(([id, group]) => [id, group.map(({instance}) => instance.id)]));
  const changed = await apps.scale(fewer(victims, active), ids, force);
  return changed.ok ? ok({kind: 'scaled', changed: changed.value}) : changed;
}

/** It counts towards what the app wants, and nobody is ending it. */
const isActive = ({condition, goal}: Instance): boolean =>
  goal === 'Running' && condition !== 'Killing' && condition !== 'UnreachableInactive';

function fewer(victims: readonly Victim[], active: readonly Victim[]): ReadonlyMap<AppId, number> {
  const wanted = new Map(victims.map(({of: {definition}}) => [definition.id, definition.instances]));
  for (const {of} of active) {
    const {id} = of.definition;
    wanted.set(id, Math.max(0, (wanted.get(id) ?? 0) - 1));
  }
  return wanted;
}
