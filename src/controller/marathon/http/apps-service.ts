import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {checkLimit, explainTooMuch} from '../../../lib/limits.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {type Breath, createBreath} from '../../runtime/breath.ts';
import type {Edit, Stamp} from '../calls/change-app.ts';
import {type AppDefinition, normaliseApp} from '../core/apps/app.ts';
import type {AppVersion} from '../core/apps/app-version.ts';
import {settingsOf} from '../flags.ts';
import {type AppId, groupAround, type InstanceId, resolvePath, toAppId} from '../core/ids.ts';
import {type EditOf, Edits, type Origin, type UpdateMode} from './app-edits.ts';
import type {MarathonEvent} from '../core/marathon-event.ts';
import {appDefinition} from './app-json.ts';
import {errorOf} from './change-error.ts';
import {badVersion, decodeUpdate, type Update, versionFrom} from './decode-update.ts';
import {isAtOrBelow} from './group-json.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {mergePatch} from '../../../lib/merge-patch.ts';
import {movedError} from './moved-error.ts';
import {newAppId} from './path-id.ts';
import {type ShownApp, shownApp} from './shown-app.ts';
import type {Turns} from './turns.ts';

export type {Origin, UpdateMode} from './app-edits.ts';

/** What a change came to. */
export type ChangeResult = Stamp & {
  /** Absent when several apps were changed. */
  readonly id?: AppId;
  readonly created: boolean;
  /** Paths of fields that were ignored. */
  readonly unknown: readonly string[];
};
export type Outcome<T> = Result<T, MarathonError>;

/** An app in one of its versions. */
export type FormerApp = {readonly definition: AppDefinition; readonly kept: AppVersion};

type Planned = {readonly id: AppId; readonly edit: EditOf; readonly unknown: readonly string[]};

/** Reads and writes apps for the routes; knows nothing of HTTP but the errors. */
export class AppsService {
  readonly #access: MarathonAccess;
  readonly #edits: Edits;
  readonly #turns: Turns;

  /** @param turns in which changes of several apps are made */
  constructor(access: MarathonAccess, turns: Turns) {
    this.#access = access;
    this.#edits = new Edits(access);
    this.#turns = turns;
  }

  /** In the order of their ids. */
  list(): ShownApp[] {
    return this.#access.apps().flatMap(app => shownApp(app) ?? []);
  }

