import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {residentChangeViolations} from '../../../crds/resident-rules.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {MarathonGroupSpec} from '../../../crds/marathon-group.ts';
import {type Breath, createBreath} from '../../runtime/breath.ts';
import type {Edit} from '../calls/change-app.ts';
import type {GroupEdit} from '../calls/change-group.ts';
import {type AppDefinition, normaliseApp} from '../core/apps/app.ts';
import {allowedRoles, enforcedRole, wrongRole} from '../core/apps/rules.ts';
import {groupDefinition} from '../core/groups/group-object.ts';
import type {AppId} from '../core/ids.ts';
import {assignServicePorts} from '../core/ports/service-ports.ts';
import type {ReadonlyApp, Settings} from '../core/state.ts';
import {settingsOf} from '../flags.ts';
import {appJson} from './app-json.ts';
import {brokenRule} from './broken-rule.ts';
import {completeSpec, mergeFields} from './complete-spec.ts';
import type {Update} from './decode-update.ts';
import type {MarathonAccess} from './marathon-access.ts';

type Json = Record<string, unknown>;
type Outcome<T> = Result<T, MarathonError>;

/** How an update treats what is there. `partial` keeps what the body does not name; `upsert` creates what is missing. */
export type UpdateMode = {
  readonly partial: boolean;
  readonly upsert: boolean;
  readonly force: boolean;
  /** Who asked; told in `api_post_event`. */
  readonly origin?: Origin;
};

export type Origin = {readonly clientIp: string; readonly uri: string};

/**
 * Decides on an app's newest spec; undefined: there is no such app. `alone`: it is checked beside the others as they
 * are. A change of several apps is checked as a whole instead, as its parts may need each other.
 */
export type EditOf = (current: MarathonAppSpec | undefined, alone?: 'alone') => Outcome<Edit>;

/** Decides once on the same spec: a change of many apps is checked, planned and written. */
export function decidedOnce(edit: EditOf): EditOf {
  let last: {readonly of: MarathonAppSpec | undefined; readonly edited: Outcome<Edit>} | undefined;
  return current => {
    if (last?.of !== current || last === undefined) last = {of: current, edited: edit(current)};
    return last.edited;
  };
}

/** A change of several apps, and of what is said of groups. */
export type PlannedEdits = {
  readonly apps: readonly {readonly id: AppId; readonly edit: EditOf}[];
  readonly groups: readonly GroupEdit[];
};

/** What updates make of apps, checked against all the others. Writes nothing. */
export class Edits {
  readonly #access: MarathonAccess;
  readonly #settings: Settings;

  constructor(access: MarathonAccess) {
    this.#access = access;
    this.#settings = settingsOf(access.flags);
  }

  create(id: AppId, {fields}: Update, alone?: 'alone'): Outcome<Edit> {
    const spec = this.#check(id, fields, alone);
    return spec.ok ? ok({kind: 'create', spec: spec.value}) : spec;
  }

  /** Updates of one app, one after the other. */
  update(
    id: AppId,
    updates: readonly Update[],
    mode: UpdateMode,
    present: MarathonAppSpec | undefined,
    alone?: 'alone',
  ): Outcome<Edit> {
    let spec = present;
    for (const update of updates) {
      const next = this.#updateOnce(id, update, mode, spec, alone);
      if (!next.ok) return next;
      spec = next.value;
    }
    if (spec === undefined) return err({kind: 'app-missing', appId: id});
    return present === undefined
      ? ok({kind: 'create', spec})
      : ok({kind: 'replace', spec: this.#likePresent(id, present, spec)});
  }

  /** Tries a change of several apps. @returns why it can't be made, or undefined */
  async checkAll(
    {apps, groups}: PlannedEdits,
    force: boolean,
    breath: Breath = createBreath(),
  ): Promise<MarathonError | undefined> {
    const planned = new Map<AppId, AppDefinition | undefined>();
    const locks = new Set<string>();
    for (const {id, edit} of apps) {
      await breath();
      const app = this.#access.app(id);
      const present = presentSpec(app);
      const edited = edit(present);
      if (!edited.ok) return edited.error;
      const spec = 'spec' in edited.value ? edited.value.spec : undefined;
      if (spec !== present && app?.deployment !== undefined) locks.add(app.deployment.id);
      const definition = spec && normaliseApp(id, spec, this.#settings.defaults);
      planned.set(id, definition?.ok === true ? definition.value : undefined);
    }
    await breath('at-once');
    const rule = brokenRule(this.#access, {
      apps: planned,
      groups: new Map(groups.map(({id, spec}) => [id, spec && dependenciesOf(id, spec)])),
    });
    if (rule !== undefined) return {kind: 'invalid-object', violations: [{path: '/', errors: [rule]}]};
    return locks.size > 0 && !force ? {kind: 'app-locked', deploymentIds: [...locks]} : undefined;
  }

  #updateOnce(
    id: AppId,
    {fields, version, former}: Update,
    mode: UpdateMode,
    present: MarathonAppSpec | undefined,
    alone?: 'alone',
  ): Outcome<MarathonAppSpec> {
    // To create by PUT is to give a definition; its version is only what a GET showed.
    const isChange = present !== undefined || Object.keys(fields).length === 0;
    if (version !== undefined && isChange) {
      if (Object.keys(fields).length > 0)
        return invalid('/', "The 'version' field may only be combined with the 'id' field.");
      if (present === undefined || former === undefined) return err({kind: 'app-missing', appId: id, version});
      const {id: _id, ...before} = former;
      return this.#change(id, present, before, alone);
    }
    if (present === undefined && !mode.upsert) return err({kind: 'app-missing', appId: id});
    const whole = present === undefined || !mode.partial;
    return this.#change(id, present, whole ? fields : mergeFields(present, fields), alone);
  }

  #change(id: AppId, present: MarathonAppSpec | undefined, fields: Json, alone?: 'alone'): Outcome<MarathonAppSpec> {
    const spec = this.#check(id, fields, alone);
    if (!spec.ok || present === undefined) return spec;
    const violations = residentChangeViolations(present, spec.value);
    return violations.length === 0 ? spec : err({kind: 'invalid-object', violations});
  }

