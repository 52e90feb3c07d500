import type {KubeError} from '../../../kube/types.ts';
import type {Subject} from '../../../lib/blame.ts';
import type {Result} from '../../../lib/result.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import type {Caches} from '../inbox/caches.ts';
import type {Inbox} from '../inbox/inbox.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import type {MasterContext} from '../master-context.ts';
import {reconcileAgent} from './statuses/mesosagent/reconcile.ts';
import {reconcileFramework} from './statuses/mesosframework/reconcile.ts';
import {reconcileRoles} from './statuses/mesosrole/reconcile.ts';

const PER_OBJECT_MS = 1000;
const ROLES_MS = 5000;

/** What a status is made of; all of it is replaced when the master is rebuilt. */
export type Known = {
  readonly master: ReadonlyMaster;
  readonly inbox: Inbox;
  /** Why the master leaves an object out. */
  readonly whyAside: (subject: Subject) => string | undefined;
};

export type StatusesOptions = {
  readonly context: MasterContext;
  readonly outbox: Outbox;
  /** Undefined while the master is being rebuilt: then there is nothing to say. */
  readonly known: () => Known | undefined;
};

type Look = (known: Known, caches: Caches) => Promise<Result<unknown, KubeError>>;

/** Statuses of agents, frameworks and roles, each written at most once a second. */
export class Statuses {
  readonly #options: StatusesOptions;

  constructor(options: StatusesOptions) {
    this.#options = options;
  }

  agent(name: string): void {
    const {client, clock, namespace, flags} = this.#options.context;
    const silenceMs = flags.agent_ping_timeout * flags.max_agent_ping_timeouts;
    this.#write(`mesosagents/${name}`, PER_OBJECT_MS, ({master, whyAside}, {agents}) =>
      reconcileAgent({client, clock, namespace, agents, master, silenceMs, whyAside}, name),
    );
  }

  framework(name: string): void {
    const {client, clock, namespace} = this.#options.context;
    this.#write(`mesosframeworks/${name}`, PER_OBJECT_MS, ({master, whyAside}, {frameworks}) =>
      reconcileFramework({client, clock, namespace, frameworks, master, whyAside}, name),
    );
  }

  /** What roles have, which changes all the time. */
  roles(): void {
    this.#write('mesosroles', ROLES_MS, (known, caches) => this.#writeRoles(known, caches, 'all'));
  }

  /** What became of the specs of roles; people and the operator API wait for it. */
  judgedRoles(): void {
    this.#write('mesosroles judged', 0, (known, caches) => this.#writeRoles(known, caches, 'judged'));
  }

  #writeRoles(
    {master, whyAside}: Known,
    {roles}: Caches,
    which: 'all' | 'judged',
  ): Promise<Result<unknown, KubeError>> {
    const {client, clock} = this.#options.context;
    return reconcileRoles({client, clock, roles, master, whyAside}, which);
  }

  #write(key: string, everyMs: number, look: Look): void {
    const {outbox, known} = this.#options;
    const attempt = async (): Promise<Result<unknown, KubeError>> => {
      const now = known();
      return now === undefined ? {ok: true, value: undefined} : look(now, now.inbox.caches);
    };
    outbox.latest(key, 'status', attempt, {everyMs});
  }
}
