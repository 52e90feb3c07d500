import type {Violation} from '../../../api/marathon/v2/check-json.ts';
import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import type {MarathonGroupSpec} from '../../../crds/marathon-group.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {GroupEdit} from '../calls/change-group.ts';
import {wrongRole} from '../core/apps/rules.ts';
import {NOT_TOP_LEVEL} from '../core/groups/group-object.ts';
import {ancestorsOf, resolvePath, toAppId, type AppId} from '../core/ids.ts';
import {decidedOnce, type EditOf, type Edits, type PlannedEdits} from './app-edits.ts';
import type {AppInGroup, GroupUpdate} from './decode-group.ts';
import {isAtOrBelow, parentOf} from './group-json.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {movedError} from './moved-error.ts';
import {newAppId} from './path-id.ts';

const REMOVE: EditOf = () => ok({kind: 'delete'});

/** What a POST or PUT makes of a group and all inside: apps and groups that a list leaves out go. */
export class GroupEdits {
  readonly #access: MarathonAccess;
  readonly #edits: Edits;
  readonly #apps = new Map<AppId, EditOf>();
  readonly #groups = new Map<AppId, MarathonGroupSpec | undefined>();
  readonly #violations: Violation[] = [];

  constructor(access: MarathonAccess, edits: Edits) {
    this.#access = access;
    this.#edits = edits;
  }

  structure(id: AppId, update: GroupUpdate): Result<PlannedEdits, MarathonError> {
    this.#removeWhatIsLeftOut(id, update);
    this.#group(id, update, undefined);
    if (this.#violations.length > 0) return err({kind: 'invalid-object', violations: this.#violations});
    return ok(this.#planned);
  }

  /** All apps and groups at and below one go. */
  remove(id: AppId): PlannedEdits {
    this.#removeInside(id);
    return this.#planned;
  }

  /** @param factor of the instances; rounded up */
  scale(id: AppId, factor: number): PlannedEdits {
    for (const {object} of this.#access.appsIn(id)) {
      const scaled = (spec: MarathonAppSpec): MarathonAppSpec => ({
        ...spec,
        instances: timesUp(spec.instances, factor),
      });
      this.#apps.set(object.id, current =>
        current === undefined
          ? err({kind: 'app-missing', appId: object.id})
          : ok({kind: 'replace', spec: scaled(current)}),
      );
    }
    return this.#planned;
  }

  get #planned(): PlannedEdits {
    return {
      apps: [...this.#apps].map(([id, edit]) => ({id, edit})),
      groups: [...this.#groups].map(([id, spec]): GroupEdit => ({id, spec})),
    };
  }

  /** First, so that what is listed at another place comes back. */
  #removeWhatIsLeftOut(id: AppId, {apps, groups}: GroupUpdate): void {
    if (apps !== undefined) {
      for (const {object} of this.#access.appsIn(id)) {
        if (parentOf(object.id) === id) this.#apps.set(object.id, REMOVE);
      }
    }
    if (groups === undefined) return;
    const kept = new Map(groups.map(group => [toAppId(resolvePath(group.id ?? '', id)), group]));
    for (const [inner, group] of kept) this.#removeWhatIsLeftOut(inner, group);
    const isLeftOut = (other: AppId): boolean =>
      other !== id && isAtOrBelow(other, id) && ![...kept.keys()].some(inner => isAtOrBelow(other, inner));
    for (const {object} of this.#access.appsIn(id)) {
      if (parentOf(object.id) !== id && isLeftOut(object.id)) this.#apps.set(object.id, REMOVE);
    }
    for (const {object} of this.#access.groups()) if (isLeftOut(object.id)) this.#groups.set(object.id, undefined);
  }

  #removeInside(id: AppId): void {
    for (const {object} of this.#access.appsIn(id)) this.#apps.set(object.id, REMOVE);
    for (const {object} of this.#access.groups())
      if (isAtOrBelow(object.id, id)) this.#groups.set(object.id, undefined);
  }

  /** @param enforced the role that the top-level group around it enforces after the change */
  #group(id: AppId, update: GroupUpdate, enforced: string | undefined): void {
    const role = this.#describe(id, update) ?? enforced;
    for (const app of update.apps ?? []) this.#app(id, app, role);
    for (const inner of update.groups ?? []) {
      const path = this.#idInside(id, inner.id ?? '', inner.at);
      if (path !== undefined) this.#group(path, inner, role);
    }
  }

  /** What is said of the group itself. @returns the role that it enforces */
  #describe(id: AppId, {at, dependencies, enforceRole, apps, groups}: GroupUpdate): string | undefined {
    const present = this.#access.group(id)?.definition;
    const isTop = id !== '/' && ancestorsOf(id).length === 0;
    if (enforceRole !== undefined && !isTop) this.#violate(`${at}/enforceRole`, NOT_TOP_LEVEL);
    if (id === '/') {
      if (dependencies !== undefined && dependencies.length > 0) this.#violate(`${at}/dependencies`, ROOT_DEPENDS);
      return undefined;
    }
    const isThere = present !== undefined || this.#access.appsIn(id).length > 0;
    const enforces = enforceRole ?? present?.enforceRole;
    if (isThere && (enforces ?? false) !== (present?.enforceRole ?? false) && (apps ?? groups) !== undefined) {
      this.#violate(`${at}/enforceRole`, ROLE_WITH_APPS);
    }
    const depends = dependencies?.map(path => resolvePath(path, id)) ?? present?.dependencies ?? [];
    this.#groups.set(id, {
      ...(depends.length > 0 ? {dependencies: [...depends]} : {}),
      ...(enforces === undefined ? {} : {enforceRole: enforces}),
    });
    return enforces === true ? id.slice(1) : undefined;
  }

  #app(group: AppId, {at, update}: AppInGroup, enforced: string | undefined): void {
    const id = this.#idInside(group, update.id ?? '', at);
    if (id === undefined) return;
    const role = update.fields['role'];
    if (enforced !== undefined && typeof role === 'string' && role !== enforced) {
      return this.#violate(`${at}/role`, wrongRole(role, [enforced]));
    }
    const fields = enforced === undefined ? update.fields : {...update.fields, role: enforced};
    const mode = {partial: false, upsert: true, force: false};
    const edit = decidedOnce(current => this.#edits.update(id, [{...update, fields}], mode, current));
    this.#apps.set(id, current => {
      const edited = edit(current);
      return edited.ok ? edited : err(movedError(edited.error, at));
    });
  }

  #idInside(group: AppId, path: string, at: string): AppId | undefined {
    const id = newAppId(resolvePath(path, group));
    const violations = id.ok || !('violations' in id.error) ? [] : id.error.violations;
    this.#violations.push(...violations.map(({errors}) => ({path: `${at}/id`, errors})));
    if (!id.ok) return undefined;
    if (id.value !== group && isAtOrBelow(id.value, group)) return id.value;
    this.#violate(`${at}/id`, `Identifier ${id.value} is not child of ${group}. Hint: use relative paths.`);
    return undefined;
  }

  #violate(path: string, message: string): void {
    this.#violations.push({path, errors: [message]});
  }
}

const ROOT_DEPENDS = 'The root group can not have dependencies.';
const ROLE_WITH_APPS = 'enforceRole can not be changed together with apps or groups.';

/** 10 × 1.1 is 11.000000000000002: it is rounded before it is rounded up. */
const timesUp = (instances: number, factor: number): number => Math.ceil(Math.round(instances * factor * 1e6) / 1e6);
