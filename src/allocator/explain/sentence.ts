import type {FrameworkId} from '../ids.ts';
import {toFrameworkId} from '../ids.ts';
import type {Quantities} from '../resources.ts';
import {formatResources} from '../text-form.ts';
import type {Held, Precedence, Verdict} from './verdict.ts';

type NameOf = (frameworkId: FrameworkId) => string;

/** A verdict for people: one line without an end. @param nameOf what frameworks are to be called */
export function sentenceOf(verdict: Verdict, nowMs: number, nameOf: NameOf = id => id): string {
  switch (verdict.reason) {
    case 'offered':
      return `the last run offered it ${formatResources(verdict.resources)}`;
    case 'framework-inactive':
      return 'the framework is not connected';
    case 'not-subscribed':
      return 'the framework is not subscribed to the role';
    case 'suppressed':
      return 'the framework suppressed offers for the role; REVIVE ends that';
    case 'filtered':
      return `the framework refused ${formatResources(verdict.refused)}, ${lasting(verdict.untilMs - nowMs)}`;
    case 'offer-constraint':
      return "the framework's offer constraints leave the agent out";
    case 'quota-limit':
      return `the limit of role ${verdict.role} is ${amounts(verdict.limit)}, consumed are ${amounts(verdict.consumed)}`;
    case 'headroom':
      return headroom(verdict);
    case 'minimum':
      return `${amounts(verdict.free)} is free, an offer needs ${verdict.wanted.map(amounts).join(' or ')}`;
    case 'gpu':
      return `the agent has ${verdict.gpus} GPUs: it is kept for frameworks with GPU_RESOURCES`;
    case 'region':
      return `the agent is in region ${verdict.agent}, the master in ${verdict.master ?? 'none'}: it is for frameworks with REGION_AWARE`;
    case 'agent-capability':
      return `the agent lacks ${verdict.missing.join(' and ')}`;
    case 'agent-inactive':
      return 'the agent is deactivated';
    case 'whitelist':
      return `the agent's host ${verdict.hostname ?? '(unknown)'} is not on the whitelist`;
    case 'rule':
      return `the rule "${verdict.rule}" refuses`;
    case 'invisible':
      return invisible(verdict);
    case 'behind':
      return behind(verdict, nameOf);
    case 'nothing-free':
      return nothingFree(verdict.holders, nameOf);
    case 'next-run':
      return 'nothing is in the way: it can be offered in the next run';
    default:
      return verdict satisfies never;
  }
}

const amounts = (quantities: Quantities): string =>
  quantities.size === 0 ? 'nothing' : Array.from(quantities, ([name, amount]) => `${name}:${amount}`).join(';');

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

const lasting = (ms: number): string =>
  ms > 0 ? `for another ${seconds(ms)}` : 'until behind the next run over all agents';

function headroom({required, available, heldFor}: Verdict & {reason: 'headroom'}): string {
  const lacks = heldFor.map(({role, lacks: amount}) => `role ${role} lacks ${amounts(amount)}`);
  return `guarantees hold back ${amounts(required)} of ${amounts(available)} that is free for anybody: ${lacks.join(', ')}`;
}

function invisible({reservedTo, needs}: Verdict & {reason: 'invisible'}): string {
  const parts = [
    ...(reservedTo.length > 0 ? [`is reserved to ${reservedTo.join(', ')}`] : []),
    ...(needs.length > 0 ? [`is for frameworks with ${needs.join(', ')}`] : []),
  ];
  return `what is free ${parts.join(' or ')}`;
}

function behind({taker, precedence}: Verdict & {reason: 'behind'}, nameOf: NameOf): string {
  const took = `${nameOf(taker.frameworkId)} (role ${taker.role}) was given ${formatResources(taker.resources)} first`;
  return precedence === undefined ? `${took}; it has gone since` : `${took}: ${because(precedence, nameOf)}`;
}

function because({by, between, theirs, ours}: Precedence, nameOf: NameOf): string {
  const name = ({path}: Precedence['ours']): string =>
    between === 'roles' ? `role ${path}` : nameOf(toFrameworkId(path));
  const shares = `${name(theirs)} held ${percent(theirs.share)}, ${name(ours)} ${percent(ours.share)}`;
  switch (by) {
    case 'guarantee':
      return `${name(theirs)} lacked something of its guarantee`;
    case 'share':
      return shares;
    case 'hand-outs':
      return `${shares}, and ${name(theirs)} was given less often, ${theirs.handOuts} times against ${ours.handOuts}`;
    case 'name':
      return `${shares}, given equally often, so the name decided`;
    case 'chance':
      return 'the order is drawn';
    case 'change':
      return 'this framework would come before it now, but could not take it then';
    default:
      return by satisfies never;
  }
}

/** A weighted dominant share. */
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

function nothingFree(holders: readonly Held[], nameOf: NameOf): string {
  const most = holders.slice(0, 3).map(held => `${nameOf(held.frameworkId)} ${formatResources(held.resources)}`);
  const others = holders.length > most.length ? ` and ${holders.length - most.length} more` : '';
  return holders.length === 0 ? 'nothing is free' : `nothing is free: held by ${most.join(', ')}${others}`;
}
