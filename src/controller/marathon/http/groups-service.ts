import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import {explainTooMuch, checkLimit} from '../../../lib/limits.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {DeploymentStep} from '../core/deployments/deployment.ts';
import {resolvePath, toAppId, type AppId} from '../core/ids.ts';
import {Edits, type PlannedEdits} from './app-edits.ts';
import type {ChangeResult} from './apps-service.ts';
import {errorOf} from './change-error.ts';
import {decodeGroup, type GroupUpdate} from './decode-group.ts';
import {GroupEdits} from './group-edits.ts';
import {groupJson, isAtOrBelow, type GroupOptions} from './group-json.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {newAppId} from './path-id.ts';
import type {Turns} from './turns.ts';

type Outcome<T> = Result<T, MarathonError>;
type Json = Record<string, unknown>;
type Plan = {readonly id: AppId; readonly edits: PlannedEdits; readonly unknown: readonly string[]};

/** Reads and writes groups for the routes; knows nothing of HTTP but the errors. */
export class GroupsService {
  readonly #access: MarathonAccess;
  readonly #edits: Edits;
  readonly #turns: Turns;

  /** @param turns in which changes of several apps are made */
  constructor(access: MarathonAccess, turns: Turns) {
    this.#access = access;
    this.#edits = new Edits(access);
    this.#turns = turns;
  }

  show(path: string, options: GroupOptions): Outcome<Json> {
    const id = this.#find(path);
    return id.ok ? ok(groupJson(this.#access, id.value, options)) : id;
  }

  /** Creates a group with everything inside. */
  create(path: string, body: unknown, force: boolean): Promise<Outcome<ChangeResult>> {
    return this.#turns.next(async () => {
      const change = decodeGroup(body);
      if (!change.ok) return change;
      const id = idOf(path, change.value.kind === 'structure' ? change.value.group.id : change.value.id);
      if (!id.ok) return id;
      if (this.#isGroup(id.value)) return err({kind: 'group-exists', groupId: id.value});
      if (this.#access.app(id.value) !== undefined) return err({kind: 'path-of-app', appId: id.value});
      if (change.value.kind !== 'structure') return err({kind: 'group-missing', groupId: id.value});
      const plan = this.#structure(id.value, change.value.group);
      const made = plan.ok ? await this.#make(plan.value, force) : plan;
      return made.ok ? ok({...made.value, id: id.value, created: true}) : made;
    });
  }

  update(path: string, body: unknown, force: boolean): Promise<Outcome<ChangeResult>> {
    return this.#turns.next(async () => {
      const plan = await this.#plan(path, body);
      return plan.ok ? this.#make(plan.value, force) : plan;
    });
  }

  /** The steps of an update, which is not made. */
  async dryRun(path: string, body: unknown): Promise<Outcome<readonly DeploymentStep[]>> {
    const plan = await this.#plan(path, body);
    if (!plan.ok) return plan;
    const problem = await this.#edits.checkAll(plan.value.edits, true);
    if (problem !== undefined) return err(problem);
    const steps = await this.#access.plan(plan.value.edits);
    return steps.ok ? steps : err(errorOf(steps.error));
  }

  remove(path: string, force: boolean): Promise<Outcome<ChangeResult>> {
    return this.#turns.next(async () => {
      const id = this.#find(path);
      if (!id.ok) return id;
      const edits = new GroupEdits(this.#access, this.#edits).remove(id.value);
      return this.#make({id: id.value, edits, unknown: []}, force);
    });
  }

  /** PATCH: whether the group enforces its role. */
  enforceRole(path: string, enforceRole: boolean): Promise<Outcome<ChangeResult>> {
    return this.#turns.next(async () => {
      const id = this.#find(path);
      if (!id.ok) return id;
      const group: GroupUpdate = {
        ...{id: undefined, at: '', enforceRole, unknown: []},
        ...{apps: undefined, groups: undefined, dependencies: undefined},
      };
      const plan = this.#structure(id.value, group);
      return plan.ok ? this.#make(plan.value, false) : plan;
    });
  }

  async #plan(path: string, body: unknown): Promise<Outcome<Plan>> {
    const change = decodeGroup(body);
    if (!change.ok) return change;
    const {value} = change;
    const id = idOf(path, value.kind === 'structure' ? value.group.id : value.id);
    if (!id.ok) return id;
    switch (value.kind) {
      case 'structure':
        return this.#structure(id.value, value.group);
      case 'scale': {
        if (!this.#isGroup(id.value)) return err({kind: 'group-missing', groupId: id.value});
        const edits = new GroupEdits(this.#access, this.#edits).scale(id.value, value.scaleBy);
        return ok({id: id.value, edits, unknown: []});
      }
      case 'rollback':
        return err({
          kind: 'bad-parameter',
          message: `Group ${id.value} not available in version ${value.version}`,
        });
      default:
        return value satisfies never;
    }
  }

  #structure(id: AppId, group: GroupUpdate): Outcome<Plan> {
    const edits = new GroupEdits(this.#access, this.#edits).structure(id, group);
    return edits.ok ? ok({id, edits: edits.value, unknown: unknownOf(group)}) : edits;
  }

  async #make({id, edits, unknown}: Plan, force: boolean): Promise<Outcome<ChangeResult>> {
    const tooMany = checkLimit('appsInChange', edits.apps.length);
    if (tooMany !== undefined) return err({kind: 'bad-parameter', message: explainTooMuch(tooMany)});
    const stamp = this.#access.newStamp(edits.apps.map(app => app.id));
    const problem = await this.#edits.checkAll(edits, force);
    if (problem !== undefined) return err(this.#refused(id, stamp.version, problem));
    const written = await this.#access.changeAll(edits, force, stamp);
    return written.ok ? ok({...stamp, created: false, unknown}) : err(errorOf(written.error));
  }

  /** Those who listen learn of a change that others have kept from being made. */
  #refused(groupId: AppId, version: string, error: MarathonError): MarathonError {
    if (error.kind !== 'app-locked') return error;
    const reason = `App is locked by deployment ${error.deploymentIds.join(', ')}`;
    this.#access.events.publish({eventType: 'group_change_failed', groupId, version, reason});
    return error;
  }

  #find(path: string): Outcome<AppId> {
    const id = toAppId(resolvePath(path));
    return this.#isGroup(id) ? ok(id) : err({kind: 'group-missing', groupId: id});
  }

  /** The root is always there; others by an app inside, a group inside, or an object of their own. */
  #isGroup(id: AppId): boolean {
    const access = this.#access;
    return (
      id === '/' ||
      access.appsIn(id).some(app => !app.object.deleting) ||
      access.groups().some(({object}) => isAtOrBelow(object.id, id))
    );
  }
}

/** The group that a request is about: what the body names lies below what the URL names. */
function idOf(path: string, named: string | undefined): Outcome<AppId> {
  const base = resolvePath(path);
  const id = named === undefined ? base : resolvePath(named, base);
  return id === '/' ? ok(toAppId(id)) : newAppId(id);
}

function unknownOf({unknown, apps = [], groups = []}: GroupUpdate): readonly string[] {
  return [...unknown, ...apps.flatMap(({update}) => update.unknown), ...groups.flatMap(unknownOf)];
}
