import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {ChangeError, Edit} from '../changes.ts';
import {type AppDefinition, normaliseApp} from '../core/app.ts';
import type {AppId} from '../core/ids.ts';
import {assignServicePorts} from '../core/service-ports.ts';
import type {App, Settings} from '../core/state.ts';
import {settingsOf} from '../flags.ts';
import {absoluteId, completeSpec, decodeUpdate, type Update} from './decode-app.ts';
import type {MarathonAccess} from './marathon-access.ts';

type Json = Record<string, unknown>;

/** What a change came to. */
export type Changed = {
  readonly id: AppId;
  readonly version: string;
  readonly deploymentId: string;
  readonly created: boolean;
  /** Paths of fields that were ignored. */
  readonly unknown: readonly string[];
};
export type Outcome<T> = Result<T, MarathonError>;

/** How an update treats what is there. `partial` keeps what the body does not name; `upsert` creates what is missing. */
export type UpdateMode = {readonly partial: boolean; readonly upsert: boolean; readonly force: boolean};

/** An app that /v2 shows: one whose definition can be read. */
export type ShownApp = {readonly app: App; readonly definition: AppDefinition};

const shown = (app: App): ShownApp | undefined => {
  const definition = app.definition ?? (app.object.definition.ok ? app.object.definition.value : undefined);
  return definition === undefined ? undefined : {app, definition};
};

/** Reads and writes apps for the routes; knows nothing of HTTP but the errors. */
export class AppsService {
  private readonly access: MarathonAccess;
  private readonly settings: Settings;

  constructor(access: MarathonAccess) {
    this.access = access;
    this.settings = settingsOf(access.flags);
  }

  /** In the order of their ids. */
  list(): ShownApp[] {
    return this.access
      .apps()
      .map(shown)
      .filter(app => app !== undefined);
  }

  find(path: string): Outcome<ShownApp> {
    const id = absoluteId(path);
    const app = id.ok ? this.access.app(id.value) : undefined;
    const found = app === undefined ? undefined : shown(app);
    return found === undefined ? err({kind: 'app-missing', appId: id.ok ? id.value : `/${path}`}) : ok(found);
  }

  async create(body: unknown): Promise<Outcome<Changed>> {
    const update = decodeUpdate(body);
    if (!update.ok) return update;
    if (update.value.id === undefined) {
      return err({kind: 'wrong-types', violations: [{path: '/id', errors: ['error.path.missing']}]});
    }
    const id = absoluteId(update.value.id);
    if (!id.ok) return id;
    return this.apply(id.value, false, update.value.unknown, current => {
      if (current !== undefined) return err({kind: 'app-exists', appId: id.value});
      return this.created(id.value, update.value);
    });
  }

  /** PUT and PATCH of one app. */
  async update(path: string, body: unknown, mode: UpdateMode): Promise<Outcome<Changed>> {
    const id = absoluteId(path);
    if (!id.ok) return id;
    const update = decodeUpdate(body);
    if (!update.ok) return update;
    const {fields, version, unknown} = update.value;
    return this.apply(id.value, mode.force, unknown, current => {
      if (current === undefined) {
        return mode.upsert ? this.created(id.value, update.value) : err({kind: 'app-missing', appId: id.value});
      }
      // Going back to an older version: none is kept so far.
      if (version !== undefined && Object.keys(fields).length === 0) {
        return err({kind: 'app-missing', appId: id.value, version});
      }
      const spec = this.checkSpec(id.value, mode.partial ? merged(current, fields) : fields);
      return spec.ok ? ok({kind: 'replace', spec: spec.value}) : spec;
    });
  }

  async restart(path: string, force: boolean): Promise<Outcome<Changed>> {
    return this.onExisting(path, force, {kind: 'restart'});
  }

  async remove(path: string, force: boolean): Promise<Outcome<Changed>> {
    return this.onExisting(path, force, {kind: 'delete'});
  }

  private async onExisting(path: string, force: boolean, edit: Edit): Promise<Outcome<Changed>> {
    const id = absoluteId(path);
    if (!id.ok) return id;
    return this.apply(id.value, force, [], current =>
      current === undefined ? err({kind: 'app-missing', appId: id.value}) : ok(edit),
    );
  }

  private created(id: AppId, {fields}: Update): Outcome<Edit> {
    const spec = this.checkSpec(id, fields);
    return spec.ok ? ok({kind: 'create', spec: spec.value}) : spec;
  }

  private checkSpec(id: AppId, fields: Json): Outcome<MarathonAppSpec> {
    const spec = completeSpec(fields);
    if (!spec.ok) return spec;
    const present = this.access.app(id);
    const {defaults, servicePorts} = this.settings;
    const allowed = allowedRoles(id, defaults.role, present);
    const role = spec.value.role ?? defaults.role;
    if (!allowed.includes(role)) {
      return invalid('/role', `got ${role}, expected one of: [${allowed.join(', ')}]`);
    }
    const definition = normaliseApp(id, spec.value, defaults);
    if (!definition.ok) return invalid('/', definition.error);
    return this.portsLeft(definition.value, present) ? spec : err({kind: 'ports-exhausted', ...servicePorts});
  }

  private portsLeft(definition: AppDefinition, present: App | undefined): boolean {
    const others = this.access.apps().filter(app => app !== present);
    const taken = new Set(others.flatMap(app => app.servicePorts));
    const wanted = definition.ports.map(port => port.servicePort);
    return assignServicePorts(wanted, present?.servicePorts ?? [], taken, this.settings.servicePorts).ok;
  }

  private async apply(
    id: AppId,
    force: boolean,
    unknown: readonly string[],
    edit: (current: MarathonAppSpec | undefined) => Outcome<Edit>,
  ): Promise<Outcome<Changed>> {
    const changed = await this.access.change<MarathonError>({id, force, edit});
    if (!changed.ok) return err(errorOf(changed.error));
    const {version, deploymentId, created} = changed.value;
    return ok({id, version, deploymentId, created, unknown});
  }
}

const invalid = (path: string, message: string): Outcome<never> =>
  err({kind: 'invalid-object', violations: [{path, errors: [message]}]});

function errorOf(error: ChangeError<MarathonError>): MarathonError {
  switch (error.kind) {
    case 'refused':
      return error.error;
    case 'locked':
      return {kind: 'app-locked', deploymentIds: error.deployments};
    case 'invalid':
      return {kind: 'invalid-object', violations: [{path: '/', errors: [error.message]}]};
    case 'unavailable':
      return {kind: 'storage', message: error.message};
    default:
      return error satisfies never;
  }
}

/** A field that is given replaces the whole field; what contradicts it goes. `resourceLimits` is always the update's. */
function merged(spec: MarathonAppSpec, fields: Json): Json {
  const {id: _id, resourceLimits: _limits, ...kept} = spec;
  const result: Json = {...kept, ...fields};
  if ('portDefinitions' in fields) delete result['ports'];
  return result;
}

/** The default role, the name of the top-level group, and the role that the app has. */
function allowedRoles(id: AppId, byDefault: string, present: App | undefined): string[] {
  const segments = id.split('/').filter(segment => segment !== '');
  const group = segments.length > 1 ? segments.slice(0, 1) : [];
  return [...new Set([byDefault, ...group, ...(present?.definition === undefined ? [] : [present.definition.role])])];
}
