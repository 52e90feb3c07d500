import {MARATHON_APPS} from '../../../crds/marathon-app.ts';
import {hasReason} from '../../../kube/kube-error.ts';
import type {KubeClient, KubeError} from '../../../kube/types.ts';
import {ok, type Result} from '../../../lib/result.ts';
import {APP_FINALIZER} from '../../../crds/meta.ts';

/**
 * Puts our finalizer on an object, or takes it off. An object that is gone, or is another one under the same name,
 * needs neither. A conflict is an error like any other: try again.
 */
export async function setFinalizer(
  client: KubeClient,
  namespace: string,
  {name, uid}: {readonly name: string; readonly uid: string},
  wanted: boolean,
): Promise<Result<void, KubeError>> {
  const found = await client.get(MARATHON_APPS, name, namespace);
  if (!found.ok) return hasReason(found.error, 'NotFound') ? ok(undefined) : found;
  const {metadata} = found.value;
  const held = metadata.finalizers ?? [];
  // A finalizer may not be added to what is being deleted.
  const pointless = wanted && metadata.deletionTimestamp !== undefined;
  if (metadata.uid !== uid || held.includes(APP_FINALIZER) === wanted || pointless) return ok(undefined);
  const finalizers = wanted ? [...held, APP_FINALIZER] : held.filter(finalizer => finalizer !== APP_FINALIZER);
  const change = {metadata: {resourceVersion: metadata.resourceVersion, finalizers}};
  const patched = await client.patch(MARATHON_APPS, name, namespace, 'merge', change);
  return patched.ok || hasReason(patched.error, 'NotFound') ? ok(undefined) : patched;
}
