import {Resources} from '../../../../../allocator/resources.ts';
import {MESOS_AGENTS} from '../../../../../crds/mesos-agent.ts';
import type {Informer, KubeClient, KubeError} from '../../../../../kube/types.ts';
import type {Clock} from '../../../../../lib/clock.ts';
import {ok, type Result} from '../../../../../lib/result.ts';
import type {AgentView} from '../../../objects/agent-object.ts';
import type {Subject} from '../../../../../lib/blame.ts';
import {aboutAgent} from '../../../objects/subjects.ts';
import {seenAgent} from '../../../core/agents/presence.ts';
import {deactivationOf} from '../../../core/agents/activation.ts';
import {drainStateOf} from '../../../core/agents/drain.ts';
import type {ReadonlyMaster} from '../../../core/state.ts';
import {liveTasks} from '../../../core/tasks/launches.ts';
import {offeredOnAgent, sum, usedOnAgent} from '../../../views/operator-views.ts';
import {patchStatus, setCondition} from '../../../../runtime/status.ts';
import {type AgentStatusFacts, decideAgent} from './decide.ts';

export type AgentReconcilerOptions = {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly agents: Informer<AgentView>;
  readonly master: ReadonlyMaster;
  readonly silenceMs: number;
  /** Why the master leaves the object out. */
  readonly whyAside: (subject: Subject) => string | undefined;
};

/** Brings a MesosAgent's status up to date, with one patch or none. */
export async function reconcileAgent(
  options: AgentReconcilerOptions,
  name: string,
): Promise<Result<unknown, KubeError>> {
  const {client, clock, agents, namespace} = options;
  const view = agents.get(name, namespace);
  if (view === undefined) return ok(undefined);
  const {conditions: wanted, fields} = decideAgent(gather(options, view));
  const nowIso = new Date(clock.now()).toISOString();
  const conditions = wanted.reduce<ReturnType<typeof setCondition>>(
    (before, condition) => setCondition(before, condition, nowIso, view.generation),
    (view.status?.conditions ?? []).filter(({type}) => wanted.some(condition => condition.type === type)),
  );
  // Reservations have a writer of their own; they stay as they are.
  const {reserved, operations} = view.status ?? {};
  return patchStatus(client, MESOS_AGENTS, view, {...fields, conditions, reserved, operations});
}

function gather({master, silenceMs, whyAside}: AgentReconcilerOptions, view: AgentView): AgentStatusFacts {
  const seen = seenAgent(master, view.name);
  const agentId = seen.agentId ?? view.agentId;
  const agent = agentId === undefined ? undefined : master.agents.get(agentId);
  const total = view.description.ok ? view.description.value.total : Resources.EMPTY;
  return {
    phase: seen.phase,
    aside: whyAside(aboutAgent(view)),
    problem: view.description.ok ? undefined : view.description.error,
    agentId,
    generation: view.generation,
    registeredMs: agent?.registeredMs ?? timeOf(view.status?.registeredTime),
    reregisteredMs: agent?.reregisteredMs ?? timeOf(view.status?.reregisteredTime),
    unreachableSinceMs: seen.unreachableSinceMs,
    silenceMs,
    isSilent: agent?.isSilent === true,
    drain: agent === undefined ? undefined : drainStateOf(master, agent),
    deactivation: agent === undefined ? deactivatedBy(view) : deactivationOf(agent),
    tasks: agent === undefined ? 0 : liveTasks([...agent.launches.values()].flatMap(({tasks}) => tasks)),
    total: total.quantities(),
    used: agent === undefined ? new Map() : sum(usedOnAgent(agent)).quantities(),
    offered: agent === undefined ? new Map() : sum(offeredOnAgent(agent)).quantities(),
  };
}

const deactivatedBy = ({description}: AgentView) => (description.ok ? description.value.deactivated : undefined);

function timeOf(iso: string | undefined): number | undefined {
  const ms = Date.parse(iso ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
