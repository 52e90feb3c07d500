import {decodeObject} from '../../../../crds/kind.ts';
import {MARATHON_GROUPS, type MarathonGroupSpec} from '../../../../crds/marathon-group.ts';
import {APP_ANNOTATIONS} from '../../../../crds/meta.ts';
import type {KubeObject} from '../../../../kube/types.ts';
import {err, ok, type Result} from '../../../../lib/result.ts';
import {idOf} from '../apps/app-object.ts';
import {ancestorsOf, resolvePath, toAppId, type AppId} from '../ids.ts';
import type {GroupDefinition, GroupObject} from './group.ts';

/** Words for a user. */
export const NOT_TOP_LEVEL = 'enforceRole can only be set for top-level groups.';

/** A MarathonGroup as the core needs it. An object that can't be understood still has a name and an id. */
export function toGroupObject(raw: KubeObject): GroupObject {
  const decoded = decodeObject(MARATHON_GROUPS, raw);
  const {name, uid = '', generation = 0, creationTimestamp = '', annotations} = raw.metadata;
  const id = idOf(raw);
  return {
    ...{name, uid, generation, id},
    createdAt: creationTimestamp,
    definition: decoded.ok
      ? groupDefinition(id, decoded.value.spec)
      : err(decoded.error.map(({path, message}) => `${path}: ${message}`).join('; ')),
    version: annotations?.[APP_ANNOTATIONS.version],
    status: decoded.ok ? decoded.value.status : undefined,
  };
}

/** @returns a message for the user where the schema could not refuse it */
export function groupDefinition(
  id: AppId,
  {dependencies = [], enforceRole}: MarathonGroupSpec,
): Result<GroupDefinition, string> {
  if (enforceRole === true && ancestorsOf(id).length > 0) return err(`/enforceRole: ${NOT_TOP_LEVEL}`);
  return ok({dependencies: dependencies.map(path => toAppId(resolvePath(path, id))), enforceRole});
}
