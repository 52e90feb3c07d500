import {type Static, Type} from 'typebox';
import type {AttributeConstraint, OfferConstraints, Predicate, Selector} from '../offer-constraints.ts';
import {toFrameworkId} from '../ids.ts';
import type {Quota} from '../quota/quota-book.ts';
import type {AgentTraits, FrameworkSpec} from '../records.ts';
import type {Quantities} from '../resources.ts';

// Traits, frameworks and quotas in JSON.

const oneOf = <const T extends string>(...words: readonly T[]) => Type.Unsafe<T>({type: 'string', enum: words});

/** Makes a matcher of a regular expression, in linear time. */
export type MatcherOf = (pattern: string) => (text: string) => boolean;

const text = Type.String();
const texts = Type.Array(text);
/** Numbers by name. */
export const amountsSchema = Type.Record(text, Type.Number());

export const amountsToJson = (quantities: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries(quantities);
export const amountsFromJson = (json: Readonly<Record<string, number>>): Quantities => new Map(Object.entries(json));

export const domainSchema = Type.Object({region: text, zone: text});

export const traitsSchema = Type.Object({
  hostname: Type.Optional(text),
  attributes: Type.Optional(Type.Array(Type.Object({name: text, value: text, isText: Type.Optional(Type.Boolean())}))),
  domain: Type.Optional(domainSchema),
  capabilities: Type.Optional(texts),
});
export type TraitsJson = Static<typeof traitsSchema>;

export const traitsToJson = ({hostname, attributes, domain, capabilities}: AgentTraits): TraitsJson => ({
  ...(hostname !== undefined && {hostname}),
  ...(attributes !== undefined && {attributes: [...attributes]}),
  ...(domain !== undefined && {domain}),
  ...(capabilities !== undefined && {capabilities: [...capabilities]}),
});

export const traitsFromJson = ({capabilities, ...rest}: TraitsJson): AgentTraits => ({
  ...rest,
  ...(capabilities !== undefined && {capabilities: new Set(capabilities)}),
});

const constraint = Type.Object({
  /** An attribute's name, or one of `@hostname`, `@region`, `@zone` under `of`. */
  attribute: Type.Optional(text),
  of: Type.Optional(oneOf('hostname', 'region', 'zone')),
  is: oneOf('exists', 'not-exists', 'text-equals', 'text-not-equals', 'text-matches', 'text-not-matches'),
  value: Type.Optional(text),
});
export const constraintsSchema = Type.Array(Type.Array(constraint));
type ConstraintJson = Static<typeof constraint>;
export type ConstraintsJson = Static<typeof constraintsSchema>;

export const constraintsToJson = (groups: OfferConstraints): ConstraintsJson =>
  groups.map(group => group.map(constraintToJson));

function constraintToJson({selector, predicate}: AttributeConstraint): ConstraintJson {
  return {
    ...(selector.kind === 'attribute' ? {attribute: selector.name} : {of: selector.kind}),
    is: predicate.kind,
    ...('value' in predicate && {value: predicate.value}),
    ...('matches' in predicate && {value: predicate.pattern ?? ''}),
  };
}

export const constraintsFromJson = (groups: ConstraintsJson, matcherOf: MatcherOf): OfferConstraints =>
  groups.map(group => group.map(json => ({selector: selectorOf(json), predicate: predicateOf(json, matcherOf)})));

const selectorOf = ({attribute, of}: ConstraintJson): Selector =>
  of === undefined ? {kind: 'attribute', name: attribute ?? ''} : {kind: of};

function predicateOf({is, value = ''}: ConstraintJson, matcherOf: MatcherOf): Predicate {
  switch (is) {
    case 'exists':
    case 'not-exists':
      return {kind: is};
    case 'text-equals':
    case 'text-not-equals':
      return {kind: is, value};
    case 'text-matches':
    case 'text-not-matches':
      return {kind: is, matches: matcherOf(value), pattern: value};
    default:
      return is satisfies never;
  }
}

export const frameworkSchema = Type.Object({
  framework: text,
  roles: texts,
  suppressed: Type.Optional(texts),
  capabilities: Type.Optional(texts),
  minimums: Type.Optional(Type.Record(text, Type.Array(amountsSchema))),
  constraints: Type.Optional(Type.Record(text, constraintsSchema)),
});
export type FrameworkJson = Static<typeof frameworkSchema>;

export function frameworkToJson(spec: FrameworkSpec): FrameworkJson {
  const {frameworkId, roles, suppressedRoles, capabilities, minAllocatable, offerConstraints} = spec;
  return {
    framework: frameworkId,
    roles: [...roles],
    ...(suppressedRoles !== undefined && {suppressed: [...suppressedRoles]}),
    ...(capabilities !== undefined && {capabilities: [...capabilities]}),
    ...(minAllocatable !== undefined && {minimums: mapValues(minAllocatable, list => list.map(amountsToJson))}),
    ...(offerConstraints !== undefined && {constraints: mapValues(offerConstraints, constraintsToJson)}),
  };
}

const mapValues = <V, W>(map: ReadonlyMap<string, V>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Array.from(map, ([key, value]) => [key, change(value)]));

export const frameworkFromJson = (json: FrameworkJson, matcherOf: MatcherOf): FrameworkSpec => ({
  frameworkId: toFrameworkId(json.framework),
  roles: json.roles,
  ...(json.suppressed !== undefined && {suppressedRoles: json.suppressed}),
  ...(json.capabilities !== undefined && {capabilities: json.capabilities}),
  ...(json.minimums !== undefined && {
    minAllocatable: new Map(Object.entries(json.minimums).map(([role, list]) => [role, list.map(amountsFromJson)])),
  }),
  ...(json.constraints !== undefined && {
    offerConstraints: new Map(
      Object.entries(json.constraints).map(([role, groups]) => [role, constraintsFromJson(groups, matcherOf)]),
    ),
  }),
});

export const quotaSchema = Type.Object({
  guarantees: Type.Optional(amountsSchema),
  limits: Type.Optional(amountsSchema),
});

export const quotaToJson = ({guarantees, limits}: Quota): Static<typeof quotaSchema> => ({
  ...(guarantees !== undefined && {guarantees: amountsToJson(guarantees)}),
  ...(limits !== undefined && {limits: amountsToJson(limits)}),
});

export const quotaFromJson = ({guarantees, limits}: Static<typeof quotaSchema>): Quota => ({
  ...(guarantees !== undefined && {guarantees: amountsFromJson(guarantees)}),
  ...(limits !== undefined && {limits: amountsFromJson(limits)}),
});