  find(path: string): Outcome<ShownApp> {
    const id = resolvePath(path);
    const found = shownApp(this.#access.app(toAppId(id)));
    return found === undefined ? err({kind: 'app-missing', appId: id}) : ok(found);
  }

  /** What lies below a group, at any depth, in the order of ids. */
  inGroup(path: string): Outcome<ShownApp[]> {
    const group = toAppId(resolvePath(path));
    const inside = this.#access.appsIn(group).flatMap(app => shownApp(app) ?? []);
    const isThere =
      group === '/' || inside.length > 0 || this.#access.groups().some(it => isAtOrBelow(it.object.id, group));
    if (!isThere) return err({kind: 'group-missing', groupId: group});
    return ok(inside.toSorted((a, b) => (a.definition.id < b.definition.id ? -1 : 1)));
  }

  /** Newest first. What is accepted and waits for its step is among them. */
  async versions(path: string): Promise<Outcome<readonly string[]>> {
    const found = this.find(path);
    if (!found.ok) return found;
    const versions = await this.#access.versions(found.value.app);
    return versions.ok ? versions : err({kind: 'storage', message: versions.error});
  }

  /** An app as it was. @param wanted as a client wrote it */
  async version(path: string, wanted: string): Promise<Outcome<FormerApp>> {
    const version = versionFrom(wanted);
    if (version === undefined) return err(badVersion(wanted));
    const found = this.find(path);
    if (!found.ok) return found;
    const {app} = found.value;
    const kept = await this.#access.version(app, version);
    if (!kept.ok) return err({kind: 'storage', message: kept.error});
    const {id} = app.object;
    const definition = kept.value && normaliseApp(id, kept.value.spec, settingsOf(this.#access.flags).defaults);
    return kept.value === undefined || definition?.ok !== true
      ? err({kind: 'app-missing', appId: id, version})
      : ok({definition: definition.value, kept: kept.value});
  }

  /** An update that asks for an earlier version, with what that was. */
  async #recalled(path: string, update: Update): Promise<Outcome<Update>> {
    const app = this.#access.app(toAppId(resolvePath(path)));
    if (update.version === undefined || app === undefined) return ok(update);
    const kept = await this.#access.version(app, update.version);
    if (!kept.ok) return err({kind: 'storage', message: kept.error});
    return ok(kept.value === undefined ? update : {...update, former: kept.value.spec});
  }

  async create(body: unknown, force: boolean, origin?: Origin): Promise<Outcome<ChangeResult>> {
    const update = decodeUpdate(body, {whole: true, needsId: true});
    if (!update.ok) return update;
    const id = newAppId(update.value.id ?? '');
    if (!id.ok) return id;
    const edit: EditOf = (current, alone) =>
      current === undefined
        ? this.#edits.create(id.value, update.value, alone)
        : err({kind: 'app-exists', appId: id.value});
    return this.#write({id: id.value, edit, unknown: update.value.unknown}, force, origin);
  }

  /** PUT and PATCH of one app. */
  async update(path: string, body: unknown, mode: UpdateMode): Promise<Outcome<ChangeResult>> {
    const update = decodeUpdate(body, {whole: !mode.partial, needsId: false});
    if (!update.ok) return update;
    const known = await this.#recalled(path, update.value);
    if (!known.ok) return known;
    const planned = this.#plan(path, [known.value], mode);
    return planned.ok ? this.#write(planned.value, mode.force, mode.origin) : planned;
  }

  /** Our extension: a JSON merge patch of the definition, so that a field can be unset. The app must be there. */
  async merge(path: string, patch: unknown, mode: UpdateMode): Promise<Outcome<ChangeResult>> {
    const id = toAppId(resolvePath(path));
    if (this.#access.app(id) === undefined) return err({kind: 'app-missing', appId: id});
    const fieldsOf = (spec: MarathonAppSpec | undefined): Outcome<Update> => {
      const {id: _id, ...fields} = spec ?? {};
      return decodeUpdate(mergePatch(fields, patch), {whole: true, needsId: false});
    };
    const edit: EditOf = (current, alone) => {
      if (current === undefined) return err({kind: 'app-missing', appId: id});
      const update = fieldsOf(current);
      if (!update.ok) return update;
      return this.#edits.update(id, [update.value], {...mode, partial: false}, current, alone);
    };
    const alone = fieldsOf(undefined);
    return this.#write({id, edit, unknown: alone.ok ? alone.value.unknown : []}, mode.force, mode.origin);
  }

  /**
   * PUT and PATCH of several apps as one change. Everything is checked before anything is written; an app that somebody
   * else changes at the same moment may still end it half-way.
   */
  updateAll(
    items: readonly unknown[],
    mode: UpdateMode,
    victims: ReadonlyMap<AppId, readonly InstanceId[]> = new Map(),
  ): Promise<Outcome<ChangeResult>> {
    return this.#turns.next(() => this.#updateAll(items, mode, victims));
  }

  async #updateAll(
    items: readonly unknown[],
    mode: UpdateMode,
    victims: ReadonlyMap<AppId, readonly InstanceId[]>,
  ): Promise<Outcome<ChangeResult>> {
    const breath = createBreath();
    const plan = await this.#planAll(items, mode, breath);
    if (!plan.ok) return plan;
    const ids = plan.value.map(({id}) => id);
    const stamp = this.#access.newStamp(ids);
    const problem = await this.#edits.checkAll({apps: plan.value, groups: []}, mode.force, breath);
    if (problem !== undefined) return err(this.#refused(ids, problem));
    await breath('at-once');
    const edited = plan.value.map(({id, edit}) => ({
      id,
      edit: (current: MarathonAppSpec | undefined) => withVictims(edit(current), victims.get(id)),
    }));
    const announced = this.#announce(ids, mode.origin);
    const written = await this.#access.changeAll({apps: edited, groups: []}, mode.force, stamp);
    announced.done(written.ok);
    if (!written.ok) return err(this.#refused(ids, errorOf(written.error)));
    return ok({...stamp, created: false, unknown: plan.value.flatMap(({unknown}) => unknown)});
  }

  /** Sets how many instances each app has, as one change. The victims go with it: when it is refused, none is named. */
  async scale(
    instances: ReadonlyMap<AppId, number>,
    victims: ReadonlyMap<AppId, readonly InstanceId[]>,
    force: boolean,
  ): Promise<Outcome<ChangeResult>> {
    const items = [...instances].map(([id, count]) => ({id, instances: count}));
    return this.updateAll(items, {partial: true, upsert: false, force}, victims);
  }

  async restart(path: string, force: boolean): Promise<Outcome<ChangeResult>> {
    return this.#onExisting(path, force, {kind: 'restart'});
  }

  async remove(path: string, force: boolean): Promise<Outcome<ChangeResult>> {
    return this.#onExisting(path, force, {kind: 'delete'});
  }

  async #onExisting(path: string, force: boolean, wanted: Edit): Promise<Outcome<ChangeResult>> {
    const id = toAppId(resolvePath(path));
    if (this.#access.app(id) === undefined) return err({kind: 'app-missing', appId: id});
    const edit: EditOf = current => (current === undefined ? err({kind: 'app-missing', appId: id}) : ok(wanted));
    return this.#write({id, edit, unknown: []}, force);
  }

  /** Several updates of one app follow each other. */
  #plan(path: string, updates: readonly Update[], mode: UpdateMode): Outcome<Planned> {
    const known = this.#access.app(toAppId(resolvePath(path)));
    if (known === undefined && !mode.upsert) return err({kind: 'app-missing', appId: resolvePath(path)});
    const id = known === undefined ? newAppId(path) : ok(known.object.id);
    if (!id.ok) return id;
    const edit: EditOf = (current, alone) => this.#edits.update(id.value, updates, mode, current, alone);
    return ok({id: id.value, edit, unknown: updates.flatMap(({unknown}) => unknown)});
  }

  async #planAll(items: readonly unknown[], mode: UpdateMode, breath: Breath): Promise<Outcome<Planned[]>> {
    const byId = new Map<string, Update[]>();
    const plan = new Map<string, Planned>();
    for (const [index, item] of items.entries()) {
      const at = `(${index})`;
      await breath();
      const update = decodeUpdate(item, {whole: !mode.partial, needsId: true, at});
      if (!update.ok) return update;
      const path = update.value.id ?? '';
      const known = await this.#recalled(path, update.value);
      if (!known.ok) return known;
      const updates = [...(byId.get(resolvePath(path)) ?? []), known.value];
      byId.set(resolvePath(path), updates);
      const tooMany = checkLimit('changesOfApp', updates.length);
      if (tooMany !== undefined) return err({kind: 'bad-parameter', message: explainTooMuch(tooMany)});
      const planned = this.#plan(path, updates, mode);
      if (!planned.ok) return err(movedError(planned.error, at));
      plan.set(planned.value.id, planned.value);
    }
    return ok([...plan.values()]);
  }

  /** The definitions that a request has brought, told before what follows from them. */
  #announce(ids: readonly AppId[], origin: Origin | undefined) {
    const told = (): MarathonEvent[] =>
      ids.flatMap(id => {
        const found = shownApp(this.#access.app(id));
        return origin === undefined || found === undefined
          ? []
          : [{eventType: 'api_post_event', ...origin, appDefinition: appDefinition(found)}];
      });
    return this.#access.events.expect(told);
  }

  /** Those who listen learn of a change that others have kept from being made. */
  #refused(ids: readonly AppId[], error: MarathonError): MarathonError {
    if (error.kind !== 'app-locked') return error;
    const {version} = this.#access.newStamp(ids);
    const reason = `App is locked by deployment ${error.deploymentIds.join(', ')}`;
    this.#access.events.publish({eventType: 'group_change_failed', groupId: groupAround(ids), version, reason});
    return error;
  }

  async #write({id, edit, unknown}: Planned, force: boolean, origin?: Origin): Promise<Outcome<ChangeResult>> {
    const announced = this.#announce([id], origin);
    const changed = await this.#access.change({
      id,
      force,
      edit: current => edit(current, 'alone'),
      onDecided: stamp => announced.decided(stamp.deploymentId),
    });
    announced.done(changed.ok);
    if (!changed.ok) return err(this.#refused([id], errorOf(changed.error)));
    const {version, deploymentId, created} = changed.value;
    return ok({id, version, deploymentId, created, unknown});
  }
}

const withVictims = (edited: Outcome<Edit>, victims: readonly InstanceId[] | undefined): Outcome<Edit> =>
  victims !== undefined && edited.ok && edited.value.kind === 'replace' ? ok({...edited.value, victims}) : edited;
