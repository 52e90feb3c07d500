import {explainKubeError, isGone} from '../../../kube/kube-error.ts';
import {CONTROLLER_REVISIONS} from '../../../kube/kinds.ts';
import type {KubeClient} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {AppVersion} from '../core/apps/app-version.ts';
import {
  type ControllerRevision,
  fromRevision,
  revisionName,
  revisionSelector,
  versionOf,
} from '../core/apps/revision.ts';
import type {ReadonlyApp} from '../core/state.ts';

type Store = {readonly client: KubeClient; readonly namespace: string; readonly most: number};

/** The versions of an app that are kept, and the one in force; newest first. An error says why they can't be read. */
export async function listVersions(
  {client, namespace, most}: Store,
  {object, versionInfo}: ReadonlyApp,
): Promise<Result<readonly string[], string>> {
  const labelSelector = revisionSelector(object.name);
  const listed = await client.list<ControllerRevision>(CONTROLLER_REVISIONS, {namespace, labelSelector});
  if (!listed.ok) return err(explainKubeError(listed.error));
  const kept = listed.value.items.flatMap(revision => versionOf(revision, object) ?? []);
  const all = new Set([...kept, ...(versionInfo === undefined ? [] : [versionInfo.version])]);
  return ok([...all].toSorted().toReversed().slice(0, most));
}

/** @returns ok of undefined when it is not kept */
export async function findVersion(
  {client, namespace}: Store,
  app: ReadonlyApp,
  version: string,
): Promise<Result<AppVersion | undefined, string>> {
  const {object, definition, versionInfo, servicePorts} = app;
  if (versionInfo?.version === version && definition !== undefined) {
    return ok({...versionInfo, spec: definition.spec, servicePorts});
  }
  const found = await client.get<ControllerRevision>(CONTROLLER_REVISIONS, revisionName(object, version), namespace);
  if (found.ok) return ok(fromRevision(found.value, object));
  return isGone(found.error) ? ok(undefined) : err(explainKubeError(found.error));
}
