import {toFrameworkId} from '../../../allocator/ids.ts';
import {messageOf, type Subject} from '../../../lib/blame.ts';
import {ok} from '../../../lib/result.ts';
import type {Command} from '../core/commands.ts';
import type {Effect} from '../core/effects.ts';
import type {AgentLease} from '../core/agents/agent-record.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import {recoveredAgents, toSighting} from '../objects/agent-object.ts';
import type {MasterContext} from '../master-context.ts';
import {MAINTENANCE_NAME, NO_MAINTENANCE} from '../objects/maintenance-object.ts';
import {rolesWanted, type RolesWanted} from '../objects/role-object.ts';
import {allCaches, type Caches, createCaches} from './caches.ts';
import {PodWatch} from './pod-watch.ts';
import {aboutAgent, aboutFramework, aboutRole, type Fact} from '../objects/subjects.ts';
import {WhitelistFile} from './whitelist-file.ts';

export type InboxOptions = {
  readonly context: MasterContext;
  /** The state that it reports to; undefined before that begins, and after it was dropped. */
  readonly master: () => ReadonlyMaster | undefined;
  readonly post: (fact: Fact) => void;
  /** An object was seen; true: it was left out, has changed, and everything is read anew. */
  readonly reconsider: (subject: Subject) => boolean;
  /** Why the master leaves an object out. */
  readonly whyAside: (subject: Subject) => string | undefined;
  /** The status of these objects has to be looked at. */
  readonly onSeen: {
    readonly agent: (name: string) => void;
    readonly framework: (name: string) => void;
    readonly judgedRoles: () => void;
  };
};