  #check(id: AppId, given: Json, alone?: 'alone'): Outcome<MarathonAppSpec> {
    const {defaults, servicePorts} = this.#settings;
    const access = this.#access;
    const enforced = enforcedRole(id, group => access.group(group)?.definition);
    const fields = enforced === undefined ? given : {role: enforced, ...given};
    const spec = completeSpec(id, fields, defaults.role);
    if (!spec.ok) return spec;
    const most = access.flags.max_apps;
    if (most !== undefined && access.app(id) === undefined && access.apps().length >= most) {
      return invalid('/', `There may be ${most} apps at most (--max_apps)`);
    }
    const held = access.app(id)?.definition?.role;
    const allowed = enforced === undefined ? allowedRoles(id, defaults.role, held) : [enforced];
    const role = spec.value.role ?? defaults.role;
    if (!allowed.includes(role)) return invalid('/role', wrongRole(role, allowed));
    const definition = normaliseApp(id, spec.value, defaults);
    if (!definition.ok) return invalid('/', definition.error);
    const rule = alone && brokenRule(access, {apps: new Map([[id, definition.value]]), groups: new Map()});
    if (rule !== undefined) return invalid('/', rule);
    return this.#assign(id, definition.value) === undefined ? err({kind: 'ports-exhausted', ...servicePorts}) : spec;
  }

  /** The service ports that the app would get; undefined: there are too few. */
  #assign(id: AppId, {ports}: AppDefinition): readonly number[] | undefined {
    const present = this.#access.app(id);
    const isTaken = (port: number): boolean => this.#access.isPortUsed(port, present);
    const wanted = ports.map(port => port.servicePort);
    const assigned = assignServicePorts(wanted, present?.servicePorts ?? [], isTaken, this.#settings.servicePorts);
    return assigned.ok ? assigned.value : undefined;
  }

  /** What says the same in other words changes nothing but the number of instances. */
  #likePresent(id: AppId, present: MarathonAppSpec, spec: MarathonAppSpec): MarathonAppSpec {
    const {instances} = spec;
    if (this.#form(id, {...present, instances}) !== this.#form(id, spec)) return spec;
    return present.instances === instances ? present : {...present, instances};
  }

  #form(id: AppId, spec: MarathonAppSpec): string {
    const definition = normaliseApp(id, spec, this.#settings.defaults);
    if (!definition.ok) return JSON.stringify(spec);
    const ports = this.#assign(id, definition.value) ?? [];
    return sortedJson({...appJson(definition.value, ports), requirePorts: spec.requirePorts});
  }
}

const dependenciesOf = (id: AppId, spec: MarathonGroupSpec): readonly AppId[] => {
  const definition = groupDefinition(id, spec);
  return definition.ok ? definition.value.dependencies : [];
};

const invalid = (path: string, message: string): Outcome<never> =>
  err({kind: 'invalid-object', violations: [{path, errors: [message]}]});

/** What is said of an app now; undefined: it is on its way out. */
export const presentSpec = (app: ReadonlyApp | undefined): MarathonAppSpec | undefined =>
  app === undefined || app.object.deleting ? undefined : specOf(app);

const specOf = ({object}: ReadonlyApp): MarathonAppSpec | undefined =>
  object.definition.ok ? object.definition.value.spec : undefined;

const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
