import {CONFIG_MAPS} from '../../../kube/kinds.ts';
import {explainKubeError, hasReason} from '../../../kube/kube-error.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {FrameworkIdStore} from '../inbox/subscription.ts';

const NAME = 'marathon-framework-id';
const KEY = 'framework-id';

/** As a ConfigMap of our own, as any framework may call itself `marathon`. */
export function createFrameworkIdStore(client: KubeClient, namespace: string): FrameworkIdStore {
  const done = (result: Result<unknown, KubeError>): Result<void, string> =>
    result.ok ? ok(undefined) : err(explainKubeError(result.error));
  return {
    load: async () => {
      const found = await client.get<KubeObject & {readonly data?: Readonly<Record<string, string>>}>(
        CONFIG_MAPS,
        NAME,
        namespace,
      );
      if (found.ok) return ok(found.value.data?.[KEY]);
      return hasReason(found.error, 'NotFound') ? ok(undefined) : err(explainKubeError(found.error));
    },
    save: async frameworkId => {
      const data = {[KEY]: frameworkId};
      const object = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: NAME, namespace}, data};
      const created = await client.create(CONFIG_MAPS, object);
      if (created.ok || !hasReason(created.error, 'AlreadyExists')) return done(created);
      return done(await client.patch(CONFIG_MAPS, NAME, namespace, 'merge', {data}));
    },
    clear: async () => {
      const deleted = await client.delete(CONFIG_MAPS, NAME, namespace);
      return !deleted.ok && hasReason(deleted.error, 'NotFound') ? ok(undefined) : done(deleted);
    },
  };
}
