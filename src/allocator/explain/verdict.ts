import type {AgentId, FrameworkId} from '../ids.ts';
import type {Quantities, Resources} from '../resources.ts';

/** Who was asked before whom: the first place where their paths part, and the shares over weights there. */
export type Precedence = {
  /**
   * `guarantee`: they lacked something of theirs. `share`: the smaller comes first. `hand-outs`: of equal shares, fewer
   * come first. `name`: both are equal. `chance`: the order was drawn. `change`: we would have come first, but something
   * kept us from taking it that does not any more.
   */
  readonly by: 'guarantee' | 'share' | 'hand-outs' | 'name' | 'chance' | 'change';
  readonly between: 'roles' | 'frameworks';
  readonly theirs: {readonly path: string; readonly share: number; readonly handOuts: number};
  readonly ours: {readonly path: string; readonly share: number; readonly handOuts: number};
};

/** What somebody holds on an agent, offered or in use. */
export type Held = {readonly frameworkId: FrameworkId; readonly role: string; readonly resources: Resources};

/** Why a framework has no offer from an agent under a role, or that it got one. Amounts in units, times in milliseconds. */
export type Verdict =
  /** The last run that handed out anything gave it this. */
  | {readonly reason: 'offered'; readonly resources: Resources}
  /** Not connected. */
  | {readonly reason: 'framework-inactive'}
  /** It left the role, and still holds something under it. */
  | {readonly reason: 'not-subscribed'}
  | {readonly reason: 'suppressed'}
  /** It refused these resources, or more; at least one periodic run will see that. */
  | {readonly reason: 'filtered'; readonly untilMs: number; readonly refused: Resources}
  | {readonly reason: 'offer-constraint'}
  /** What the role could see, and what of it the limit leaves, is below the minimum. */
  | {
      readonly reason: 'quota-limit';
      readonly role: string;
      readonly limit: Quantities;
      readonly consumed: Quantities;
    }
  /** What is free for anybody is held back for roles that lack something of their guarantee. */
  | {
      readonly reason: 'headroom';
      readonly required: Quantities;
      readonly available: Quantities;
      readonly heldFor: readonly {readonly role: string; readonly lacks: Quantities}[];
    }
  | {readonly reason: 'minimum'; readonly free: Quantities; readonly wanted: readonly Quantities[]}
  | {readonly reason: 'gpu'; readonly gpus: number}
  | {readonly reason: 'region'; readonly agent: string; readonly master: string | undefined}
  | {readonly reason: 'agent-capability'; readonly missing: readonly string[]}
  /** Drained, deactivated, or not connected. */
  | {readonly reason: 'agent-inactive'}
  | {readonly reason: 'whitelist'; readonly hostname: string | undefined}
  /** A rule that this list has no words for. */
  | {readonly reason: 'rule'; readonly rule: string}
  /** All that is free is reserved to others, or of a kind that the framework does not know. */
  | {readonly reason: 'invisible'; readonly reservedTo: readonly string[]; readonly needs: readonly string[]}
  /** In the last run somebody took it who was asked first. */
  | {
      readonly reason: 'behind';
      readonly taker: Held;
      /** Undefined when the taker has gone since. */
      readonly precedence: Precedence | undefined;
    }
  | {readonly reason: 'nothing-free'; readonly holders: readonly Held[]}
  /** Nothing is in the way: it came free, or somebody began to want it, since it was last offered. */
  | {readonly reason: 'next-run'};

export type Reason = Verdict['reason'];

/** In the order in which they are looked for: the first one that holds is the answer. */
export const REASONS: readonly Reason[] = [
  'offered',
  'framework-inactive',
  'not-subscribed',
  'suppressed',
  'filtered',
  'offer-constraint',
  'quota-limit',
  'headroom',
  'minimum',
  'gpu',
  'region',
  'agent-capability',
  'agent-inactive',
  'whitelist',
  'rule',
  'invisible',
  'behind',
  'nothing-free',
  'next-run',
];

/** A verdict on one pair of client and agent. */
export type Judgement = {
  readonly frameworkId: FrameworkId;
  readonly role: string;
  readonly agentId: AgentId;
  readonly verdict: Verdict;
};
