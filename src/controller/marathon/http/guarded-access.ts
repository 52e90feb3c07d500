import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {jsonOf} from '../../../lib/json-text.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Action, Asked} from '../../access/actions.ts';
import {type Approver, approves} from '../../access/authorizer.ts';
import type {Guard} from '../../access/guard.ts';
import type {Caller} from '../../runtime/caller.ts';
import type {Edit} from '../calls/change-app.ts';
import type {PlannedEdits} from '../calls/plans.ts';
import {affectedApps} from '../core/deployments/deployment.ts';
import type {AppId, InstanceId} from '../core/ids.ts';
import type {SentEvent} from '../event-hub.ts';
import {presentSpec} from './app-edits.ts';
import type {MarathonAccess} from './marathon-access.ts';

const ACTIONS = ['view_apps', 'create_apps', 'update_apps', 'delete_apps', 'register_frameworks', 'run_tasks'] as const;

/** What a caller may do: with apps and groups by their paths, with roles, as users. */
export type Rights = Readonly<Record<(typeof ACTIONS)[number], Approver>> & {
  /** Writes down what was refused. */
  readonly note: (asked: Asked) => void;
};

export async function rightsOf(guard: Guard, caller: Caller, access: MarathonAccess): Promise<Rights> {
  const paths = () => [...access.apps(), ...access.groups()].map(({object}) => object.id);
  const roles = () => access.apps().map(({definition}) => definition?.role);
  const objects: Partial<Record<Action, () => Iterable<string | undefined>>> = {
    register_frameworks: roles,
    run_tasks: () => [],
  };
  const approvers = ACTIONS.map(async action => [
    action,
    await guard.approver(caller, action, objects[action] ?? paths),
  ]);
  const note = (asked: Asked): void => guard.note(caller, asked);
  return {...(Object.fromEntries(await Promise.all(approvers)) as Omit<Rights, 'note'>), note};
}

export const isFull = (rights: Rights): boolean => ACTIONS.every(action => rights[action] === 'all');

const FORBIDDEN: MarathonError = {kind: 'forbidden'};
const REFUSED = {kind: 'refused', error: FORBIDDEN} as const;
type Refused = typeof REFUSED;

/**
 * Marathon as a caller may see and change it. Every field is named here: one more does not compile before it is said who
 * may use it.
 */
export function guardedAccess(whole: MarathonAccess, rights: Rights): MarathonAccess {
  const sees = (id: string): boolean => approves(rights.view_apps, id);
  const {isCyclic, isPortUsed, group, groupVersion, versions, version, newStamp, nowMs, flags} = whole;
  return {
    ...{isCyclic, isPortUsed, group, groupVersion, versions, version, newStamp, nowMs, flags},
    apps: () => whole.apps().filter(({object}) => sees(object.id)),
    app: id => (sees(id) ? whole.app(id) : undefined),
    appsIn: id => whole.appsIn(id).filter(({object}) => sees(object.id)),
    groups: () => whole.groups().filter(({object}) => sees(object.id)),
    deployments: () => [...whole.deployments()].filter(deployment => affectedApps(deployment).every(sees)),
    events: guardedEvents(whole.events, rights),
    ...guardedEdits(whole, rights),
    ...guardedCommands(whole, rights),
  };
}

type GuardedAction = (typeof ACTIONS)[number];

const mayWith =
  (rights: Rights) =>
  (asked: Asked & {readonly action: GuardedAction}): boolean => {
    const isAllowed = approves(rights[asked.action], asked.object);
    if (!isAllowed) rights.note(asked);
    return isAllowed;
  };

