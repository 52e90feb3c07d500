import type {Rule} from '../eligibility/rule.ts';
import type {AgentEntry, Client, Domain} from '../records.ts';
import type {Resource} from '../resource.ts';
import {reservedTo} from '../resource.ts';
import type {Resources} from '../resources.ts';
import type {Verdict} from './verdict.ts';

/** What a rule that refuses has to say about the pair. */
export function ruleVerdict(
  {name}: Rule,
  {total, traits}: AgentEntry,
  client: Client,
  master: Domain | undefined,
): Verdict {
  switch (name) {
    case 'offer-constraint':
      return {reason: 'offer-constraint'};
    case 'gpu':
      return {reason: 'gpu', gpus: total.scalar('gpus')};
    case 'region':
      return {reason: 'region', agent: traits.domain?.region ?? '', master: master?.region};
    case 'agent-capability':
      return {reason: 'agent-capability', missing: missingOf(traits.capabilities ?? new Set(), client)};
    case 'whitelist':
      return {reason: 'whitelist', hostname: traits.hostname};
    default:
      return {reason: 'rule', rule: name};
  }
}

function missingOf(capabilities: ReadonlySet<string>, {framework, role}: Client): string[] {
  const needed = [
    ...(framework.capabilities.has('MULTI_ROLE') ? ['MULTI_ROLE'] : []),
    ...(role.role.includes('/') ? ['HIERARCHICAL_ROLE'] : []),
  ];
  return needed.filter(capability => !capabilities.has(capability));
}

/** Why the client may see nothing of what is free. */
export function invisibleVerdict(client: Client, free: Resources): Verdict {
  const list = free.list();
  const owners = list.map(reservedTo).filter(owner => owner !== undefined && !isAbove(owner, client.role.role));
  const needs = list.flatMap(neededFor).filter(capability => !client.framework.capabilities.has(capability));
  return {
    reason: 'invisible',
    reservedTo: [...new Set(owners)].filter(owner => owner !== undefined).sort(),
    needs: [...new Set(needs)].sort(),
  };
}

const isAbove = (owner: string, role: string): boolean => owner === role || role.startsWith(`${owner}/`);

function neededFor({revocable, shared, reservations = []}: Resource): string[] {
  return [
    ...(revocable === true ? ['REVOCABLE_RESOURCES'] : []),
    ...(shared === true ? ['SHARED_RESOURCES'] : []),
    ...(reservations.length > 1 ? ['RESERVATION_REFINEMENT'] : []),
  ];
}
