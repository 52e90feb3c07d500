import type {Offer, TaskInfo, TaskState} from '../../../src/api/mesos/v1/common.ts';
import type {OperatorResponse, Task} from '../../../src/api/mesos/v1/operator.ts';
import type {SchedulerCall} from '../../../src/api/mesos/v1/scheduler.ts';
import type {OperatorTransport, SchedulerListener, SchedulerTransport} from '../../../src/api/mesos/v1/transport.ts';
import {MARATHON_FLAGS} from '../../../src/controller/marathon/flags.ts';
import {createMarathon, type Marathon} from '../../../src/controller/marathon/marathon.ts';
import {MARATHON_APPS, type MarathonAppStatus} from '../../../src/crds/marathon-app.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeClient, KubeObject, ResourceKind} from '../../../src/kube/types.ts';
import {parseFlags} from '../../../src/lib/flags.ts';
import {err, ok} from '../../../src/lib/result.ts';
import {MemoryKube} from '../../support/memory-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';
import {seededRandom} from './simulation.ts';

const NAMESPACE = 'default';

type Running = {readonly info: TaskInfo; state: TaskState};

/** A master with one agent that runs every task at once, and removes no framework unless it is told to. */
export class FakeMaster {
  readonly tasks = new Map<string, Running>();
  readonly calls: SchedulerCall[] = [];
  readonly subscriptions: SchedulerCall[] = [];
  cpus = 8;
  /** The agent is to be emptied. Unlike a real one it is still offered: there is no other. */
  deactivated = false;
  removed = new Set<string>();
  #listener: SchedulerListener | undefined;
  #frameworks = 0;
  #offers = 0;
  #frameworkId = '';
  #suppressed = true;

  readonly scheduler: SchedulerTransport = {
    subscribe: async (call, listener) => {
      this.subscriptions.push(call);
      this.#listener = listener;
      const id = call.framework_id?.value ?? `fake-${String(this.#frameworks++).padStart(4, '0')}`;
      if (this.removed.has(id)) {
        listener.onEvent({type: 'ERROR', error: {message: 'Framework has been removed'}});
        return ok({streamId: 's', call: async () => err({status: 403, message: 'closed'}), close: () => {}});
      }
      this.#frameworkId = id;
      this.#suppressed = (call.subscribe.suppressed_roles ?? []).length > 0;
      listener.onEvent({type: 'SUBSCRIBED', subscribed: {framework_id: {value: id}, heartbeat_interval_seconds: 15}});
      return ok({
        streamId: 's',
        call: async request => {
          this.calls.push(request);
          this.#take(request);
          return ok(undefined);
        },
        close: () => {},
      });
    },
  };

