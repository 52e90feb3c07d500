import {decodeObject} from '../../../crds/kind.ts';
import {MESOS_ROLES, type MesosRole} from '../../../crds/mesos-role.ts';
import type {Informer, KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {rolesWanted, type RoleRecord} from '../objects/role-object.ts';
import {mergeDifference} from '../../runtime/status.ts';
import {isQuota} from '../core/roles/quota.ts';
import type {RoleEdit} from '../core/roles/role-calls.ts';
import {sha256Hex} from '../../../lib/sha256.ts';
import type {Changed} from './operator-changes.ts';

/** How long a caller waits for what was written to be in effect. */
const PATIENCE_MS = 10_000;

export type RoleWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly roles: Informer<RoleRecord>;
};

/** An object as it was written. */
type Written = {readonly name: string; readonly generation: number; readonly undo: () => Promise<unknown>};

type Spec = MesosRole['spec'];

/** How often a write is tried that others keep overtaking. */
const ATTEMPTS = 5;

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
  change(read: () => Result<readonly RoleEdit[], {status: number; message: string}>): Promise<Changed> {
    const turn = this.#last.then(async (): Promise<Changed> => {
      const edits = read();
      return edits.ok ? this.#write(edits.value) : edits;
    });
    this.#last = turn;
    return turn;
  }

  async #write(edits: readonly RoleEdit[]): Promise<Changed> {
    const written: Written[] = [];
    let problem: {status: number; message: string} | undefined = undefined;
    for (const edit of edits) {
      const done = await this.#writeOne(edit);
      if (done.ok && done.value !== undefined) written.push(done.value);
      if (!done.ok) problem = {status: 503, message: `Failed to write role '${edit.role}': ${done.error.message}`};
      if (problem !== undefined) break;
    }
    for (const object of problem === undefined ? written : []) problem ??= await this.#effectOf(object);
    if (problem === undefined) return ok({});
    for (const {undo} of written.reverse()) await undo();
    return err(problem);
  }

  /** @returns undefined: there is nothing to write */
  async #writeOne(edit: RoleEdit): Promise<Result<Written | undefined, KubeError>> {
    const speaker = rolesWanted(this.#options.roles).speakers.get(edit.role);
    if (speaker !== undefined) {
      const patched = await this.#patch(speaker.name, spec => edited(spec, edit));
      if (patched.ok || !isStatus(patched.error, 404)) return patched;
    }
    const adds = edit.weight !== undefined || (edit.quota !== undefined && isQuota(edit.quota));
    return adds ? this.#create(edit) : ok(undefined);
  }

  async #patch(name: string, change: (spec: Spec) => Spec): Promise<Result<Written, KubeError>> {
    const {client, namespace} = this.#options;
    for (let attempt = 1; ; attempt++) {
      const found = await client.get(MESOS_ROLES, name, namespace);
      if (!found.ok) return found;
      const before = specOf(found.value);
      const spec = mergeDifference(before, change(before));
      const written = writtenAs(found.value, () => this.#patch(name, () => before));
      if (spec === undefined) return ok(written);
      // Without the version somebody else's change of the meantime would be lost.
      const {resourceVersion} = found.value.metadata;
      const done = await client.patch(MESOS_ROLES, name, namespace, 'merge', {metadata: {resourceVersion}, spec});
      if (done.ok) return ok({...written, generation: done.value.metadata.generation ?? 0});
      if (!isStatus(done.error, 409) || attempt === ATTEMPTS) return done;
    }
  }

  /** Under a name made from the role; when another role's object has that name, under one that nobody else has. */
  async #create(edit: RoleEdit): Promise<Result<Written, KubeError>> {
    const {client, namespace} = this.#options;
    const spec = mergeDifference({}, edited({role: edit.role}, edit));
    const [first, ...others] = namesFor(edit.role);
    for (let name = first; ; name = others.shift()) {
      if (name === undefined) throw new Error(`Bug: no name for role ${edit.role}`);
      const metadata = {name, namespace};
      const made = await client.create(MESOS_ROLES, {apiVersion: 'mesos.dev/v1', kind: 'MesosRole', metadata, spec});
      if (made.ok) return ok(writtenAs(made.value, () => client.delete(MESOS_ROLES, metadata.name, namespace)));
      if (!isStatus(made.error, 409)) return made;
      // Made a moment ago, so that the cache does not have it yet?
      const found = await client.get(MESOS_ROLES, name, namespace);
      if (found.ok && (specOf(found.value).role ?? name) === edit.role) {
        return this.#patch(name, there => edited(there, edit));
      }
      if (others.length === 0) return made;
    }
  }

  /** @returns why it is not in effect, or undefined */
  async #effectOf({name, generation}: Written): Promise<{status: number; message: string} | undefined> {
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

const writtenAs = ({metadata: {name, generation = 0}}: KubeObject, undo: Written['undo']): Written => ({
  name,
  generation,
  undo,
});

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const namesFor = (role: string): readonly string[] => {
  const plain = role.toLowerCase().replaceAll('/', '.');
  const unique = `role-${sha256Hex(role).slice(0, 16)}`;
  return DNS_NAME.test(plain) && !plain.includes('..') && plain.length <= 200 ? [plain, unique] : [unique];
};

const isStatus = (error: KubeError, status: number): boolean => error.kind === 'http' && error.status === status;
