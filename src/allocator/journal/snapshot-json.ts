import {type Static, Type} from 'typebox';
import {toAgentId, toFrameworkId} from '../ids.ts';
import type {AllocatorSnapshot, FrameworkSnapshot} from '../snapshot.ts';
import {heldFromJson, heldSchema, heldToJson} from './input-json.ts';
import type {JournalOptions, Segment} from './journal.ts';
import type {ResourceTexts} from './resources-json.ts';
import {resourcesSchema, resourcesToJson} from './resources-json.ts';
import type {MatcherOf} from './spec-json.ts';
import {
  amountsFromJson,
  amountsSchema,
  amountsToJson,
  domainSchema,
  constraintsFromJson,
  constraintsSchema,
  constraintsToJson,
  quotaFromJson,
  quotaSchema,
  quotaToJson,
  traitsFromJson,
  traitsSchema,
  traitsToJson,
} from './spec-json.ts';

// The beginning of a journal: one line with what is small, and lines with pieces of what may be large.

const text = Type.String();
const sorter = Type.Optional(Type.Unsafe<'drf' | 'random'>({type: 'string', enum: ['drf', 'random']}));

const optionsSchema = Type.Object({
  allocationIntervalMs: Type.Number(),
  minAllocatable: Type.Array(amountsSchema),
  filterGpuResources: Type.Optional(Type.Boolean()),
  excludedFromFairness: Type.Optional(Type.Array(text)),
  domain: Type.Optional(domainSchema),
  roleSorter: sorter,
  frameworkSorter: sorter,
});

export const headSchema = Type.Object({
  journal: Type.Literal(1),
  t: Type.Number(),
  random: Type.Integer(),
  options: optionsSchema,
  weights: amountsSchema,
  quotas: Type.Record(text, quotaSchema),
  whitelist: Type.Optional(Type.Array(text)),
  domain: Type.Optional(domainSchema),
  roleHandOuts: amountsSchema,
  frameworkHandOuts: Type.Record(text, amountsSchema),
  cycle: Type.Object({agents: Type.Array(text), all: Type.Boolean(), settledUnlocks: Type.Integer()}),
  unlocks: Type.Integer(),
  quotaLoosened: Type.Boolean(),
});

const agentSchema = Type.Object({
  agent: text,
  active: Type.Boolean(),
  total: resourcesSchema,
  traits: traitsSchema,
  held: Type.Array(heldSchema),
  askedUpTo: Type.Integer(),
});
const clientSchema = Type.Object({
  index: Type.Integer(),
  role: text,
  subscribed: Type.Boolean(),
  suppressed: Type.Boolean(),
  /** In thousandths. */
  minimum: Type.Array(amountsSchema),
  constraints: Type.Optional(constraintsSchema),
  unlockedAt: Type.Integer(),
});
const frameworkSchema = Type.Object({
  framework: text,
  active: Type.Boolean(),
  capabilities: Type.Array(text),
  clients: Type.Array(clientSchema),
});
/** An end of null: no periodic run has seen the filter yet. */
const groupSchema = Type.Object({
  agent: text,
  resources: resourcesSchema,
  clients: Type.Array(Type.Integer()),
  ends: Type.Array(Type.Union([Type.Number(), Type.Null()])),
});
const unseenSchema = Type.Object({agent: text, client: Type.Integer(), resources: resourcesSchema, end: Type.Number()});

export const pieceSchema = Type.Union([
  Type.Object({agents: Type.Array(agentSchema)}),
  Type.Object({frameworks: Type.Array(frameworkSchema)}),
  Type.Object({filters: Type.Array(groupSchema)}),
  Type.Object({unseen: Type.Array(unseenSchema)}),
]);

export type HeadJson = Static<typeof headSchema>;
export type PieceJson = Static<typeof pieceSchema>;
type ClientJson = Static<typeof clientSchema>;

const IN_A_PIECE = 200;

/** The lines that a segment begins with. */
export function* snapshotLines(segment: Segment): Iterable<string> {
  const {agents, frameworks, filters} = segment.state;
  yield JSON.stringify(headToJson(segment));
  for (const piece of pieces(agents)) yield JSON.stringify({agents: piece.map(agentToJson)});
  for (const piece of pieces(frameworks)) yield JSON.stringify({frameworks: piece.map(frameworkToJson)});
  for (const piece of pieces(filters.groups)) yield JSON.stringify({filters: piece.map(groupToJson)});
  for (const piece of pieces(filters.unseen)) yield JSON.stringify({unseen: piece.map(unseenToJson)});
}

function* pieces<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let i = 0; i < list.length; i += IN_A_PIECE) yield list.slice(i, i + IN_A_PIECE);
}

function headToJson({beganMs, random, options, state}: Segment): HeadJson {
  const {weights, quotas, whitelist, domain, roleHandOuts, frameworkHandOuts, cycle, unlocks, quotaLoosened} = state;
  return {
    journal: 1,
    t: beganMs,
    random,
    options: optionsToJson(options),
    weights: amountsToJson(weights),
    quotas: Object.fromEntries(Array.from(quotas, ([role, quota]) => [role, quotaToJson(quota)])),
    ...(whitelist !== undefined && {whitelist: [...whitelist]}),
    ...(domain !== undefined && {domain}),
    roleHandOuts: amountsToJson(roleHandOuts),
    frameworkHandOuts: Object.fromEntries(
      Array.from(frameworkHandOuts, ([role, counts]) => [role, amountsToJson(counts)]),
    ),
    cycle: {...cycle, agents: [...cycle.agents]},
    unlocks,
    quotaLoosened,
  };
}

