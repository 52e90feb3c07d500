import type {OfferConstraints, Predicate, Selector} from '../offer-constraints.ts';
import type {AgentTraits} from '../records.ts';
import type {Rule} from './rule.ts';

/** Agents that a framework does not want offers from, under one role. */
export const offerConstraintRule: Rule = {
  name: 'offer-constraint',
  refuses: (agent, {constraints}) => constraints !== undefined && !allows(constraints, agent.traits),
};

const allows = (groups: OfferConstraints, traits: AgentTraits): boolean =>
  groups.some(group => group.every(({selector, predicate}) => holds(predicate, select(selector, traits))));

/** Undefined: there is none. */
type Selected = {readonly text: string; readonly isText: boolean} | undefined;

function select(selector: Selector, {attributes = [], hostname, domain}: AgentTraits): Selected {
  switch (selector.kind) {
    case 'attribute': {
      const found = attributes.find(({name}) => name === selector.name);
      return found && {text: found.value, isText: found.isText !== false};
    }
    case 'hostname':
      return asText(hostname);
    case 'region':
      return asText(domain?.region);
    case 'zone':
      return asText(domain?.zone);
    default:
      return selector satisfies never;
  }
}

const asText = (text: string | undefined): Selected => (text === undefined ? undefined : {text, isText: true});

function holds(predicate: Predicate, selected: Selected): boolean {
  // Of numbers and ranges every statement on text is true (as in Mesos).
  const odd = selected?.isText === false;
  switch (predicate.kind) {
    case 'exists':
      return selected !== undefined;
    case 'not-exists':
      return selected === undefined;
    case 'text-equals':
      return odd || selected?.text === predicate.value;
    case 'text-not-equals':
      return odd || selected?.text !== predicate.value;
    case 'text-matches':
      return odd || (selected !== undefined && predicate.matches(selected.text));
    case 'text-not-matches':
      return odd || selected === undefined || !predicate.matches(selected.text);
    default:
      return predicate satisfies never;
  }
}
