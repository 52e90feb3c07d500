import type {
  AttributeConstraint,
  OfferConstraints as RoleConstraints,
  Predicate,
  Selector,
} from '../../../../allocator/offer-constraints.ts';
import {compilePattern, type PatternLimits} from '../../../../allocator/eligibility/pattern.ts';
import type {OfferConstraints} from '../../../../api/mesos/v1/common.ts';
import {err, ok, type Result} from '../../../../lib/result.ts';

type WireRole = NonNullable<OfferConstraints['role_constraints']>[string];
type WireConstraint = NonNullable<NonNullable<WireRole['groups']>[number]['attribute_constraints']>[number];

/**
 * The offer constraints that a framework brings, as the allocator understands them.
 *
 * @param roles the framework's
 * @returns     by role, or one sentence that says what is wrong
 */
export function readConstraints(
  constraints: OfferConstraints | undefined,
  roles: readonly string[],
  limits: PatternLimits,
): Result<ReadonlyMap<string, RoleConstraints>, string> {
  const byRole = new Map<string, RoleConstraints>();
  for (const [role, wire] of Object.entries(constraints?.role_constraints ?? {})) {
    if (!roles.includes(role)) return err(`Offer constraints for the foreign role '${role}'`);
    const read = readGroups(wire, limits);
    if (!read.ok) return err(`Offer constraints of role '${role}': ${read.error}`);
    byRole.set(role, read.value);
  }
  return ok(byRole);
}

function readGroups({groups = []}: WireRole, limits: PatternLimits): Result<RoleConstraints, string> {
  if (groups.length === 0) return err('there is no group');
  const read: AttributeConstraint[][] = [];
  for (const {attribute_constraints: list = []} of groups) {
    if (list.length === 0) return err('a group is empty');
    const group: AttributeConstraint[] = [];
    for (const wire of list) {
      const constraint = readConstraint(wire, limits);
      if (!constraint.ok) return constraint;
      group.push(constraint.value);
    }
    read.push(group);
  }
  return ok(read);
}

function readConstraint(wire: WireConstraint, limits: PatternLimits): Result<AttributeConstraint, string> {
  const selector = readSelector(wire.selector);
  if (selector === undefined) return err('a selector needs an attribute_name or a pseudoattribute_type');
  const predicate = readPredicate(wire.predicate, limits);
  return predicate.ok ? ok({selector, predicate: predicate.value}) : predicate;
}

const PSEUDO = {
  UNKNOWN: undefined,
  HOSTNAME: {kind: 'hostname'},
  REGION: {kind: 'region'},
  ZONE: {kind: 'zone'},
} as const satisfies Record<string, Selector | undefined>;

function readSelector({attribute_name: name, pseudoattribute_type: pseudo}: WireConstraint['selector']) {
  // Of fields that exclude each other the last one counts, as in every protobuf message.
  if (pseudo !== undefined) return PSEUDO[pseudo];
  return name === undefined ? undefined : ({kind: 'attribute', name} as const satisfies Selector);
}

function readPredicate(wire: WireConstraint['predicate'], limits: PatternLimits): Result<Predicate, string> {
  if (wire.text_not_matches !== undefined) return pattern('text-not-matches', wire.text_not_matches.regex, limits);
  if (wire.text_matches !== undefined) return pattern('text-matches', wire.text_matches.regex, limits);
  if (wire.text_not_equals !== undefined) return ok({kind: 'text-not-equals', value: wire.text_not_equals.value});
  if (wire.text_equals !== undefined) return ok({kind: 'text-equals', value: wire.text_equals.value});
  if (wire.not_exists !== undefined) return ok({kind: 'not-exists'});
  return wire.exists === undefined ? err('a predicate of unknown type') : ok({kind: 'exists'});
}

function pattern(
  kind: 'text-matches' | 'text-not-matches',
  regex: string,
  limits: PatternLimits,
): Result<Predicate, string> {
  const matches = compilePattern(regex, limits);
  return matches.ok ? ok({kind, matches: matches.value, pattern: regex}) : matches;
}