const optionsToJson = ({minAllocatable, excludedFromFairness, ...rest}: JournalOptions): HeadJson['options'] => ({
  ...rest,
  minAllocatable: minAllocatable.map(amountsToJson),
  ...(excludedFromFairness !== undefined && {excludedFromFairness: [...excludedFromFairness]}),
});

export const optionsFromJson = ({
  minAllocatable,
  excludedFromFairness,
  ...rest
}: HeadJson['options']): JournalOptions => ({
  ...rest,
  minAllocatable: minAllocatable.map(amountsFromJson),
  ...(excludedFromFairness !== undefined && {excludedFromFairness: new Set(excludedFromFairness)}),
});

const agentToJson = ({agentId, active, total, held, askedUpTo, ...traits}: AllocatorSnapshot['agents'][number]) => ({
  agent: agentId,
  active,
  total: resourcesToJson(total),
  traits: traitsToJson(traits),
  held: held.map(heldToJson),
  askedUpTo,
});

const frameworkToJson = ({frameworkId, clients, ...rest}: FrameworkSnapshot) => ({
  framework: frameworkId,
  ...rest,
  clients: clients.map(({minimum, constraints, ...client}) => ({
    ...client,
    minimum: minimum.map(amountsToJson),
    ...(constraints !== undefined && {constraints: constraintsToJson(constraints)}),
  })),
});

type Filters = AllocatorSnapshot['filters'];

const groupToJson = ({agentId, resources, clients, ends}: Filters['groups'][number]) => ({
  agent: agentId,
  resources: resourcesToJson(resources),
  clients,
  ends: ends.map(end => (Number.isFinite(end) ? end : null)),
});

const unseenToJson = ({agentId, client, resources, endMs}: Filters['unseen'][number]) => ({
  agent: agentId,
  client,
  resources: resourcesToJson(resources),
  end: endMs,
});

/** What the lines at the beginning said. */
export function snapshotFromJson(
  head: HeadJson,
  list: readonly PieceJson[],
  texts: ResourceTexts,
  matcherOf: MatcherOf,
): AllocatorSnapshot {
  const frameworkHandOuts = Object.entries(head.frameworkHandOuts);
  return {
    agents: list.flatMap(piece => ('agents' in piece ? piece.agents.map(one => agentFromJson(one, texts)) : [])),
    frameworks: list.flatMap(piece =>
      'frameworks' in piece ? piece.frameworks.map(one => frameworkFromJson(one, matcherOf)) : [],
    ),
    weights: amountsFromJson(head.weights),
    quotas: new Map(Object.entries(head.quotas).map(([role, quota]) => [role, quotaFromJson(quota)])),
    whitelist: head.whitelist && new Set(head.whitelist),
    domain: head.domain,
    roleHandOuts: amountsFromJson(head.roleHandOuts),
    frameworkHandOuts: new Map(frameworkHandOuts.map(([role, counts]) => [role, amountsFromJson(counts)])),
    filters: filtersFromJson(list, texts),
    cycle: {...head.cycle, agents: head.cycle.agents.map(toAgentId)},
    unlocks: head.unlocks,
    quotaLoosened: head.quotaLoosened,
  };
}

const agentFromJson = (
  {agent, active, total, traits, held, askedUpTo}: Static<typeof agentSchema>,
  texts: ResourceTexts,
): AllocatorSnapshot['agents'][number] => ({
  ...traitsFromJson(traits),
  agentId: toAgentId(agent),
  active,
  total: texts.parsed(total),
  held: held.map(one => heldFromJson(one, texts)),
  askedUpTo,
});

const frameworkFromJson = (
  {framework, clients, ...rest}: Static<typeof frameworkSchema>,
  matcherOf: MatcherOf,
): FrameworkSnapshot => ({
  ...rest,
  frameworkId: toFrameworkId(framework),
  clients: clients.map(client => clientFromJson(client, matcherOf)),
});

const clientFromJson = ({minimum, constraints, ...rest}: ClientJson, matcherOf: MatcherOf) => ({
  ...rest,
  minimum: minimum.map(amountsFromJson),
  constraints: constraints && constraintsFromJson(constraints, matcherOf),
});

const filtersFromJson = (list: readonly PieceJson[], texts: ResourceTexts): Filters => ({
  groups: list.flatMap(piece =>
    'filters' in piece
      ? piece.filters.map(({agent, resources, clients, ends}) => ({
          agentId: toAgentId(agent),
          resources: texts.parsed(resources),
          clients,
          ends: ends.map(end => end ?? Number.POSITIVE_INFINITY),
        }))
      : [],
  ),
  unseen: list.flatMap(piece =>
    'unseen' in piece
      ? piece.unseen.map(({agent, client, resources, end}) => ({
          agentId: toAgentId(agent),
          client,
          resources: texts.parsed(resources),
          endMs: end,
        }))
      : [],
  ),
});