/** Changes of definitions: each edit is judged when it is known what it makes of the app. */
function guardedEdits(whole: MarathonAccess, rights: Rights): Pick<MarathonAccess, 'plan' | 'change' | 'changeAll'> {
  const may = mayWith(rights);
  const guarded =
    (id: AppId, edit: EditOf): EditOf =>
    current => {
      const edited = edit(current);
      return edited.ok && !askedByEdit(whole, id, edited.value).every(may) ? err(FORBIDDEN) : edited;
    };
  const allowed = ({apps, groups}: PlannedEdits<MarathonError>): Result<PlannedEdits<MarathonError>, Refused> => {
    const areGroupsAllowed = groups.every(({id, spec}) =>
      may({action: spec === undefined ? 'delete_apps' : 'update_apps', object: id}),
    );
    if (!areGroupsAllowed) return err(REFUSED);
    // Before anything is written: a change of several apps is made whole or not at all.
    for (const {id, edit} of apps) {
      const edited = guarded(id, edit)(presentSpec(whole.app(id)));
      if (!edited.ok && edited.error.kind === 'forbidden') return err(REFUSED);
    }
    return ok({groups, apps: apps.map(app => ({...app, edit: guarded(app.id, app.edit)}))});
  };
  return {
    change: change => whole.change({...change, edit: guarded(change.id, change.edit)}),
    plan: async edits => {
      const judged = allowed(edits);
      return judged.ok ? whole.plan(judged.value) : judged;
    },
    changeAll: async (edits, force, stamp) => {
      const judged = allowed(edits);
      return judged.ok ? whole.changeAll(judged.value, force, stamp) : judged;
    },
  };
}

type Commands = 'mayChange' | 'mayCancel' | 'killInstances' | 'resetDelay' | 'cancelDeployment' | 'revertDeployment';

/** Whoever uses one has asked `mayChange` or `mayCancel`. What is not allowed is not done here either. */
function guardedCommands(whole: MarathonAccess, rights: Rights): Pick<MarathonAccess, Commands> {
  const may = mayWith(rights);
  const mayChange = (id: AppId): boolean => may({action: 'update_apps', object: id});
  const mayCancel = (id: string): boolean => {
    const meant = [...whole.deployments()].filter(deployment => deployment.id === id);
    return meant.every(deployment => affectedApps(deployment).every(mayChange));
  };
  const allowedOf = (ids: readonly InstanceId[]): InstanceId[] => {
    const apps = whole.apps().filter(({object}) => approves(rights.update_apps, object.id));
    const mine = new Set(apps.flatMap(({instances}) => [...instances.keys()]));
    return ids.filter(id => mine.has(id));
  };
  return {
    mayChange,
    mayCancel,
    killInstances: (ids, decommission) => whole.killInstances(allowedOf(ids), decommission),
    resetDelay: id => {
      if (approves(rights.update_apps, id)) whole.resetDelay(id);
    },
    cancelDeployment: id => {
      if (mayCancel(id)) whole.cancelDeployment(id);
    },
    revertDeployment: async id => (mayCancel(id) ? whole.revertDeployment(id) : err({kind: 'missing'})),
  };
}

const guardedEvents = (events: MarathonAccess['events'], rights: Rights): MarathonAccess['events'] => ({
  publish: event => events.publish(event),
  expect: told => events.expect(told),
  after: id => events.after(id)?.filter(event => isSeen(event, rights)),
  listen: ({onEvent, onQuiet}) =>
    events.listen({
      onQuiet,
      onEvent: event => {
        if (isSeen(event, rights)) onEvent(event);
      },
    }),
});

type EditOf = (current: MarathonAppSpec | undefined) => Result<Edit, MarathonError>;

const ACTION_OF = {
  create: 'create_apps',
  replace: 'update_apps',
  restart: 'update_apps',
  delete: 'delete_apps',
} as const;

/** An app takes resources of its role, and its tasks run as its user: as if its owner were a framework of its own. */
function askedByEdit({flags}: MarathonAccess, id: AppId, edit: Edit) {
  const asked = {action: ACTION_OF[edit.kind], object: id};
  if (!('spec' in edit)) return [asked];
  const role = edit.spec.role ?? flags.mesos_role;
  const user = edit.spec.user ?? flags.mesos_user;
  return [
    asked,
    {action: 'register_frameworks' as const, object: role},
    ...(user === undefined ? [] : [{action: 'run_tasks' as const, object: user}]),
  ];
}

/** An event about what a caller may not see is not for it: apps, groups and deployments are named by paths. */
function isSeen({json}: SentEvent, {view_apps: view}: Rights): boolean {
  return view === 'all' || pathsIn(jsonOf(json)).every(path => view(path));
}

const PATHS = new Set(['appId', 'groupId', 'app', 'id', 'runSpecId']);

function pathsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'string' && inner.startsWith('/') && PATHS.has(key) ? [inner] : pathsIn(inner),
  );
}
