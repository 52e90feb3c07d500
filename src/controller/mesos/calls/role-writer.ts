import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {decodeObject} from '../../../crds/kind.ts';
import {MESOS_ROLES, type MesosRole} from '../../../crds/mesos-role.ts';
import type {Informer, KubeClient, KubeObject} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {rolesWanted, type RoleRecord} from '../objects/role-object.ts';
import {editObject, type Edited} from '../../runtime/edit-object.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import {mergeDifference} from '../../runtime/status.ts';
import {isQuota} from '../core/roles/quota.ts';
import type {RoleEdit} from '../core/roles/role-calls.ts';
import {sha256Hex} from '../../../lib/sha256.ts';
import {FOR_A_CALLER, notWritten} from './not-written.ts';
import type {ChangeAnswer} from './operator-changes.ts';

/** How long a caller waits for what was written to be in effect. */
const PATIENCE_MS = 10_000;

export type RoleWriterOptions = {
  readonly client: KubeClient;
  readonly writes: Outbox;
  readonly namespace: string;
  readonly clock: Clock;
  readonly roles: Informer<RoleRecord>;
};

/** An object as it was written. `before`: undefined where there was none. */
type Written = {readonly name: string; readonly generation: number; readonly before: Spec | undefined};

type Spec = MesosRole['spec'];

/**
 * Writes what the operator API wants of roles into their MesosRoles, which are the only truth about them, and waits until
 * the master says in their status that it is in effect. What is refused after all is put back.
 */
export class RoleWriter {
  readonly #options: RoleWriterOptions;
  readonly #listeners = new Set<() => void>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RoleWriterOptions) {
    this.#options = options;
    options.roles.onEvent(() => {
      for (const listener of [...this.#listeners]) listener();
    });
  }

  /**
   * Calls take their turns: what one was checked against must not be changed by another.
   *
   * @param read made when its turn has come
   */
  change(read: () => Result<readonly RoleEdit[], CallRefused>): Promise<ChangeAnswer> {
    const turn = this.#last.then(async (): Promise<ChangeAnswer> => {
      const edits = read();
      return edits.ok ? this.#write(edits.value) : edits;
    });
    this.#last = turn;
    return turn;
  }

  async #write(edits: readonly RoleEdit[]): Promise<ChangeAnswer> {
    const written: Written[] = [];
    let problem: CallRefused | undefined = undefined;
    for (const edit of edits) {
      const done = await this.#writeOne(edit);
      if (!done.ok) problem = done.error;
      else if (done.value !== undefined) written.push(done.value);
      if (problem !== undefined) break;
    }
    for (const object of problem === undefined ? written : []) problem ??= await this.#effectOf(object);
    if (problem === undefined) return ok({});
    for (const object of written.reverse()) await this.#putBack(object);
    return err(problem);
  }

  /**
   * Into the object that speaks for the role; where there is none, into one named after the role. When another role's
   * object has that name, under one that nobody else has.
   *
   * @returns undefined: there is nothing to write
   */
  async #writeOne(edit: RoleEdit): Promise<Result<Written | undefined, CallRefused>> {
    const adds = edit.weight !== undefined || (edit.quota !== undefined && isQuota(edit.quota));
    const speaker = rolesWanted(this.#options.roles).speakers.get(edit.role);
    const names = [...(speaker === undefined ? [] : [speaker.name]), ...(adds ? namesFor(edit.role) : [])];
    for (const name of new Set(names)) {
      let before: Spec | undefined;
      const outcome = await this.#edit(name, current => {
        before = current && specOf(current);
        return decideOn(current, {name, namespace: this.#options.namespace}, edit, adds);
      });
      if (outcome.kind !== 'done') return err(notWritten(`MesosRole ${name}`, outcome));
      if (!outcome.value.ok) continue;
      const object = outcome.value.value;
      return ok(object && {name, generation: object.metadata.generation ?? 0, before});
    }
    if (names.length === 0) return ok(undefined);
    return err({
      status: 503,
      message: `Role '${edit.role}' could not be written: others have the names ${names.join(', ')}`,
    });
  }

  async #putBack({name, before}: Written): Promise<void> {
    await this.#edit(name, current => {
      if (current === undefined) return ok({kind: 'unchanged'});
      return ok(before === undefined ? {kind: 'delete'} : patchTo(current, before));
    });
  }

  #edit(name: string, decide: (current: KubeObject | undefined) => Result<Edited, 'taken'>) {
    const {client, writes, namespace} = this.#options;
    return editObject(writes, {client, kind: MESOS_ROLES, name, namespace}, decide, FOR_A_CALLER);
  }

  /** @returns why it is not in effect, or undefined */
  async #effectOf({name, generation}: Written): Promise<CallRefused | undefined> {
    const {roles, clock, namespace} = this.#options;
    const told = () => {
      const status = roles.get(name, namespace)?.status;
      if ((status?.observedGeneration ?? 0) < generation) return undefined;
      return status?.conditions?.find(({type}) => type === 'Ready');
    };
    await new Promise<void>(resolve => {
      const timer = clock.after(PATIENCE_MS, () => settle());
      const listener = () => void (told() !== undefined && settle());
      const settle = () => {
        timer.cancel();
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
      listener();
    });
    const ready = told();
    if (ready === undefined) return {status: 503, message: `MesosRole ${name} was written, but is not in effect yet`};
    return ready.status === 'True' ? undefined : {status: 409, message: ready.message};
  }
}

/** @param adds whether an object is made for it where there is none */
function decideOn(
  current: KubeObject | undefined,
  {name, namespace}: {readonly name: string; readonly namespace: string},
  edit: RoleEdit,
  adds: boolean,
): Result<Edited, 'taken'> {
  if (current === undefined) {
    if (!adds) return ok({kind: 'unchanged'});
    const spec = mergeDifference({}, edited({role: edit.role}, edit));
    return ok({
      kind: 'create',
      object: {apiVersion: 'mesos.dev/v1', kind: 'MesosRole', metadata: {name, namespace}, spec},
    });
  }
  const before = specOf(current);
  return (before.role ?? name) === edit.role ? ok(patchTo(current, edited(before, edit))) : err('taken');
}

function patchTo(current: KubeObject, wanted: Spec): Edited {
  const spec = mergeDifference(specOf(current), wanted);
  return spec === undefined ? {kind: 'unchanged'} : {kind: 'patch', type: 'merge', body: {spec}};
}

/** Fields that are undefined are to go. */
const edited = (spec: Spec, {weight, quota}: RoleEdit): Spec => ({
  ...spec,
  ...(weight !== undefined && {weight}),
  ...(quota !== undefined && {
    guarantee: amounts(quota.guarantees),
    limit: amounts(quota.limits),
    force: quota.force ? true : undefined,
  }),
});

const amounts = (quantities: ReadonlyMap<string, number>): Spec['guarantee'] =>
  quantities.size === 0 ? undefined : Object.fromEntries(quantities);

/** One that cannot be understood is written anew. */
function specOf(object: KubeObject): Spec {
  const decoded = decodeObject(MESOS_ROLES, object);
  return decoded.ok ? decoded.value.spec : {};
}

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const namesFor = (role: string): readonly string[] => {
  const plain = role.toLowerCase().replaceAll('/', '.');
  const unique = `role-${sha256Hex(role).slice(0, 16)}`;
  return DNS_NAME.test(plain) && !plain.includes('..') && plain.length <= 200 ? [plain, unique] : [unique];
};
