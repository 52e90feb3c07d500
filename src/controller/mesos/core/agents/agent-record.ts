import type {Result} from '../../../../lib/result.ts';
import type {Attribute, DomainInfo} from '../../../../api/mesos/v1/resources.ts';
import type {Resources} from '../../../../allocator/resources.ts';
import type {AgentId} from '../ids.ts';
import type {SavedOperation} from '../operations/saved-operation.ts';

/** Why an agent gets no offers though it is there: `reason` is one word in CamelCase, `message` is for people. */
export type Deactivation = {readonly reason: string; readonly message: string};

/** How an agent is emptied. */
export type Drain = {
  /** No task gets more than that to end. */
  readonly maxGraceSeconds?: number;
  /** Once it is empty, it never comes back. */
  readonly markGone: boolean;
  /** When it was asked for, wall clock; unknown when somebody edited the object. */
  readonly requestedMs?: number;
};

/** An agent as its MesosAgent object describes it. */
export type AgentRecord = {
  /** Given once by the shell, kept in the object's status. */
  readonly id: AgentId;
  /** The MesosAgent's name. */
  readonly name: string;
  readonly nodeName: string;
  readonly hostname: string;
  readonly port: number;
  readonly total: Resources;
  readonly attributes: readonly Attribute[];
  readonly domain?: DomainInfo;
  readonly version: string;
  /** The node takes no more pods: cordoned, not ready, full … */
  readonly deactivated?: Deactivation;
  /** So many pods of tasks its node takes at a time; absent: any number. */
  readonly maxTasks?: number;
  /** The operator wants no offers of it. */
  readonly deactivatedByOperator?: boolean;
  /** The operator wants it empty; absent grace: the tasks' own. */
  readonly drain?: Drain;
  /** What an earlier leader reserved there, from the object's status. */
  readonly made?: {readonly resources: Resources; readonly operations: readonly SavedOperation[]};
  /** Of the first registration, from the object's status; now when absent. */
  readonly registeredMs?: number;
};

/**
 * `unreachable`: silent for its timeout; it may come back with its tasks. `unregistered`: it said goodbye.
 * `machine-down`: the operator has taken its machine down. `removed-by-operator`: its object was deleted; its id never comes back.
 */
export type AgentLossReason = 'unreachable' | 'unregistered' | 'machine-down' | 'removed-by-operator';

/** What an agent says of itself. */
export type AgentDescription = Omit<AgentRecord, 'id' | 'registeredMs' | 'made'>;

/** An agent's object as it was seen. */
export type AgentSighting = {
  readonly name: string;
  /** Another object of the same name is another agent. */
  readonly uid: string;
  /** Undefined until a master gave it. */
  readonly agentId: AgentId | undefined;
  /** The operator has said that it never comes back. */
  readonly gone: boolean;
  /** Or why nothing can be offered. */
  readonly description: Result<AgentDescription, string>;
  /** What an earlier leader wrote into its status. */
  readonly before: Pick<AgentRecord, 'registeredMs' | 'made'> & {
    /** The agent had said goodbye. */
    readonly unregistered: boolean;
    /** It was unreachable since then, wall clock. */
    readonly unreachableSinceMs: number | undefined;
  };
};

/** What an agent's Lease says. `holder` empty: the agent released it, it said goodbye. */
export type AgentLease = {readonly holder: string; readonly renewTime: string | undefined};

/** Where an agent stands with the master. */
export type AgentPhase = 'new' | 'recovered' | 'registered' | 'unreachable' | 'unregistered' | 'down' | 'gone';

/** Whether two descriptions say the same, so that nobody has to be told. */
export const sameDescription = (a: AgentDescription, b: AgentDescription): boolean =>
  a.total.equals(b.total) && JSON.stringify({...a, total: undefined}) === JSON.stringify({...b, total: undefined});
