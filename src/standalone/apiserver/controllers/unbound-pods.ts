import {BUILTIN_KINDS} from '../builtin-kinds.ts';
import type {Cluster} from '../cluster.ts';
import {stringAt} from '../fields.ts';
import type {ApiObject} from '../object.ts';
import {create} from '../write/create.ts';
import {KeyQueue} from './controller.ts';

const COMPONENT = 'mesos-standalone';
const MESSAGE =
  'Nothing binds pods to nodes here: set spec.nodeName to an agent (kubectl get nodes), or create a MarathonApp, which the master places.';

/** Tells whoever made a pod without a node why it stays Pending: there is no kube-scheduler. */
export class UnboundPods {
  readonly #cluster: Cluster;
  readonly #queue: KeyQueue;
  readonly #unsubscribe: () => void;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#queue = new KeyQueue(cluster, 'unbound-pods', key => this.#process(key));
    this.#unsubscribe = cluster.store.subscribe(({storage, object, type}) => {
      if (storage === 'pods' && type === 'ADDED' && isUnbound(object))
        this.#queue.add(`${object.metadata.namespace}/${object.metadata.name}`);
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.#queue.stop();
  }

  #process(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const pod = this.#cluster.store.get('pods', namespace, name);
    if (pod === undefined || !isUnbound(pod)) return;
    const kind = BUILTIN_KINDS.find(({plural, group}) => plural === 'events' && group === '');
    if (kind === undefined) return;
    create(
      this.#cluster,
      {
        kind,
        namespace,
        name: undefined,
        subresource: undefined,
        fieldManager: COMPONENT,
        fieldValidation: 'Ignore',
        dryRun: false,
        force: false,
      },
      {object: this.#event(pod), warnings: []},
    );
  }

  #event({metadata: {name, namespace = '', uid = ''}}: ApiObject): ApiObject {
    const time = `${new Date(this.#cluster.clock.now()).toISOString().slice(0, 19)}Z`;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {name: `${name.slice(0, 200)}.${uid.slice(0, 8)}`, namespace},
      involvedObject: {apiVersion: 'v1', kind: 'Pod', name, namespace, uid},
      type: 'Warning',
      reason: 'FailedScheduling',
      message: MESSAGE,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: {component: COMPONENT},
      reportingComponent: COMPONENT,
      reportingInstance: '',
    };
  }
}

const isUnbound = (pod: ApiObject): boolean => (stringAt(pod, 'spec', 'nodeName') ?? '') === '';
