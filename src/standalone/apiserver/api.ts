import {randomUUID} from 'node:crypto';
import type {Logger} from '../../kube/log.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {BUILTIN_KINDS} from './builtin-kinds.ts';
import type {Cluster} from './cluster.ts';
import {DefinitionController} from './controllers/definitions.ts';
import {expireEvents} from './controllers/event-expiry.ts';
import {GarbageCollector} from './controllers/garbage.ts';
import {NamespaceController} from './controllers/namespaces.ts';
import {UnboundPods} from './controllers/unbound-pods.ts';
import {WatchHub} from './read/watch-hub.ts';
import {Registry} from './registry.ts';
import {Store} from './store.ts';
import {create} from './write/create.ts';

export type ApiOptions = {
  /** Holds the objects; made when it is not there. Without one they live in memory, as long as the process. */
  readonly directory?: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** For generated names and watch timeouts. */
  readonly random?: Random;
  /** How many changes watches can resume over; older ones answer 410. */
  readonly history?: number;
};

/** An API server without its network: objects, watches on them, and the controllers behind. */
export type Api = {
  readonly cluster: Cluster;
  readonly hub: WatchHub;
  /** Stops the controllers and lets the directory go. */
  readonly close: () => void;
};

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Opens the objects, new or from an earlier life. Errors: as `Store.open`, or the first write fails. */
export function openApi(options: ApiOptions): Result<Api, string> {
  const {directory, history} = options;
  const opened = Store.open({directory, history});
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const cluster = makeCluster(store, options);
    const hub = new WatchHub(store);
    const stopControllers = startControllers(cluster);
    const close = (): void => {
      stopControllers();
      store.close();
    };
    return ok({cluster, hub, close});
  } catch (error) {
    store.close();
    return err(`cannot start with ${directory ?? 'memory'}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function makeCluster(store: Store, {clock, log, random = Math.random}: ApiOptions): Cluster {
  const cluster = {store, registry: new Registry(store), clock, log, random, newUid: randomUUID};
  const fresh = store.revision() === 0;
  makeNamespaces(cluster);
  // Nobody has seen the first revisions of a new store; as on a real server, they cannot be resumed from.
  if (fresh) store.compact();
  return cluster;
}

function startControllers(cluster: Cluster): () => void {
  const controllers = [
    new GarbageCollector(cluster),
    new NamespaceController(cluster),
    new DefinitionController(cluster),
    new UnboundPods(cluster),
  ];
  const stopExpiry = expireEvents(cluster);
  return () => {
    stopExpiry();
    for (const controller of controllers) controller.stop();
  };
}

function makeNamespaces(cluster: Cluster): void {
  const kind = BUILTIN_KINDS.find(known => known.plural === 'namespaces');
  if (kind === undefined) return;
  for (const name of NAMESPACES) {
    if (cluster.store.get(kind.storage, undefined, name) !== undefined) continue;
    const object = {apiVersion: 'v1', kind: 'Namespace', metadata: {name}};
    create(
      cluster,
      {
        kind,
        namespace: undefined,
        name: undefined,
        subresource: undefined,
        fieldManager: 'kube-apiserver',
        fieldValidation: 'Ignore',
        dryRun: false,
        force: false,
      },
      {object, warnings: []},
    );
  }
}
