import type {MesosAgent} from '../../../../../crds/mesos-agent.ts';

type Status = NonNullable<MesosAgent['status']>;

/** Where an agent stands with the master. `refused`: its description cannot be used, for the reason in `problem`. */
export type AgentStatusFacts = {
  readonly phase: 'new' | 'recovered' | 'registered' | 'unreachable' | 'unregistered' | 'down' | 'gone';
  readonly problem: string | undefined;
  /** Why the master leaves the object out. */
  readonly aside: string | undefined;
  readonly agentId: string | undefined;
  readonly generation: number;
  /** Wall clock, milliseconds. */
  readonly registeredMs: number | undefined;
  readonly reregisteredMs: number | undefined;
  readonly unreachableSinceMs: number | undefined;
  readonly silenceMs: number;
  /** Registered, and silent for so long; its node is ready. */
  readonly isSilent: boolean;
  /** Why it gets no offers though it is there. */
  readonly deactivation: {readonly reason: string; readonly message: string} | undefined;
  /** Undefined: nobody wants it empty. */
  readonly drain: 'DRAINING' | 'DRAINED' | undefined;
  /** Not terminal. */
  readonly tasks: number;
  /** By resource name, in units. */
  readonly total: ReadonlyMap<string, number>;
  readonly used: ReadonlyMap<string, number>;
  readonly offered: ReadonlyMap<string, number>;
};

export type AgentCondition = {
  readonly type: 'Ready' | 'Schedulable' | 'Drained';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
};

/** What the status should say; conditions are added where they are kept. */
export type AgentDecision = {
  readonly conditions: readonly AgentCondition[];
  readonly fields: Omit<Status, 'conditions' | 'reserved' | 'operations'>;
};

/** The master made a mistake at the object twice; a change of it tries again. */
export const setAside = (reason: string): {readonly reason: string; readonly message: string} => ({
  reason: 'SetAside',
  message: `The master fails at this object and leaves it out until it changes: ${reason}`,
});

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

export function decideAgent(facts: AgentStatusFacts): AgentDecision {
  return {
    conditions: [
      {type: 'Ready', ...readiness(facts)},
      {type: 'Schedulable', ...schedulability(facts)},
      ...drained(facts),
    ],
    fields: {
      agentId: facts.agentId,
      observedGeneration: facts.generation,
      registeredTime: iso(facts.registeredMs),
      reregisteredTime: iso(facts.reregisteredMs),
      unreachableTime: iso(facts.unreachableSinceMs),
      tasks: facts.tasks,
      total: Object.fromEntries(facts.total),
      used: Object.fromEntries(facts.used),
      offered: Object.fromEntries(facts.offered),
    },
  };
}

/** Apart from `Ready`: a node that is cordoned is well. */
const schedulability = ({deactivation}: AgentStatusFacts): Omit<AgentCondition, 'type'> =>
  deactivation === undefined
    ? {status: 'True', reason: 'Schedulable', message: 'The agent gets offers while it is ready'}
    : {status: 'False', ...deactivation};

/** Only while somebody wants it empty. */
function drained({drain, tasks}: AgentStatusFacts): AgentCondition[] {
  if (drain === undefined) return [];
  const condition =
    drain === 'DRAINED'
      ? ({status: 'True', reason: 'Drained', message: 'No task and no operation is left'} as const)
      : ({status: 'False', reason: 'Draining', message: `${tasks} tasks have not ended yet`} as const);
  return [{type: 'Drained', ...condition}];
}

function readiness(facts: AgentStatusFacts): Omit<AgentCondition, 'type'> {
  if (facts.aside !== undefined) return {status: 'False', ...setAside(facts.aside)};
  if (facts.problem !== undefined) {
    return {status: 'False', reason: 'InvalidResources', message: `The agent cannot be used: ${facts.problem}`};
  }
  switch (facts.phase) {
    case 'registered':
      if (facts.isSilent) return silent(facts);
      return {status: 'True', reason: 'AgentReady', message: 'The agent renews its Lease; its resources are offered'};
    case 'unreachable':
      return {
        status: 'Unknown',
        reason: 'AgentUnreachable',
        message: `The agent has not renewed its Lease for ${facts.silenceMs / 1000} s; its tasks are taken for lost`,
      };
    case 'unregistered':
      return {status: 'False', reason: 'AgentShutdown', message: 'The agent has released its Lease: it was shut down'};
    case 'down':
      return {status: 'False', reason: 'MachineDown', message: 'The operator has taken the machine down'};
    case 'gone':
      return {status: 'False', reason: 'AgentGone', message: 'The operator has marked the agent as gone for good'};
    case 'new':
    case 'recovered':
      return {status: 'Unknown', reason: 'AgentNotSeen', message: 'This master has not seen the agent renew its Lease'};
    default:
      return facts.phase satisfies never;
  }
}

const silent = ({silenceMs}: AgentStatusFacts): Omit<AgentCondition, 'type'> => ({
  status: 'Unknown',
  reason: 'AgentSilent',
  message: `The agent has not renewed its Lease for ${silenceMs / 1000} s, but its node is ready: its tasks go on, and nobody gets offers of it`,
});
