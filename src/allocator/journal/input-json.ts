import {type Static, Type} from 'typebox';
import {toAgentId, toFrameworkId} from '../ids.ts';
import {digestOf} from './digest.ts';
import type {Held, Input} from './inputs.ts';
import type {ResourceTexts} from './resources-json.ts';
import {resourcesSchema, resourcesToJson} from './resources-json.ts';
import type {MatcherOf} from './spec-json.ts';
import {
  amountsFromJson,
  amountsSchema,
  amountsToJson,
  domainSchema,
  frameworkFromJson,
  frameworkSchema,
  frameworkToJson,
  quotaFromJson,
  quotaSchema,
  quotaToJson,
  traitsFromJson,
  traitsSchema,
  traitsToJson,
} from './spec-json.ts';

// Inputs as lines of a journal: `t` in milliseconds since the epoch, `in` the kind, the rest by kind.

const text = Type.String();
const input = <const Kind extends string, Fields extends Type.TProperties>(kind: Kind, fields: Fields) =>
  Type.Object({t: Type.Number(), in: Type.Literal(kind), ...fields});
const oneFramework = {framework: text};
const held = {framework: text, role: text, resources: resourcesSchema};
const place = {agent: text, ...held};
const conversion = {consumed: resourcesSchema, converted: resourcesSchema};
/** So many allocations, and what `digestOf` says of them. */
const decided = {n: Type.Integer({minimum: 0}), digest: text};

export const heldSchema = Type.Object(held);
export const inputSchema = Type.Union([
  input('recover', {...place, refuse: Type.Optional(Type.Union([Type.Number(), Type.Null()]))}),
  input('run-events', decided),
  input('run-periodic', decided),
  input('add-agent', {agent: text, total: resourcesSchema, traits: traitsSchema, used: Type.Array(heldSchema)}),
  input('update-agent', {agent: text, total: resourcesSchema, traits: Type.Optional(traitsSchema)}),
  input('remove-agent', {agent: text}),
  input('activate-agent', {agent: text}),
  input('deactivate-agent', {agent: text}),
  input('request-run', {agent: text}),
  input('add-framework', {spec: frameworkSchema, active: Type.Boolean()}),
  input('update-framework', {spec: frameworkSchema}),
  input('remove-framework', oneFramework),
  input('activate-framework', oneFramework),
  input('deactivate-framework', oneFramework),
  input('weights', {weights: amountsSchema}),
  input('quota', {role: text, quota: Type.Optional(quotaSchema)}),
  input('whitelist', {hostnames: Type.Optional(Type.Array(text))}),
  input('domain', {domain: Type.Optional(domainSchema)}),
  input('convert-held', {agent: text, framework: text, role: text, ...conversion}),
  input('restore', place),
  input('suppress', {...oneFramework, roles: Type.Array(text)}),
  input('revive', {...oneFramework, roles: Type.Array(text)}),
]);
export type InputJson = Static<typeof inputSchema>;

/** One line, without its end. What comes back is by far the most frequent, and put together by hand. */
export function inputLine(t: number, one: Input, texts: ResourceTexts): string {
  if (one.kind !== 'recover') return JSON.stringify(inputToJson(t, one, texts));
  const {agentId, frameworkId, role, resources, refuse} = one;
  const names = `"agent":${JSON.stringify(agentId)},"framework":${JSON.stringify(frameworkId)}`;
  const what = `"role":${JSON.stringify(role)},"resources":${texts.textOf(resources)}`;
  const until = refuse === undefined ? '' : `,"refuse":${refuse.seconds ?? 'null'}`;
  return `{"t":${t},"in":"recover",${names},${what}${until}}`;
}