  readonly operator: OperatorTransport = {
    call: async ({type}) =>
      type === 'GET_TASKS'
        ? ok({type: 'GET_TASKS', get_tasks: {tasks: [...this.tasks.values()].map(task => this.#wire(task))}})
        : ok({type: 'GET_AGENTS', get_agents: {agents: [this.#agent()]}}),
  };

  /** The stream breaks. */
  cut(): void {
    this.#listener?.onClosed('cut');
  }

  beat(): void {
    this.#listener?.onEvent({type: 'HEARTBEAT'});
  }

  offer(): void {
    if (this.#suppressed) return;
    const used = [...this.tasks.values()].flatMap(({info}) => info.resources ?? []);
    const cpus = this.cpus - used.reduce((sum, r) => sum + (r.name === 'cpus' ? (r.scalar?.value ?? 0) : 0), 0);
    const role = {role: '*'};
    const offer: Offer = {
      id: {value: `O${this.#offers++}`},
      framework_id: {value: this.#frameworkId},
      agent_id: {value: 'A'},
      hostname: 'node-a',
      allocation_info: role,
      resources: [
        {name: 'cpus', type: 'SCALAR', scalar: {value: Math.max(0, cpus)}, allocation_info: role},
        {name: 'mem', type: 'SCALAR', scalar: {value: 8192}, allocation_info: role},
        {name: 'ports', type: 'RANGES', ranges: {range: [{begin: 31000, end: 32000}]}, allocation_info: role},
      ],
    };
    this.#listener?.onEvent({type: 'OFFERS', offers: {offers: [offer]}});
  }

  report(taskId: string, state: TaskState): void {
    const task = this.tasks.get(taskId);
    if (task === undefined) return;
    task.state = state;
    if (state !== 'TASK_RUNNING') this.tasks.delete(taskId);
    const status = {task_id: {value: taskId}, agent_id: {value: 'A'}, state, uuid: 'AAAAAAAAAAAAAAAAAAAAAA=='};
    this.#listener?.onEvent({type: 'UPDATE', update: {status}});
  }

  #agent(): NonNullable<NonNullable<OperatorResponse['get_agents']>['agents']>[number] {
    const {deactivated} = this;
    return {agent_info: {id: {value: 'A'}, hostname: 'node-a'}, active: !deactivated, version: '1', deactivated};
  }

  #take(call: SchedulerCall): void {
    if (call.type === 'REVIVE') this.#suppressed = false;
    if (call.type === 'SUPPRESS') this.#suppressed = true;
    if (call.type === 'REVIVE') this.offer();
    if (call.type === 'KILL') this.report(call.kill.task_id.value, 'TASK_KILLED');
    if (call.type !== 'ACCEPT') return;
    for (const info of (call.accept.operations ?? []).flatMap(({launch}) => launch?.task_infos ?? [])) {
      this.tasks.set(info.task_id.value, {info, state: 'TASK_STAGING'});
      this.report(info.task_id.value, 'TASK_RUNNING');
    }
    if (call.accept.filters?.refuse_seconds === 0) this.offer();
  }

  #wire({info, state}: Running): Task {
    const {name, task_id, agent_id, resources, labels, discovery} = info;
    return {name, task_id, agent_id, state, resources, labels, discovery, framework_id: {value: this.#frameworkId}};
  }
}

/** Objects with generations, finalizers and a status of their own, as an API server keeps them. */
export class Objects {
  readonly kube = new MemoryKube();
  readonly clock: VirtualClock;
  #uids = 0;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  get client(): KubeClient {
    const plain = this.kube.client();
    return {
      ...plain,
      create: (kind, object, options) => plain.create(kind, this.#born(object), options),
      update: async (kind, object, options) => {
        const before = this.kube.get(kind, object.metadata.name, object.metadata.namespace);
        return plain.update(kind, before.ok ? grown(before.value, object) : object, options);
      },
      patch: async (kind, name, namespace, type, body, options) => {
        const patched = await plain.patch(kind, name, namespace, type, withoutVersion(body), options);
        this.#bury(kind, name, namespace);
        return JSON.parse(JSON.stringify(patched));
      },
      delete: async (kind, name, namespace, options) => {
        const found = this.kube.get(kind, name, namespace);
        if (!found.ok || (found.value.metadata.finalizers ?? []).length === 0) {
          return plain.delete(kind, name, namespace, options);
        }
        this.kube.patch(kind, name, namespace, {metadata: {deletionTimestamp: this.#now()}});
        return ok(undefined);
      },
    };
  }

  #now = (): string => new Date(this.clock.now()).toISOString();

  #born(object: KubeObject): KubeObject {
    return {
      ...object,
      metadata: {...object.metadata, uid: `u${this.#uids++}`, generation: 1, creationTimestamp: this.#now()},
    };
  }

  /** What was deleted goes when nobody holds it any more. */
  #bury(kind: ResourceKind, name: string, namespace: string | undefined): void {
    const found = this.kube.get(kind, name, namespace);
    if (!found.ok) return;
    const {deletionTimestamp, finalizers = []} = found.value.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) this.kube.delete(kind, name, namespace);
  }
}

function grown(before: KubeObject, object: KubeObject): KubeObject {
  const same = JSON.stringify(before.spec) === JSON.stringify(object.spec);
  const generation = (before.metadata.generation ?? 0) + (same ? 0 : 1);
  return {...object, status: before.status, metadata: {...object.metadata, generation}};
}

/** The store of the tests compares no versions in patches. */
function withoutVersion(body: unknown): unknown {
  const {metadata, ...rest} = JSON.parse(JSON.stringify(body));
  if (metadata === undefined) return body;
  const {resourceVersion: _version, ...others} = metadata;
  return {...rest, metadata: others};
}

/** Marathon with a master and objects around it, on a clock that only the test moves. */
export class FakeCluster {
  readonly clock = new VirtualClock();
  readonly objects = new Objects(this.clock);
  readonly master = new FakeMaster();
  marathon: Marathon;
  readonly fatal: string[] = [];
  readonly #argv: readonly string[];

  constructor(argv: readonly string[] = []) {
    this.#argv = argv;
    this.marathon = this.#make();
  }

  #make(): Marathon {
    const flags = parseFlags(MARATHON_FLAGS, {argv: this.#argv});
    if (!flags.ok) throw new Error(flags.error.join());
    return createMarathon({
      client: this.objects.client,
      namespace: NAMESPACE,
      clock: this.clock,
      random: seededRandom(7),
      log: silentLogger,
      flags: flags.value,
      scheduler: this.master.scheduler,
      operator: this.master.operator,
      onFatal: reason => void this.fatal.push(reason),
    });
  }

  async start(): Promise<void> {
    void this.marathon.start();
    await this.pass(1000);
  }

  /** The process is gone and another one leads. */
  async takeOver(): Promise<void> {
    await this.marathon.stop();
    this.marathon = this.#make();
    await this.start();
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      await this.clock.advanceAsync(Math.min(left, 1000));
      this.master.beat();
      this.master.offer();
      await this.clock.advanceAsync(0);
    }
  }

  async kubectlCreate(name: string, spec: Record<string, unknown>): Promise<void> {
    await this.objects.client.create(MARATHON_APPS, {
      apiVersion: 'mesos.dev/v1',
      kind: 'MarathonApp',
      metadata: {name, namespace: NAMESPACE},
      spec,
    });
  }

  async kubectlEdit(name: string, change: Record<string, unknown>): Promise<void> {
    const object = this.object(name);
    if (object === undefined) throw new Error(`no ${name}`);
    const spec = {...Object.fromEntries(Object.entries(object.spec ?? {})), ...change};
    await this.objects.client.update(MARATHON_APPS, {...object, spec});
  }

  object(name: string): KubeObject<unknown, MarathonAppStatus> | undefined {
    const found = this.objects.kube.get(MARATHON_APPS, name, NAMESPACE);
    return found.ok ? JSON.parse(JSON.stringify(found.value)) : undefined;
  }

  condition(name: string, type: string) {
    return this.object(name)?.status?.conditions?.find(condition => condition.type === type);
  }
}
