import {isConflict, isGone, isTaken} from '../../kube/kube-error.ts';
import type {KubeClient, KubeError, KubeObject, PatchType, ResourceKind} from '../../kube/types.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Outbox, WriteOptions} from './outbox.ts';
import type {Outcome} from './write.ts';

/** What to write, decided on the newest object. The write fails, and is decided anew, if somebody else was faster. */
export type Edited =
  | {readonly kind: 'unchanged'}
  | {readonly kind: 'create' | 'update'; readonly object: KubeObject}
  /** `body` is completed with the resourceVersion that it was decided on. */
  | {readonly kind: 'patch'; readonly type: PatchType & 'merge'; readonly body: object; readonly subresource?: 'status'}
  | {readonly kind: 'delete'};

export type EditTarget = {
  readonly client: KubeClient;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly namespace: string;
};

/** `undefined`: there is no object, before or after. */
type Seen = KubeObject | undefined;

/**
 * Reads an object, changes it, and writes it; again when somebody else has written it meanwhile. All edits and other
 * writes of one object go through the outbox one after the other, so however many there are, none overtakes another.
 *
 * @param change pure; called with the newest object, maybe several times. An error of it ends the edit: `done`, with it
 * @returns      the object as it is now, or the error of `change`
 */
export function editObject<E>(
  outbox: Outbox,
  target: EditTarget,
  change: (current: Seen) => Result<Edited, E>,
  options: WriteOptions = {},
): Promise<Outcome<Result<Seen, E>>> {
  const {client, kind, name, namespace} = target;
  return outbox.write(
    `${kind.plural}/${name}`,
    async (): Promise<Result<Result<Seen, E>, KubeError>> => {
      const found = await client.get(kind, name, namespace);
      if (!found.ok && !isGone(found.error)) return found;
      const current = found.ok ? found.value : undefined;
      const changed = change(current);
      if (!changed.ok) return ok(changed);
      const written = await perform(target, current, changed.value);
      if (written.ok) return ok(written);
      // It came, or went, between reading and writing. Where nothing can be created, its kind is not there.
      const hasGone = isGone(written.error) && changed.value.kind !== 'create';
      return isTaken(written.error) || hasGone ? err(overtaken(written.error)) : written;
    },
    options,
  );
}

async function perform(
  {client, kind, name, namespace}: EditTarget,
  current: Seen,
  edited: Edited,
): Promise<Result<Seen, KubeError>> {
  const {uid, resourceVersion} = current?.metadata ?? {};
  switch (edited.kind) {
    case 'unchanged':
      return ok(current);
    case 'create':
      return client.create(kind, edited.object);
    case 'update':
      return client.update(kind, edited.object);
    case 'patch': {
      const body = {...edited.body, metadata: {...metadataOf(edited.body), resourceVersion}};
      return client.patch(kind, name, namespace, edited.type, body, {subresource: edited.subresource});
    }
    case 'delete': {
      const deleted = await client.delete(kind, name, namespace, {propagationPolicy: 'Background', uid});
      return deleted.ok || isGone(deleted.error) ? ok(undefined) : deleted;
    }
    default:
      return edited satisfies never;
  }
}

const metadataOf = (body: object): object => {
  const metadata: unknown = 'metadata' in body ? body.metadata : undefined;
  return typeof metadata === 'object' && metadata !== null ? metadata : {};
};

const overtaken = (error: KubeError): KubeError => {
  const conflict: KubeError = {kind: 'http', status: 409, reason: 'Conflict', message: error.message};
  return isConflict(error) ? error : conflict;
};
