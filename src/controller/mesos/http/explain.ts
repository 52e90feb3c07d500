import type {Request} from 'express';
import type {ExplainQuery, Explanation, Unknown} from '../../../allocator/explain/explain.ts';
import type {ClientStanding} from '../../../allocator/explain/standing.ts';
import {sentenceOf} from '../../../allocator/explain/sentence.ts';
import type {Judgement, Precedence, Verdict} from '../../../allocator/explain/verdict.ts';
import type {AgentId, FrameworkId} from '../../../allocator/ids.ts';
import {toAgentId, toFrameworkId} from '../../../allocator/ids.ts';
import {Resources} from '../../../allocator/resources.ts';
import {formatResources} from '../../../allocator/text-form.ts';
import {JSONP, sendJson} from '../../web/jsonp.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import {NOT_LEADING, refuse, textOf} from './answers.ts';
import type {MasterRoute} from './master-doors.ts';

/** Why frameworks got no offers. */
export const EXPLAIN_ROUTE: MasterRoute = {
  method: 'GET',
  path: '/allocator/explain',
  does: 'Explains why frameworks got no offers. Wants ids, or names that only one has.',
  permission: 'view-whole',
  answeredBy: 'leader-by-redirect',
  body: NO_BODY,
  query: {
    role: 'Only this role.',
    framework: 'Only this framework.',
    agent: 'Only this agent.',
    ...JSONP,
  },
  handle: (exchange, {core, clock}) => {
    const master = core();
    if (master === undefined) refuse(exchange.response, NOT_LEADING);
    else answer(master, clock.now(), exchange);
  },
};

function answer(master: ReadonlyMaster, nowMs: number, exchange: Exchange): void {
  const explained = master.allocator.explain(queryOf(master, exchange.request.query), nowMs);
  if (explained.ok) return sendJson(exchange, explanationMessage(master, explained.value));
  exchange.response.status(404);
  sendJson(exchange, unknownMessage(explained.error));
}

function queryOf(master: ReadonlyMaster, {role, framework, agent}: Request['query']): ExplainQuery {
  const [roleName, frameworkName, agentName] = [textOf(role), textOf(framework), textOf(agent)];
  return {
    ...(roleName !== undefined && {role: roleName}),
    ...(frameworkName !== undefined && {frameworkId: frameworkNamed(master, frameworkName)}),
    ...(agentName !== undefined && {agentId: agentNamed(master, agentName)}),
  };
}

function frameworkNamed({frameworks}: ReadonlyMaster, text: string): FrameworkId {
  const named = [...frameworks.values()].filter(({info}) => info.name === text);
  const [only] = named;
  return frameworks.has(toFrameworkId(text)) || only === undefined || named.length > 1 ? toFrameworkId(text) : only.id;
}

function agentNamed({agents}: ReadonlyMaster, text: string): AgentId {
  const named = [...agents.values()].filter(({record}) => record.name === text || record.hostname === text);
  const [only] = named;
  return agents.has(toAgentId(text)) || only === undefined || named.length > 1 ? toAgentId(text) : only.record.id;
}

const unknownMessage = ({kind, id, known, count}: Unknown): object => ({
  error: kind === 'not-in-role' ? `The framework has no role ${id}` : `There is no ${kind} ${id}`,
  known,
  known_count: count,
});

/** Times in seconds since the epoch, resources in the text form, amounts by name, shares weighted. */
function explanationMessage(master: ReadonlyMaster, explanation: Explanation): object {
  const {nowMs, lastLookMs, lastRun, agents, clients, judged, reasons, standings} = explanation;
  return {
    time: nowMs / 1000,
    ...(lastLookMs !== undefined && {last_look: lastLookMs / 1000}),
    ...(master.holdOff !== undefined && {
      held_off: {agents: master.holdOff.agents, registered: master.agents.size, until: master.holdOff.untilMs / 1000},
    }),
    ...(lastRun !== undefined && {
      last_run: {time: lastRun.atMs / 1000, cause: lastRun.cause, hand_outs: lastRun.handOuts},
    }),
    agents,
    clients,
    judged,
    reasons: reasons.map(({reason, pairs, examples}) => ({
      reason,
      pairs,
      examples: examples.map(example => exampleMessage(master, example, nowMs)),
    })),
    standings: standings.map(standing => standingMessage(master, standing)),
  };
}

const nameOf = ({frameworks}: ReadonlyMaster, id: FrameworkId): string => frameworks.get(id)?.info.name ?? id;

function exampleMessage(
  master: ReadonlyMaster,
  {frameworkId, role, agentId, verdict}: Judgement,
  nowMs: number,
): object {
  return {
    framework_id: frameworkId,
    framework_name: nameOf(master, frameworkId),
    role,
    agent_id: agentId,
    hostname: master.agents.get(agentId)?.record.hostname,
    text: sentenceOf(verdict, nowMs, id => nameOf(master, id)),
    details: detailsMessage(verdict),
  };
}

/** The numbers of a verdict, whatever it is: names in lower case with underscores. */
function detailsMessage({reason: _, ...details}: Verdict): object {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => renamed(name, value)));
}

function renamed(name: string, value: unknown): [string, unknown] {
  if (name.endsWith('Ms') && typeof value === 'number') return [snake(name.slice(0, -2)), value / 1000];
  return [snake(name), plain(value)];
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

function plain(value: unknown): unknown {
  if (value instanceof Resources) return formatResources(value);
  if (value instanceof Map) return Object.fromEntries(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => renamed(name, inner)));
}

function standingMessage(master: ReadonlyMaster, standing: ClientStanding): object {
  const {frameworkId, role, weight, roleShares, frameworkShares, position, ahead} = standing;
  return {
    framework_id: frameworkId,
    framework_name: nameOf(master, frameworkId),
    role,
    weight,
    role_shares: plain(roleShares),
    framework_shares: plain(frameworkShares),
    ...(position !== undefined && {position}),
    ahead: ahead.map(other => ({
      framework_id: other.frameworkId,
      framework_name: nameOf(master, other.frameworkId),
      role: other.role,
      between: other.between,
      theirs: sideMessage(other.theirs),
      ours: sideMessage(other.ours),
    })),
  };
}

const sideMessage = ({path, share, handOuts}: Precedence['ours']): object => ({path, share, hand_outs: handOuts});