/**
 * Everything that a master sees of the cluster, from one reading of all objects on: caches of objects in, commands out.
 * Nothing is passed on before `open`, which makes up for it.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly caches: Caches;
  readonly #pods: PodWatch;
  readonly #whitelist: WhitelistFile | undefined;
  #isOpen = false;
  #isStopped = false;
  #rolesSeen = false;
  /** Undefined: all hosts may be offered. */
  #hostnames: ReadonlySet<string> | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
    const {context, post} = options;
    const {client, namespace, clock, random, log, flags} = context;
    const watchNodes = flags.watch_nodes;
    this.caches = createCaches({client, namespace, clock, random, log, watchNodes, wholePods: () => !this.#isOpen});
    this.#pods = new PodWatch({client, namespace, pods: this.caches.pods, post, log});
    const {whitelist: path} = flags;
    const onChange = (hostnames: ReadonlySet<string>): void => {
      this.#hostnames = hostnames;
      if (this.#isOpen) post({kind: 'whitelist', hostnames});
    };
    this.#whitelist = path === undefined ? undefined : new WhitelistFile({path, log, onChange});
    this.#listen();
  }

  /** Resolves when everything that an earlier leader may have left is read. */
  async read(): Promise<void> {
    const caches = allCaches(this.caches);
    for (const cache of caches) cache.start();
    this.caches.nodes?.start();
    await Promise.all(caches.map(cache => cache.synced()));
    await this.readWhitelist();
  }

  /** What was read, as commands: one for each object, so that each can be left out alone. */
  facts(): readonly Fact[] {
    const {agents, frameworks} = this.caches;
    const none = {kind: 'restore', frameworks: [], agents: [], unreachable: [], launches: [], more: true} as const;
    const {wishes, inEffect} = this.#rolesWanted();
    const recovered = recoveredAgents(agents.list());
    const facts: Fact[] = [{...none, roles: {wishes, inEffect}}];
    for (const view of frameworks.list()) {
      if (view.framework !== undefined)
        facts.push({...none, frameworks: [view.framework], about: aboutFramework(view)});
    }
    for (const agent of recovered.agents) {
      facts.push({...none, agents: [agent], about: this.#aboutAgent(agent.name)});
    }
    for (const away of recovered.unreachable) {
      facts.push({...none, unreachable: [away], about: this.#aboutAgent(away.agent.name)});
    }
    for (const {launch, about} of this.#pods.restored()) facts.push({...none, launches: [launch], about});
    const {more: _more, ...last} = none;
    const whitelist: Fact = {kind: 'whitelist', hostnames: this.#hostnames};
    return [...facts, last, this.#maintenanceFact(), whitelist, ...this.#domainFact(undefined)];
  }

  /** From here on, what is seen is told at once; what was seen since the reading is told now. */
  open(): void {
    this.#isOpen = true;
    const {agents, leases, frameworks, nodes} = this.caches;
    // Before what is silent is looked at.
    for (const {name, ready} of nodes?.list() ?? []) this.#options.post({kind: 'node-seen', name, ready});
    for (const {agentName, lease} of leases.list()) {
      this.#sawLease(agentName, lease);
    }
    for (const {name} of agents.list()) this.#sawAgent(name);
    for (const view of frameworks.list()) {
      if (view.deleting) this.#tornDown(view.framework?.id, view.uid);
      else this.#options.onSeen.framework(view.name);
    }
    this.#options.onSeen.judgedRoles();
  }

  stop(): void {
    this.#isStopped = true;
    for (const cache of allCaches(this.caches)) cache.stop();
    this.caches.nodes?.stop();
  }

  /** The answer follows as a command, unless the state that asked has been dropped. */
  async readPod(effect: Effect & {readonly kind: 'read-pod'}): Promise<void> {
    await this.#pods.read(effect);
  }

  async readWhitelist(): Promise<void> {
    await this.#whitelist?.read();
  }

  #listen(): void {
    const {agents, leases, frameworks, roles, maintenance, nodes} = this.caches;
    const {reconsider} = this.#options;
    agents.onEvent(({object, type}) =>
      this.#live(() => {
        const about = aboutAgent(object);
        if (!reconsider(type === 'deleted' ? {...about, version: 'deleted'} : about)) this.#sawAgent(object.name);
      }),
    );
    leases.onEvent(({object, type}) =>
      this.#live(() => {
        const lease = type === 'deleted' ? undefined : object.lease;
        this.#sawLease(object.agentName, lease);
      }),
    );
    frameworks.onEvent(({type, object}) =>
      this.#live(() => {
        const about = aboutFramework(object);
        if (reconsider(type === 'deleted' ? {...about, version: 'deleted'} : about)) return;
        if (type === 'deleted' || object.deleting) this.#tornDown(object.framework?.id, object.uid);
        else this.#options.onSeen.framework(object.name);
      }),
    );
    roles.onEvent(event => {
      const isStatus = event.type === 'updated' && event.old.generation === event.object.generation;
      if (isStatus) return;
      this.#live(() => {
        const about = aboutRole(event.object);
        if (!reconsider(event.type === 'deleted' ? {...about, version: 'deleted'} : about)) this.#sawRoles();
      });
    });
    maintenance.onEvent(() => this.#live(() => void this.#options.post(this.#maintenanceFact())));
    nodes?.onEvent(event => {
      const {name, ready} = event.object;
      // A node reports much that nobody here asks for.
      if (event.type === 'updated' && event.old.ready === ready) return;
      this.#live(() => void this.#options.post({kind: 'node-seen', name, ...(event.type !== 'deleted' && {ready})}));
    });
    this.#pods.listen(deliver => this.#live(deliver));
  }

  /** A mistake of ours about one event must not end the watch of all others. */
  #live(deliver: () => void): void {
    if (!this.#isOpen || this.#isStopped) return;
    try {
      deliver();
    } catch (error) {
      this.#options.context.log.error('an event of a watch was not understood', {error, reason: messageOf(error)});
    }
  }

  #sawAgent(name: string): void {
    const {context, master, post, onSeen} = this.#options;
    if (name === context.flags.node_name) for (const fact of this.#domainFact(master()?.domain)) post(fact);
    const view = this.caches.agents.get(name, context.namespace);
    if (view === undefined) post({kind: 'agent-object-gone', name});
    else post({kind: 'agent-seen', agent: toSighting(view), about: aboutAgent(view)});
    onSeen.agent(name);
  }

  #sawLease(name: string | undefined, lease: AgentLease | undefined): void {
    if (name === undefined) return;
    this.#options.post({kind: 'lease-seen', name, ...(lease !== undefined && {lease}), about: this.#aboutAgent(name)});
  }

  #aboutAgent(name: string): Fact['about'] {
    const view = this.caches.agents.get(name, this.#options.context.namespace);
    return view === undefined ? {kind: 'MesosAgent', name} : aboutAgent(view);
  }

  /** The master stands where `--domain` says, else where the agent of its own node does. */
  #domainFact(before: ReadonlyMaster['domain']): readonly Fact[] {
    const {flags, namespace} = this.#options.context;
    const own = flags.node_name === undefined ? undefined : this.caches.agents.get(flags.node_name, namespace);
    const said = own?.description.ok === true ? own.description.value.domain?.fault_domain : undefined;
    const domain = flags.domain ?? (said && {region: said.region.name, zone: said.zone.name});
    return JSON.stringify(domain) === JSON.stringify(before) ? [] : [{kind: 'domain', domain}];
  }

  /** A plan that cannot be understood changes nothing. */
  #maintenanceFact(): Fact {
    const {namespace, log} = this.#options.context;
    const view = this.caches.maintenance.get(MAINTENANCE_NAME, namespace);
    const seen = view?.maintenance ?? ok(NO_MAINTENANCE);
    const about = {kind: 'ConfigMap', name: MAINTENANCE_NAME, version: view?.resourceVersion ?? 'none'};
    if (seen.ok) return {kind: 'maintenance', maintenance: seen.value, about};
    log.warn('maintenance schedule not understood', {reason: seen.error});
    return {kind: 'maintenance', maintenance: this.#options.master()?.maintenance ?? NO_MAINTENANCE};
  }

  #rolesWanted(): RolesWanted {
    return rolesWanted(this.caches.roles, subject => this.#options.whyAside(subject) !== undefined);
  }

  /** Roles that change together are judged together. */
  #sawRoles(): void {
    if (this.#rolesSeen) return;
    this.#rolesSeen = true;
    setImmediate(() => {
      this.#rolesSeen = false;
      if (this.#isStopped) return;
      this.#options.post({kind: 'roles', wishes: this.#rolesWanted().wishes});
      this.#options.onSeen.judgedRoles();
    });
  }

  /** Deleting the object is the teardown. Another object of the same name is another framework's beginning. */
  #tornDown(frameworkId: string | undefined, uid: string): void {
    if (frameworkId === undefined) return;
    const id = toFrameworkId(frameworkId);
    const command: Command = {kind: 'teardown', frameworkId: id};
    if (this.#options.master()?.frameworks.get(id)?.uid === uid) this.#options.post(command);
  }
}
