import {MARATHON_DEPLOYMENTS} from '../../../crds/marathon-deployment.ts';
import {isTaken} from '../../../kube/kube-error.ts';
import {apiVersionOf} from '../../../kube/resource-path.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import type {Clock} from '../../../lib/clock.ts';
import {ok, type Result} from '../../../lib/result.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import {deploymentSpec, deploymentStatus} from '../core/deployments/deployment-object.ts';
import {affectedApps, type ReadonlyDeployment} from '../core/deployments/deployment.ts';
import type {ReadonlyMarathon} from '../core/state.ts';

/** A deployment of one app is written down when it lasts: until then the status of its app says as much. */
const LASTS_MS = 1000;
/** Between two writes of one deployment. */
const INTERVAL_MS = 250;

export type DeploymentWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly outbox: Outbox;
  /** Undefined while it is being rebuilt. */
  readonly state: () => ReadonlyMarathon | undefined;
  readonly clock: Clock;
};

/** Keeps a MarathonDeployment for each deployment under way. */
export class DeploymentWriter {
  readonly #options: DeploymentWriterOptions;
  /** What was written last, as text, of each that has an object. */
  readonly #written = new Map<string, string>();

  constructor(options: DeploymentWriterOptions) {
    this.#options = options;
  }

  changed(id: string): void {
    const {state, clock} = this.#options;
    const deployment = state()?.deployments.get(id);
    const isNew = deployment !== undefined && !this.#written.has(id);
    if (isNew && affectedApps(deployment).length === 1) clock.after(LASTS_MS, () => this.#write(id));
    else this.#write(id);
  }

  /** It has an object, perhaps an earlier leader's. */
  stored(id: string): void {
    if (!this.#written.has(id)) this.#written.set(id, '');
    const state = this.#options.state();
    if (state?.ready === true && !state.deployments.has(id)) this.#write(id);
  }

  #write(id: string): void {
    const state = this.#options.state();
    if (state === undefined || (!this.#written.has(id) && !state.deployments.has(id))) return;
    const key = `${MARATHON_DEPLOYMENTS.plural}/${id}`;
    this.#options.outbox.latest(key, 'object', () => this.#bring(id), {everyMs: INTERVAL_MS});
  }

  async #bring(id: string): Promise<Result<unknown, KubeError>> {
    const {client, namespace, state} = this.#options;
    const now = state();
    if (now === undefined) return ok(undefined);
    const deployment = now.deployments.get(id);
    if (deployment === undefined) {
      this.#written.delete(id);
      return client.delete(MARATHON_DEPLOYMENTS, id, namespace);
    }
    if (!this.#written.has(id)) {
      const created = await client.create(MARATHON_DEPLOYMENTS, deploymentObject(deployment, namespace));
      if (!created.ok && !isTaken(created.error)) return created;
      this.#written.set(id, '');
    }
    const status = deploymentStatus(deployment);
    const text = JSON.stringify(status);
    if (this.#written.get(id) === text) return ok(undefined);
    const patched = await client.patch(MARATHON_DEPLOYMENTS, id, namespace, 'merge', {status}, {subresource: 'status'});
    if (patched.ok) this.#written.set(id, text);
    return patched;
  }
}

/** Nobody owns it: it must not go with some of its apps, as whoever deletes it takes the change back. */
const deploymentObject = (deployment: ReadonlyDeployment, namespace: string): KubeObject => ({
  apiVersion: apiVersionOf(MARATHON_DEPLOYMENTS),
  kind: MARATHON_DEPLOYMENTS.kind,
  metadata: {name: deployment.id, namespace},
  spec: deploymentSpec(deployment),
});
