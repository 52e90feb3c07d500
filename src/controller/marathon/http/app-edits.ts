import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Edit} from '../calls/changes.ts';
import {type AppDefinition, normaliseApp} from '../core/apps/app.ts';
import {hasCycle} from '../core/apps/dependencies.ts';
import {allowedRoles, CYCLE, SAME_ID, sharesIdWithGroup} from '../core/apps/rules.ts';
import type {AppId} from '../core/ids.ts';
import {assignServicePorts} from '../core/ports/service-ports.ts';
import type {ReadonlyApp, Settings} from '../core/state.ts';
import {settingsOf} from '../flags.ts';
import {appJson} from './app-json.ts';
import {completeSpec, mergeFields} from './complete-spec.ts';
import type {Update} from './decode-update.ts';
import type {MarathonAccess} from './marathon-access.ts';

type Json = Record<string, unknown>;
type Outcome<T> = Result<T, MarathonError>;

/** How an update treats what is there. `partial` keeps what the body does not name; `upsert` creates what is missing. */
export type UpdateMode = {readonly partial: boolean; readonly upsert: boolean; readonly force: boolean};

/** Specs that the same change gives to other apps. */
export type PlannedSpecs = ReadonlyMap<AppId, MarathonAppSpec>;
/**
 * Decides on an app's newest spec; undefined: there is no such app. Dependencies are followed with `planned` only: while
 * a change of several apps is being written, there may be cycles that are not in its result.
 */
export type EditOf = (current: MarathonAppSpec | undefined, planned?: PlannedSpecs) => Outcome<Edit>;

/** What updates make of apps, checked against all the others. Writes nothing. */
export class Edits {
  readonly #access: MarathonAccess;
  readonly #settings: Settings;

  constructor(access: MarathonAccess) {
    this.#access = access;
    this.#settings = settingsOf(access.flags);
  }

  create(id: AppId, {fields}: Update, planned?: PlannedSpecs): Outcome<Edit> {
    const spec = this.#check(id, fields, planned);
    return spec.ok ? ok({kind: 'create', spec: spec.value}) : spec;
  }

  /** Updates of one app, one after the other. */
  update(
    id: AppId,
    updates: readonly Update[],
    mode: UpdateMode,
    present: MarathonAppSpec | undefined,
    planned?: PlannedSpecs,
  ): Outcome<Edit> {
    let spec = present;
    for (const update of updates) {
      const next = this.#updateOnce(id, update, mode, spec, planned);
      if (!next.ok) return next;
      spec = next.value;
    }
    if (spec === undefined) return err({kind: 'app-missing', appId: id});
    return present === undefined
      ? ok({kind: 'create', spec})
      : ok({kind: 'replace', spec: this.#likePresent(id, present, spec)});
  }

  /** Tries a change of several apps. @returns why it can't be made, or undefined */
  checkAll(plan: readonly {readonly id: AppId; readonly edit: EditOf}[], force: boolean): MarathonError | undefined {
    const planned = new Map<AppId, MarathonAppSpec>();
    const locks = new Set<string>();
    for (const {id, edit} of plan) {
      const app = this.#access.app(id);
      const present = presentSpec(app);
      const edited = edit(present);
      if (!edited.ok) return edited.error;
      if (edited.value.kind !== 'create' && edited.value.kind !== 'replace') continue;
      planned.set(id, edited.value.spec);
      if (edited.value.spec !== present && app?.deployment !== undefined) locks.add(app.deployment.id);
    }
    for (const {id, edit} of plan) {
      const edited = edit(presentSpec(this.#access.app(id)), planned);
      if (!edited.ok) return edited.error;
    }
    return locks.size > 0 && !force ? {kind: 'app-locked', deploymentIds: [...locks]} : undefined;
  }

  #updateOnce(
    id: AppId,
    {fields, version, former}: Update,
    mode: UpdateMode,
    present: MarathonAppSpec | undefined,
    planned?: PlannedSpecs,
  ): Outcome<MarathonAppSpec> {
    // To create by PUT is to give a definition; its version is only what a GET showed.
    const isChange = present !== undefined || Object.keys(fields).length === 0;
    if (version !== undefined && isChange) {
      if (Object.keys(fields).length > 0)
        return invalid('/', "The 'version' field may only be combined with the 'id' field.");
      if (present === undefined || former === undefined) return err({kind: 'app-missing', appId: id, version});
      const {id: _id, ...before} = former;
      return this.#check(id, before, planned);
    }
    if (present === undefined && !mode.upsert) return err({kind: 'app-missing', appId: id});
    const whole = present === undefined || !mode.partial;
    return this.#check(id, whole ? fields : mergeFields(present, fields), planned);
  }

  #check(id: AppId, fields: Json, planned?: PlannedSpecs): Outcome<MarathonAppSpec> {
    const {defaults, servicePorts} = this.#settings;
    const spec = completeSpec(id, fields, defaults.role);
    if (!spec.ok) return spec;
    const access = this.#access;
    const isApp = (other: AppId): boolean => access.app(other) !== undefined || planned?.has(other) === true;
    if (sharesIdWithGroup(id, isApp, group => this.#isGroup(group, planned))) return invalid('/', SAME_ID);
    const allowed = allowedRoles(id, defaults.role, access.app(id)?.definition?.role);
    const role = spec.value.role ?? defaults.role;
    if (!allowed.includes(role)) return invalid('/role', `got ${role}, expected one of: [${allowed.join(', ')}]`);
    if (planned !== undefined && this.#isCyclic(id, new Map([...planned, [id, spec.value]]))) {
      return invalid('/', CYCLE);
    }
    const definition = normaliseApp(id, spec.value, defaults);
    if (!definition.ok) return invalid('/', definition.error);
    return this.#assign(id, definition.value) === undefined ? err({kind: 'ports-exhausted', ...servicePorts}) : spec;
  }

  #isGroup(id: AppId, planned: PlannedSpecs | undefined): boolean {
    const prefix = `${id}/`;
    return this.#access.isGroup(id) || [...(planned?.keys() ?? [])].some(other => other.startsWith(prefix));
  }

  #isCyclic(id: AppId, planned: PlannedSpecs): boolean {
    const specs = new Map<AppId, MarathonAppSpec>(planned);
    for (const app of this.#access.apps()) {
      const spec = specOf(app);
      if (spec !== undefined && !specs.has(app.object.id)) specs.set(app.object.id, spec);
    }
    return hasCycle(id, [...specs.keys()], other => specs.get(other)?.dependencies);
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

const invalid = (path: string, message: string): Outcome<never> =>
  err({kind: 'invalid-object', violations: [{path, errors: [message]}]});

const presentSpec = (app: ReadonlyApp | undefined): MarathonAppSpec | undefined =>
  app === undefined || app.object.deleting ? undefined : specOf(app);

const specOf = ({object}: ReadonlyApp): MarathonAppSpec | undefined =>
  object.definition.ok ? object.definition.value.spec : undefined;

const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
