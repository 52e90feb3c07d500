import {toFrameworkId} from '../allocator/ids.ts';
import {OPEN_GUARD} from '../controller/access/guard.ts';
import {RateLimit} from '../controller/mesos/http/rate-limit.ts';
import {masterRefusal} from '../controller/mesos/http/refusals.ts';
import {frameworkObjectName} from '../controller/mesos/core/frameworks/object-name.ts';
import {parseAttributes} from '../controller/mesos/objects/attributes.ts';
import {toFrameworkView} from '../controller/mesos/objects/framework-object.ts';
import {reportedResources} from '../controller/mesos/objects/reported-resources.ts';
import {resourcesToWire} from '../controller/mesos/core/resource-conversion.ts';
import {Verbosity} from '../controller/runtime/verbosity.ts';
import {listen} from '../controller/web/listen.ts';
import {answerByTable} from '../controller/web/port.ts';
import {bind} from '../controller/web/route.ts';
import {MESOS_FRAMEWORKS} from '../crds/mesos-framework.ts';
import {MESOS_AGENTS} from '../crds/mesos-agent.ts';
import {MANAGED_SELECTOR} from '../crds/meta.ts';
import {createInformer} from '../kube/informer.ts';
import {PODS} from '../kube/kinds.ts';
import type {Logger} from '../kube/log.ts';
import type {KubeClient, KubeObject} from '../kube/types.ts';
import type {Clock, Random} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {AgentDoors} from './agent-doors.ts';
import {AGENT_ROUTES} from './agent-routes.ts';
import type {AgentSnapshot} from './agent-views.ts';
import {TaskNotes, type TaskRun, toTaskRuns} from './task-runs.ts';

export type AgentApiOptions = {
  readonly name: string;
  readonly namespace: string;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly ip: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly hostname: string;
  readonly version: string;
  /** What the agent offers and its attributes, in the text forms of MesosAgent. */
  readonly resources: string;
  readonly attributes: string;
  readonly flags: Readonly<Record<string, string>>;
  /** Of each pod a directory named after its uid, with one for each run of each container. */
  readonly podsDirectory: string;
  readonly logFile?: string;
};

export type AgentApi = {readonly port: number; readonly close: () => Promise<void>};

/** What people and tools of Mesos find at an agent's port: its tasks, what they use, and their sandboxes. */
export async function startAgentApi(options: AgentApiOptions): Promise<Result<AgentApi, string>> {
  const {client, clock, random, log, name, ip, hostname} = options;
  const notes = new TaskNotes(options.podsDirectory);
  const selector = {fieldSelector: `spec.nodeName=${name}`, labelSelector: MANAGED_SELECTOR};
  const informer = createInformer({...{client, clock, random, log}, kind: PODS, selector, project: toSeenRuns});
  const names = new FrameworkNames(options);
  const named = async (run: NamelessRun): Promise<TaskRun> => ({
    ...run,
    frameworkName: await names.of(run.frameworkId),
  });
  informer.onEvent(({object: {runs}}) => {
    for (const run of runs) void named(run).then(whole => notes.note(whole));
  });
  const live = () => Promise.all(informer.list().flatMap(({runs}) => runs.map(named)));
  const startTime = clock.now() / 1000;
  let port = options.port;
  let agentId = '';
  const facts = async (): Promise<AgentSnapshot> => {
    agentId ||= await readAgentId(options);
    return {...described(options), ...{agentId, hostname, ip, port, startTime}};
  };
  const doors = new AgentDoors({
    ...{clock, facts, live, notes, logFile: options.logFile},
    verbosity: new Verbosity(clock, log.level),
    limit: new RateLimit(clock, 2, 1000),
  });
  const handler = answerByTable({
    routes: bind(AGENT_ROUTES, doors),
    alsoBelow: 'slave(1)',
    leadership: {phase: () => 'leading', leaderAddress: () => undefined},
    self: () => `${hostname}:${port}`,
    redirection: () => masterRefusal({kind: 'no-leader'}),
    refusal: masterRefusal,
    headers: () => ({}),
    checksAccept: false,
    served: () => ({names: [hostname.toLowerCase()], strict: false}),
    gatekeeper: {realms: {}, turnstile: undefined, guard: OPEN_GUARD},
    tls: undefined,
    log,
  });
  const server = await listen(handler, {ip, port, flagName: 'agent_port'});
  if (!server.ok) return err(server.error);
  port = server.value.port;
  informer.start();
  return ok({
    port,
    close: async () => {
      informer.stop();
      await server.value.close();
    },
  });
}

/** With what every cache needs of an object. */
type SeenRuns = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly runs: readonly NamelessRun[];
};

type NamelessRun = Omit<TaskRun, 'frameworkName'>;

/** A pod knows the id of its framework only. */
class FrameworkNames {
  readonly #options: AgentApiOptions;
  readonly #names = new Map<string, string>();

  constructor(options: AgentApiOptions) {
    this.#options = options;
  }

  /** Empty: there is no such framework any more. */
  async of(frameworkId: string): Promise<string> {
    const known = this.#names.get(frameworkId);
    if (known !== undefined) return known;
    const {client, namespace} = this.#options;
    const read = await client.get(MESOS_FRAMEWORKS, frameworkObjectName(toFrameworkId(frameworkId)), namespace);
    const view = read.ok ? toFrameworkView(read.value).framework : undefined;
    if (view !== undefined) this.#names.set(frameworkId, view.info.name);
    return view?.info.name ?? '';
  }
}

function toSeenRuns(raw: KubeObject): SeenRuns {
  const {name, namespace = '', uid = '', resourceVersion = ''} = raw.metadata;
  return {name, namespace, uid, resourceVersion, runs: toTaskRuns(raw)};
}

async function readAgentId({client, name, namespace}: AgentApiOptions): Promise<string> {
  const read = await client.get(MESOS_AGENTS, name, namespace);
  const status = read.ok ? read.value.status : undefined;
  if (typeof status !== 'object' || status === null || !('agentId' in status)) return '';
  return typeof status.agentId === 'string' ? status.agentId : '';
}

function described({resources, attributes, flags, version}: AgentApiOptions) {
  const [held, read] = [reportedResources(resources), parseAttributes(attributes)];
  return {
    resources: held.ok ? resourcesToWire(held.value, undefined, true) : [],
    attributes: read.ok ? read.value : [],
    flags,
    version,
  };
}
