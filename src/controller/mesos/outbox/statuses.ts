import type {KubeError} from '../../../kube/types.ts';
import type {Result} from '../../../lib/result.ts';
import type {AgentWatch} from '../inbox/agent-watch.ts';
import {reconcileAgent} from './statuses/mesosagent/reconcile.ts';
import {reconcileFramework} from './statuses/mesosframework/reconcile.ts';
import {reconcileRoles} from './statuses/mesosrole/reconcile.ts';
import type {Caches} from '../inbox/caches.ts';
import type {Master} from '../core/state.ts';
import type {MasterContext} from '../master-context.ts';
import {Throttle} from './throttle.ts';

const PER_OBJECT_MS = 1000;
const ROLES_MS = 5000;

export type StatusesOptions = {
  readonly context: MasterContext;
  readonly caches: Caches;
  readonly agents: AgentWatch;
  readonly master: Master;
};

/** Statuses of agents, frameworks and roles, each written at most once a second. */
export class Statuses {
  readonly #options: StatusesOptions;
  readonly #agents: Throttle;
  readonly #frameworks: Throttle;
  readonly #roles: Throttle;
  #judging: 'no' | 'yes' | 'again' = 'no';

  constructor(options: StatusesOptions) {
    this.#options = options;
    const {clock} = options.context;
    this.#agents = new Throttle(clock, PER_OBJECT_MS, name => this.#writeAgent(name));
    this.#frameworks = new Throttle(clock, PER_OBJECT_MS, name => this.#writeFramework(name));
    this.#roles = new Throttle(clock, ROLES_MS, () => this.#writeRoles('all'));
  }

  agent(name: string): void {
    this.#agents.mark(name);
  }

  framework(name: string): void {
    this.#frameworks.mark(name);
  }

  /** What roles have, which changes all the time. */
  roles(): void {
    this.#roles.mark('');
  }

  /** What became of the specs of roles; people and the operator API wait for it. */
  judgedRoles(): void {
    if (this.#judging === 'no') void this.#tellJudged();
    else this.#judging = 'again';
  }

  stop(): void {
    for (const throttle of [this.#agents, this.#frameworks, this.#roles]) throttle.stop();
  }

  async #writeAgent(name: string): Promise<void> {
    const {context, caches, agents, master} = this.#options;
    const {client, clock, namespace, flags} = context;
    if (caches.agents.get(name, namespace) === undefined) return this.#agents.forget(name);
    const silenceMs = flags.agent_ping_timeout * flags.max_agent_ping_timeouts;
    const options = {client, clock, namespace, agents: caches.agents, watch: agents, master, silenceMs};
    const done = await reconcileAgent(options, name);
    if (!this.#isDone(done, 'MesosAgent', name)) this.#agents.mark(name);
  }

  async #writeFramework(name: string): Promise<void> {
    const {context, caches, master} = this.#options;
    const {client, clock, namespace} = context;
    if (caches.frameworks.get(name, namespace) === undefined) return this.#frameworks.forget(name);
    const done = await reconcileFramework({client, clock, namespace, frameworks: caches.frameworks, master}, name);
    if (!this.#isDone(done, 'MesosFramework', name)) this.#frameworks.mark(name);
  }

  async #tellJudged(): Promise<void> {
    do {
      this.#judging = 'yes';
      await this.#writeRoles('judged');
    } while (this.#isJudgedAgain());
    this.#judging = 'no';
  }

  #isJudgedAgain(): boolean {
    return this.#judging === 'again';
  }

  async #writeRoles(which: 'all' | 'judged'): Promise<void> {
    const {context, caches, master} = this.#options;
    const done = await reconcileRoles(
      {client: context.client, clock: context.clock, roles: caches.roles, master},
      which,
    );
    this.#isDone(done, 'MesosRole', '');
  }

  /** Whether there is nothing more to do: written, object gone, or not ours to write any more. */
  #isDone(result: Result<unknown, KubeError>, kind: string, name: string): boolean {
    if (result.ok || result.error.kind === 'fenced') return true;
    if (result.error.kind === 'http' && (result.error.status === 404 || result.error.status === 409)) return true;
    this.#options.context.log.warn('status could not be written', {kind, name, error: result.error.message});
    return false;
  }
}
