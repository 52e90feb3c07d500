import {MARATHON_APPS} from '../crds/marathon-app.ts';
import {explainKubeError, hasReason, isGone} from '../kube/kube-error.ts';
import {NAMESPACES, PODS} from '../kube/kinds.ts';
import type {Logger} from '../kube/log.ts';
import type {KubeClient, KubeError, KubeObject, ResourceKind, Selector} from '../kube/types.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {APP_FINALIZER, MANAGED_LABEL, TASK_FINALIZER, UNATTENDED_ANNOTATION} from '../crds/meta.ts';

/** What waits for a controller before it goes, and how it is marked for the next one instead. */
type Held = {
  readonly kind: ResourceKind;
  readonly selector: Selector;
  readonly finalizer: string;
  readonly annotations?: Readonly<Record<string, string>>;
};

const HELD: readonly Held[] = [
  {
    kind: PODS,
    selector: {labelSelector: `${MANAGED_LABEL}=true`},
    finalizer: TASK_FINALIZER,
    annotations: {[UNATTENDED_ANNOTATION]: 'true'},
  },
  {kind: MARATHON_APPS, selector: {}, finalizer: APP_FINALIZER},
];
const AT_ONCE = 16;
const ATTEMPTS = 5;

/**
 * Takes our finalizers off everything in a namespace, for the time without a controller: what is deleted then goes, and
 * what runs is adopted by the next one.
 *
 * @returns an error that names the first object that could not be written
 */
export async function releaseObjects(client: KubeClient, namespace: string): Promise<Result<void, string>> {
  for (const held of HELD) {
    const listed = await client.list<KubeObject>(held.kind, {namespace, ...held.selector});
    if (!listed.ok && isGone(listed.error)) continue;
    if (!listed.ok) return err(`could not list ${held.kind.plural}: ${explainKubeError(listed.error)}`);
    const names = listed.value.items.filter(object => isHeld(object, held)).map(({metadata}) => metadata.name);
    const failures: string[] = [];
    const next = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        const released = await release(client, namespace, name, held);
        if (!released.ok) failures.push(`${held.kind.kind} ${name}: ${explainKubeError(released.error)}`);
      }
    };
    await Promise.all(Array.from({length: AT_ONCE}, next));
    if (failures[0] !== undefined) return err(`could not release ${failures[0]}`);
  }
  return ok(undefined);
}

/** In a namespace that is being deleted no controller will come after this one: nothing may wait for it. */
export async function releaseIfLast(client: KubeClient, namespace: string, log: Logger): Promise<void> {
  const found = await client.get<KubeObject>(NAMESPACES, namespace);
  // A standalone's API server has no Namespace objects.
  if (!found.ok || found.value.metadata.deletionTimestamp === undefined) return;
  const released = await releaseObjects(client, namespace);
  if (released.ok) log.info('namespace ends: nothing waits for a controller', {namespace});
  else log.warn('namespace ends, and objects wait for a controller', {namespace, reason: released.error});
}

const isHeld = ({metadata}: KubeObject, {finalizer}: Held): boolean =>
  metadata.finalizers?.includes(finalizer) ?? false;

/** Read and written until nobody else wrote in between. */
async function release(
  client: KubeClient,
  namespace: string,
  name: string,
  held: Held,
): Promise<Result<unknown, KubeError>> {
  for (let attempt = 1; ; attempt++) {
    const found = await client.get<KubeObject>(held.kind, name, namespace);
    if (!found.ok) return isGone(found.error) ? ok(undefined) : found;
    if (!isHeld(found.value, held)) return ok(undefined);
    const {finalizers = [], resourceVersion} = found.value.metadata;
    const rest = finalizers.filter(finalizer => finalizer !== held.finalizer);
    const metadata = {resourceVersion, finalizers: rest.length > 0 ? rest : null, annotations: held.annotations};
    const patched = await client.patch(held.kind, name, namespace, 'merge', {metadata});
    if (patched.ok || isGone(patched.error)) return ok(undefined);
    if (!hasReason(patched.error, 'Conflict') || attempt === ATTEMPTS) return patched;
  }
}
