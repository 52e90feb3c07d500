import {MARATHON_GROUPS, type MarathonGroupSpec} from '../../../crds/marathon-group.ts';
import {APP_ANNOTATIONS} from '../../../crds/meta.ts';
import {apiVersionOf} from '../../../kube/resource-path.ts';
import type {KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {editObject, type Edited} from '../../runtime/edit-object.ts';
import {idOf} from '../core/apps/app-object.ts';
import {objectNameOf, type AppId} from '../core/ids.ts';
import {groupOf} from '../core/state.ts';
import {valueOf, type CallsOptions, type ChangeError, type Stamp} from './change-app.ts';

/** What a change makes of a group's object; without a spec the object goes. */
export type GroupEdit = {readonly id: AppId; readonly spec: MarathonGroupSpec | undefined};

const SEEN_TIMEOUT_MS = 10_000;

/** Writes what is said of a group to its object, and waits until the core has seen it. */
export async function changeGroup<E>(
  options: CallsOptions,
  {id, spec}: GroupEdit,
  stamp: Stamp,
): Promise<Result<void, ChangeError<E>>> {
  const {client, namespace, outbox, until, state} = options;
  const now = state();
  const name = (now && groupOf(now, id)?.object.name) ?? objectNameOf(id);
  const target = {client, kind: MARATHON_GROUPS, name, namespace};
  let changed = false;
  const decide = (current: KubeObject | undefined): Result<Edited, ChangeError<E>> => {
    if (current !== undefined && idOf(current) !== id) {
      return err({kind: 'unavailable', message: `the name for an object of ${id} is taken`});
    }
    const edited = editedOf(options, {id, spec}, current, name, stamp);
    changed = edited.kind !== 'unchanged';
    return ok(edited);
  };
  const written = valueOf<ChangeError<E>>(await editObject(outbox, target, decide), MARATHON_GROUPS);
  if (!written.ok) return written;
  const isSeen = (): boolean => {
    const object = state()?.groupObjects.get(name)?.object;
    return spec === undefined ? object === undefined : object?.version === stamp.version;
  };
  if (changed) await until(isSeen, SEEN_TIMEOUT_MS);
  return ok(undefined);
}

function editedOf(
  {namespace}: CallsOptions,
  {id, spec}: GroupEdit,
  current: KubeObject | undefined,
  name: string,
  {version}: Stamp,
): Edited {
  if (spec === undefined) return {kind: current === undefined ? 'unchanged' : 'delete'};
  const annotations = {...current?.metadata.annotations, [APP_ANNOTATIONS.version]: version};
  if (current === undefined) {
    const metadata = {name, namespace, annotations};
    return {
      kind: 'create',
      object: {
        apiVersion: apiVersionOf(MARATHON_GROUPS),
        kind: MARATHON_GROUPS.kind,
        metadata,
        spec: {...spec, id},
      },
    };
  }
  const before: object = typeof current.spec === 'object' && current.spec !== null ? current.spec : {};
  // The id is immutable: an object that names none keeps naming none.
  const after = 'id' in before ? {id: before.id, ...spec} : spec;
  if (said(before) === said(spec)) return {kind: 'unchanged'};
  const metadata = {...current.metadata, annotations};
  return {kind: 'update', object: {...current, metadata, spec: after}};
}

/** What a spec says of a group, to compare. */
const said = ({dependencies = [], enforceRole}: MarathonGroupSpec): string =>
  JSON.stringify([dependencies, enforceRole]);
