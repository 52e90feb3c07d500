import {toAgentId, toFrameworkId} from '../allocator/ids.ts';
import type {AgentSpec, Allocation} from '../allocator/records.ts';
import {Resources} from '../allocator/resources.ts';
import {parseResources} from '../allocator/text-form.ts';
import type {Result} from '../lib/result.ts';
import {err, ok} from '../lib/result.ts';
import {isObject} from '../lib/decoder.ts';
import type {Amounts} from './workload.ts';

type RoleSettings = {
  readonly weight: number;
  readonly guarantees: Amounts | undefined;
  readonly limits: Amounts | undefined;
};

/** What a live cluster has and runs. */
export type ClusterSnapshot = {
  readonly agents: readonly AgentSpec[];
  readonly running: readonly Allocation[];
  readonly roles: ReadonlyMap<string, RoleSettings>;
};

export const NO_SNAPSHOT: ClusterSnapshot = {agents: [], running: [], roles: new Map()};

const ENDED = /^TASK_(FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE|GONE_BY_OPERATOR)$/;

/**
 * Reads a master's pages, ours or the original's.
 *
 * @param state `GET /state`
 * @param roles `GET /roles`, for weights and quota; undefined: there are none
 */
export function readSnapshot(state: unknown, roles: unknown): Result<ClusterSnapshot, string> {
  const slaves = isObject(state) ? state['slaves'] : undefined;
  if (!isObject(state) || !Array.isArray(slaves)) return err('want the JSON of GET /state, with slaves');
  const agents = slaves.filter(isObject).flatMap(agentOf);
  if (agents.length === 0) return err('slaves: want at least one active agent with resources');
  const frameworks = listOf(state['frameworks']);
  const known = new Set<string>(agents.map(({agentId}) => agentId));
  const running = frameworks.flatMap(tasksOf).filter(({agentId}) => known.has(agentId));
  return ok({agents, running, roles: rolesOf(roles)});
}

type Json = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function agentOf(slave: Json): AgentSpec[] {
  const id = textOf(slave['id']);
  if (id === undefined || slave['active'] === false) return [];
  const unreserved = slave['unreserved_resources'] ?? slave['resources'];
  const reserved = isObject(slave['reserved_resources']) ? Object.entries(slave['reserved_resources']) : [];
  const parts = [resourcesOf(unreserved), ...reserved.map(([role, amounts]) => resourcesOf(amounts, role))];
  const total = parts.reduce((sum, part) => sum.add(part), Resources.EMPTY);
  const attributes = isObject(slave['attributes']) ? Object.entries(slave['attributes']) : [];
  if (total.isEmpty) return [];
  return [
    {
      agentId: toAgentId(id),
      hostname: textOf(slave['hostname']) ?? id,
      total,
      attributes: attributes.map(([name, value]) => ({name, value: String(value), isText: typeof value === 'string'})),
    },
  ];
}

/** `{"cpus": 4, "ports": "[31000-32000]"}`. */
function resourcesOf(amounts: unknown, role?: string): Resources {
  if (!isObject(amounts)) return Resources.EMPTY;
  const items = Object.entries(amounts).map(
    ([name, amount]) => `${name}${role === undefined ? '' : `(${role})`}:${String(amount)}`,
  );
  return items.reduce((sum, item) => {
    const parsed = parseResources(item);
    // Revocable ones and the like have names of their own there; what can't be read is left out.
    return parsed.ok && !item.includes('_revocable') ? sum.add(parsed.value) : sum;
  }, Resources.EMPTY);
}

function tasksOf(framework: Json): Allocation[] {
  const frameworkId = toFrameworkId(textOf(framework['id']) ?? '');
  const ownRole = textOf(framework['role']) ?? '*';
  return listOf(framework['tasks']).flatMap(task => {
    const agentId = textOf(task['slave_id']);
    const resources = resourcesOf(task['resources']);
    if (agentId === undefined || resources.isEmpty || ENDED.test(textOf(task['state']) ?? '')) return [];
    return [{frameworkId, role: textOf(task['role']) ?? ownRole, agentId: toAgentId(agentId), resources}];
  });
}

function rolesOf(page: unknown): Map<string, RoleSettings> {
  const roles = listOf(isObject(page) ? page['roles'] : undefined);
  return new Map(
    roles.flatMap(role => {
      const name = textOf(role['name']);
      if (name === undefined) return [];
      const {weight, quota} = role;
      const [guarantees, limits] = isObject(quota) ? [quotaOf(quota['guarantee']), quotaOf(quota['limit'])] : [];
      return [[name, {weight: typeof weight === 'number' && weight > 0 ? weight : 1, guarantees, limits}]];
    }),
  );
}

function quotaOf(amounts: unknown): Amounts | undefined {
  const numbers = isObject(amounts) ? Object.entries(amounts) : [];
  const read = numbers.flatMap(([name, amount]): [string, number][] =>
    typeof amount === 'number' ? [[name, amount]] : [],
  );
  return read.length === 0 ? undefined : new Map(read);
}