function inputToJson(t: number, one: Exclude<Input, {kind: 'recover'}>, texts: ResourceTexts): InputJson {
  switch (one.kind) {
    case 'run-events':
    case 'run-periodic':
      return {t, in: one.kind, n: one.allocations.length, digest: digestOf(one.allocations, texts)};
    case 'add-agent': {
      const {agentId, total, ...traits} = one.spec;
      const used = one.used.map(heldToJson);
      return {t, in: one.kind, agent: agentId, total: [...resourcesToJson(total)], traits: traitsToJson(traits), used};
    }
    case 'update-agent': {
      const traits = one.traits && traitsToJson(one.traits);
      return {t, in: one.kind, agent: one.agentId, total: [...resourcesToJson(one.total)], ...(traits && {traits})};
    }
    case 'remove-agent':
    case 'activate-agent':
    case 'deactivate-agent':
    case 'request-run':
      return {t, in: one.kind, agent: one.agentId};
    case 'add-framework':
      return {t, in: one.kind, spec: frameworkToJson(one.spec), active: one.active};
    case 'update-framework':
      return {t, in: one.kind, spec: frameworkToJson(one.spec)};
    case 'remove-framework':
    case 'activate-framework':
    case 'deactivate-framework':
      return {t, in: one.kind, framework: one.frameworkId};
    case 'weights':
      return {t, in: one.kind, weights: amountsToJson(one.weights)};
    case 'quota':
      return {t, in: one.kind, role: one.role, ...(one.quota !== undefined && {quota: quotaToJson(one.quota)})};
    case 'whitelist':
      return {t, in: one.kind, ...(one.hostnames !== undefined && {hostnames: [...one.hostnames]})};
    case 'domain':
      return {t, in: one.kind, ...(one.domain !== undefined && {domain: one.domain})};
    case 'convert-held': {
      const {agentId, frameworkId, role} = one;
      return {t, in: one.kind, agent: agentId, framework: frameworkId, role, ...conversionToJson(one.conversion)};
    }
    case 'restore':
      return {t, in: one.kind, agent: one.agentId, ...heldToJson(one)};
    case 'suppress':
    case 'revive':
      return {t, in: one.kind, framework: one.frameworkId, roles: [...one.roles]};
    default:
      return one satisfies never;
  }
}

const conversionToJson = ({consumed, converted}: Extract<Input, {kind: 'convert-held'}>['conversion']) => ({
  consumed: [...resourcesToJson(consumed)],
  converted: [...resourcesToJson(converted)],
});

export const heldToJson = ({frameworkId, role, resources}: Held): Static<typeof heldSchema> => ({
  framework: frameworkId,
  role,
  resources: [...resourcesToJson(resources)],
});

export const heldFromJson = ({framework, role, resources}: Static<typeof heldSchema>, texts: ResourceTexts): Held => ({
  frameworkId: toFrameworkId(framework),
  role,
  resources: texts.parsed(resources),
});

/** What was handed out is not in a journal; runs come with none. */
export function inputFromJson(json: InputJson, texts: ResourceTexts, matcherOf: MatcherOf): Input {
  switch (json.in) {
    case 'recover': {
      const refuse = json.refuse === undefined ? undefined : {seconds: json.refuse ?? undefined};
      return {kind: json.in, agentId: toAgentId(json.agent), ...heldFromJson(json, texts), refuse, nowMs: json.t};
    }
    case 'run-events':
    case 'run-periodic':
      return {kind: json.in, nowMs: json.t, allocations: []};
    case 'add-agent': {
      const total = texts.parsed(json.total);
      const spec = {agentId: toAgentId(json.agent), total, ...traitsFromJson(json.traits)};
      return {kind: json.in, spec, used: json.used.map(one => heldFromJson(one, texts))};
    }
    case 'update-agent': {
      const traits = json.traits && traitsFromJson(json.traits);
      return {kind: json.in, agentId: toAgentId(json.agent), total: texts.parsed(json.total), traits};
    }
    case 'remove-agent':
    case 'activate-agent':
    case 'deactivate-agent':
    case 'request-run':
      return {kind: json.in, agentId: toAgentId(json.agent)};
    case 'add-framework':
      return {kind: json.in, spec: frameworkFromJson(json.spec, matcherOf), active: json.active};
    case 'update-framework':
      return {kind: json.in, spec: frameworkFromJson(json.spec, matcherOf)};
    case 'remove-framework':
    case 'activate-framework':
    case 'deactivate-framework':
      return {kind: json.in, frameworkId: toFrameworkId(json.framework)};
    case 'weights':
      return {kind: json.in, weights: amountsFromJson(json.weights)};
    case 'quota':
      return {kind: json.in, role: json.role, quota: json.quota && quotaFromJson(json.quota)};
    case 'whitelist':
      return {kind: json.in, hostnames: json.hostnames && new Set(json.hostnames)};
    case 'domain':
      return {kind: json.in, domain: json.domain};
    case 'convert-held': {
      const conversion = conversionFromJson(json, texts);
      const frameworkId = toFrameworkId(json.framework);
      return {kind: json.in, agentId: toAgentId(json.agent), frameworkId, role: json.role, conversion};
    }
    case 'restore':
      return {kind: json.in, agentId: toAgentId(json.agent), ...heldFromJson(json, texts)};
    case 'suppress':
    case 'revive':
      return {kind: json.in, frameworkId: toFrameworkId(json.framework), roles: json.roles};
    default:
      return json satisfies never;
  }
}

const conversionFromJson = (
  {consumed, converted}: Pick<Extract<InputJson, {in: 'convert-held'}>, 'consumed' | 'converted'>,
  texts: ResourceTexts,
) => ({consumed: texts.parsed(consumed), converted: texts.parsed(converted)});
