import {sentenceOf} from '../allocator/explain/sentence.ts';
import type {AppToPlace} from './placer.ts';
import type {Blocked, LiveCluster, Outcome, whatIf} from './what-if.ts';

/** A live cluster whose frameworks have names. */
type NamedCluster = LiveCluster & {
  readonly frameworkName: (frameworkId: string) => string;
  /** Nothing is offered yet, as too few agents are back after a change of leaders. */
  readonly isHeldOff: boolean;
};

/** The answer as JSON. Shares are over weights. */
export function answerMessage(
  {now, changed}: ReturnType<typeof whatIf>,
  app: AppToPlace | undefined,
  cluster: NamedCluster,
): object {
  return {
    time: cluster.nowMs / 1000,
    held_off: cluster.isHeldOff,
    ...outcomeMessage(now, app, cluster),
    ...(changed !== undefined && {with_change: outcomeMessage(changed, app, cluster)}),
  };
}

function outcomeMessage({placed, blocked, roles}: Outcome, app: AppToPlace | undefined, cluster: NamedCluster): object {
  const agents = [...(placed ?? [])].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const count = agents.reduce((sum, [, instances]) => sum + instances, 0);
  return {
    ...(app !== undefined && {
      instances: {
        wanted: app.definition.instances,
        running: app.placed.length,
        placed: count,
        missing: app.wanted - count,
      },
      agents: agents.map(([agentId, instances]) => ({
        agent_id: agentId,
        hostname: cluster.agent(agentId)?.hostname,
        instances,
      })),
      blocked: blocked.map(one => blockedMessage(one, cluster)),
    }),
    roles: roles.map(({role, weight, shareBefore, shareAfter, offers}) => ({
      role,
      weight,
      share_before: shareBefore,
      share_after: shareAfter,
      offers,
    })),
  };
}

function blockedMessage({reason, agents, example, instances}: Blocked, cluster: NamedCluster): object {
  const {agentId, verdict} = example;
  const text = 'text' in verdict ? verdict.text : sentenceOf(verdict, cluster.nowMs, cluster.frameworkName);
  return {
    reason,
    agents,
    text,
    ...(instances !== undefined && {instances_that_would_fit: instances}),
    example: {agent_id: agentId, hostname: cluster.agent(agentId)?.hostname},
  };
}
