import {MARATHON_APPS} from '../../../crds/marathon-app.ts';
import {MARATHON_DEPLOYMENTS} from '../../../crds/marathon-deployment.ts';
import {MARATHON_GROUPS} from '../../../crds/marathon-group.ts';
import {createInformer} from '../../../kube/informer.ts';
import type {Logger} from '../../../kube/log.ts';
import type {Informer, KubeClient, ObjectMeta} from '../../../kube/types.ts';
import type {Clock, Random} from '../../../lib/clock.ts';
import {toAppObject} from '../core/apps/app-object.ts';
import type {AppDefaults} from '../core/apps/app.ts';
import type {Command} from '../core/commands.ts';
import type {Deployment} from '../core/deployments/deployment.ts';
import {toDeployment} from '../core/deployments/deployment-object.ts';
import type {GroupObject} from '../core/groups/group.ts';
import {toGroupObject} from '../core/groups/group-object.ts';
import type {AppObject} from '../core/state.ts';

export type ObjectWatchOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly defaults: AppDefaults;
  readonly post: (command: Command) => void;
  /** There is a MarathonDeployment of this name. */
  readonly onDeploymentStored: (name: string) => void;
  /** There is none of this name any more. */
  readonly onDeploymentDeleted: (name: string) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

type StoredDeployment = {
  readonly name: string;
  readonly deployment: Deployment | undefined;
  /** It was deleted with `--cascade=orphan`: what it has done is left as it is. */
  readonly isLeft: boolean;
};

const isLeft = ({deletionTimestamp, finalizers = []}: ObjectMeta): boolean =>
  deletionTimestamp !== undefined && finalizers.includes('orphan');

/** Turns what happens to MarathonApps, MarathonGroups and MarathonDeployments into commands. */
export class ObjectWatch {
  readonly #options: ObjectWatchOptions;
  #apps: Informer<AppObject> | undefined;
  #groups: Informer<GroupObject> | undefined;
  #deployments: Informer<StoredDeployment> | undefined;

  constructor(options: ObjectWatchOptions) {
    this.#options = options;
  }

  /** Reads everything anew, as a new leader does. What happens afterwards is posted. */
  async read(): Promise<readonly Command[]> {
    this.stop();
    const {defaults, post, onDeploymentStored, onDeploymentDeleted} = this.#options;
    const apps = createInformer<AppObject>({
      kind: MARATHON_APPS,
      project: raw => toAppObject(raw, defaults),
      ...this.#common,
    });
    const groups = createInformer<GroupObject>({kind: MARATHON_GROUPS, project: toGroupObject, ...this.#common});
    const deployments = createInformer<StoredDeployment>({
      kind: MARATHON_DEPLOYMENTS,
      project: raw => ({name: raw.metadata.name, deployment: toDeployment(raw), isLeft: isLeft(raw.metadata)}),
      ...this.#common,
    });
    this.#apps = apps;
    this.#groups = groups;
    this.#deployments = deployments;
    apps.onEvent(({type, object}) =>
      post(type === 'deleted' ? {kind: 'app-gone', name: object.name, uid: object.uid} : {kind: 'app-seen', object}),
    );
    groups.onEvent(({type, object}) =>
      post(
        type === 'deleted' ? {kind: 'group-gone', name: object.name, uid: object.uid} : {kind: 'group-seen', object},
      ),
    );
    deployments.onEvent(({type, object: {name, isLeft}}) => {
      if (type === 'deleted') onDeploymentDeleted(name);
      else if (isLeft) post({kind: 'deployment-gone', id: name});
      else onDeploymentStored(name);
    });
    apps.start();
    groups.start();
    deployments.start();
    await Promise.all([apps.synced(), groups.synced(), deployments.synced()]);
    return [
      ...groups.list().map((object): Command => ({kind: 'group-seen', object})),
      ...apps.list().map((object): Command => ({kind: 'app-seen', object})),
      ...deployments
        .list()
        .flatMap(({deployment}): Command[] =>
          deployment === undefined ? [] : [{kind: 'deployment-seen', deployment}],
        ),
    ];
  }

  /** As it was seen last, also while the state is being rebuilt. */
  app(name: string): AppObject | undefined {
    return this.#apps?.get(name);
  }

  stop(): void {
    this.#apps?.stop();
    this.#groups?.stop();
    this.#deployments?.stop();
  }

  get #common(): Pick<ObjectWatchOptions, 'client' | 'namespace' | 'clock' | 'random' | 'log'> {
    const {client, namespace, clock, random, log} = this.#options;
    return {client, namespace, clock, random, log};
  }
}
