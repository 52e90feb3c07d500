import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {hasReason, explainKubeError} from '../../../kube/kube-error.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {type AppDefinition, normaliseApp} from '../core/app.ts';
import {type AppId, objectNameOf, versionAt} from '../core/ids.ts';
import {assignServicePorts} from '../core/service-ports.ts';
import type {App} from '../core/state.ts';
import {absoluteId, completeSpec, decodeUpdate, type Update} from './decode-app.ts';
import type {AppChange, MarathonAccess, Stamp} from './marathon-access.ts';

type Json = Record<string, unknown>;

/** What a change came to. */
export type Changed = {
  readonly id: AppId;
  readonly stamp: Stamp;
  readonly created: boolean;
  readonly unknown: readonly string[];
};
export type Outcome<T> = Result<T, MarathonError>;

/** An app that /v2 shows: one with a definition in force. */
export type ShownApp = {readonly app: App; readonly definition: AppDefinition};

export const shown = (app: App): ShownApp | undefined => {
  const definition = app.definition ?? (app.object.definition.ok ? app.object.definition.value : undefined);
  return definition === undefined || app.block?.reason === 'DuplicateId' ? undefined : {app, definition};
};

/** Reads and writes apps for the routes; knows nothing of HTTP but the errors. */
export class AppsService {
  private readonly access: MarathonAccess;

  constructor(access: MarathonAccess) {
    this.access = access;
  }

  list(): ShownApp[] {
    return [...this.access.state.apps.values()]
      .map(shown)
      .filter(app => app !== undefined)
      .toSorted((a, b) => (a.definition.id < b.definition.id ? -1 : 1));
  }

  find(path: string): Outcome<ShownApp> {
    const id = absoluteId(path);
    if (!id.ok) return err({kind: 'app-missing', appId: `/${path}`});
    for (const name of this.access.state.claims.get(id.value) ?? []) {
      const app = this.access.state.apps.get(name);
      const found = app === undefined ? undefined : shown(app);
      if (found !== undefined) return ok(found);
    }
    return err({kind: 'app-missing', appId: id.value});
  }

  async create(body: unknown): Promise<Outcome<Changed>> {
    const update = decodeUpdate(body);
    if (!update.ok) return update;
    if (update.value.id === undefined)
      return err({kind: 'wrong-types', violations: [{path: '/id', errors: ['error.path.missing']}]});
    const id = absoluteId(update.value.id);
    if (!id.ok) return id;
    if (this.find(id.value).ok) return err({kind: 'app-exists', appId: id.value});
    return this.createNew(id.value, update.value);
  }

  /** PUT and PATCH of one app. `partial` keeps what the body does not name; `upsert` creates what is missing. */
  async update(
    path: string,
    body: unknown,
    how: {partial: boolean; upsert: boolean; force: boolean},
  ): Promise<Outcome<Changed>> {
    const id = absoluteId(path);
    if (!id.ok) return id;
    const update = decodeUpdate(body);
    if (!update.ok) return update;
    const found = this.find(id.value);
    if (!found.ok) return how.upsert ? this.createNew(id.value, update.value) : found;
    if (update.value.version !== undefined && Object.keys(update.value.fields).length === 0) {
      return err({kind: 'app-missing', appId: id.value, version: update.value.version});
    }
    const locked = this.lockOf(found.value.app, how.force);
    if (locked !== undefined) return err(locked);
    const fields = how.partial ? merged(found.value.definition.spec, update.value.fields) : update.value.fields;
    const spec = this.checkSpec(id.value, fields, found.value.app);
    if (!spec.ok) return spec;
    const name = found.value.app.object.name;
    return this.apply(
      {kind: 'replace', name, spec: spec.value, stamp: this.stamp()},
      id.value,
      false,
      update.value.unknown,
    );
  }

  async restart(path: string, force: boolean): Promise<Outcome<Changed>> {
    const found = this.find(path);
    if (!found.ok) return found;
    const {app, definition} = found.value;
    const locked = this.lockOf(app, force);
    if (locked !== undefined) return err(locked);
    return this.apply({kind: 'restart', name: app.object.name, stamp: this.stamp()}, definition.id, false, []);
  }

  async remove(path: string, force: boolean): Promise<Outcome<Changed>> {
    const found = this.find(path);
    if (!found.ok) return found;
    const {app, definition} = found.value;
    const locked = this.lockOf(app, force);
    if (locked !== undefined) return err(locked);
    return this.apply({kind: 'delete', name: app.object.name, stamp: this.stamp()}, definition.id, false, []);
  }

  private async createNew(id: AppId, update: Update): Promise<Outcome<Changed>> {
    const spec = this.checkSpec(id, update.fields, undefined);
    if (!spec.ok) return spec;
    return this.apply({kind: 'create', id, spec: spec.value, stamp: this.stamp()}, id, true, update.unknown);
  }

  private checkSpec(id: AppId, fields: Json, present: App | undefined): Outcome<MarathonAppSpec> {
    const spec = completeSpec(fields);
    if (!spec.ok) return spec;
    const {settings} = this.access.state;
    const allowed = allowedRoles(id, settings.defaults.role, present);
    const role = spec.value.role ?? settings.defaults.role;
    if (!allowed.includes(role)) {
      return err({
        kind: 'invalid-object',
        violations: [{path: '/role', errors: [`got ${role}, expected one of: [${allowed.join(', ')}]`]}],
      });
    }
    const definition = normaliseApp(id, spec.value, settings.defaults);
    if (!definition.ok) return err({kind: 'invalid-object', violations: [{path: '/', errors: [definition.error]}]});
    return this.portsLeft(definition.value, present) ? spec : err({kind: 'ports-exhausted', ...settings.servicePorts});
  }

  private portsLeft(definition: AppDefinition, present: App | undefined): boolean {
    const {apps, settings} = this.access.state;
    const others = [...apps.values()].filter(app => app !== present);
    const taken = new Set(others.flatMap(app => app.servicePorts));
    const wanted = definition.ports.map(port => port.servicePort);
    return assignServicePorts(wanted, present?.servicePorts ?? [], taken, settings.servicePorts).ok;
  }

  /** Why a change has to wait, unless it is forced. */
  lockOf(app: App, force: boolean): MarathonError | undefined {
    return app.deployment === undefined || force ? undefined : {kind: 'app-locked', deploymentIds: [app.deployment.id]};
  }

  private stamp(): Stamp {
    return {version: versionAt(this.access.now()), deploymentId: this.access.newDeploymentId()};
  }

  private async apply(
    change: AppChange,
    id: AppId,
    created: boolean,
    unknown: readonly string[],
  ): Promise<Outcome<Changed>> {
    const written = await this.access.change(change);
    if (written.ok) return ok({id, stamp: change.stamp, created, unknown});
    if (created && hasReason(written.error, 'AlreadyExists')) return err({kind: 'app-exists', appId: id});
    if (hasReason(written.error, 'NotFound')) return err({kind: 'app-missing', appId: id});
    if (written.error.kind === 'http' && written.error.status === 422) {
      return err({kind: 'invalid-object', violations: [{path: '/', errors: [written.error.message]}]});
    }
    return err({kind: 'storage', message: `${objectNameOf(id)}: ${explainKubeError(written.error)}`});
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
