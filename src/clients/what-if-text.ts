import type {WhatIfAnswer, WhatIfOutcome} from '../api/mesos/what-if-answer.ts';

/** Agents to name; of the others only the number is told. */
const SHOWN = 10;

/** The answer to a what-if for a terminal, line by line. */
export function whatIfText(answer: WhatIfAnswer): string[] {
  const {with_change: changed} = answer;
  const first =
    answer.held_off === true ? ['Nothing is offered yet: too few agents are back after a change of leaders.'] : [];
  if (changed === undefined) return [...first, ...outcomeText(answer)];
  return [
    ...first,
    'as it is:',
    ...outcomeText(answer).map(indent),
    'with the change:',
    ...outcomeText(changed).map(indent),
  ];
}

const indent = (line: string): string => `  ${line}`;

const outcomeText = (outcome: WhatIfOutcome): string[] => [
  ...instancesText(outcome),
  ...(outcome.blocked ?? []).map(
    ({reason, agents, text, example, instances_that_would_fit: fit}) =>
      `${count(agents, 'agent')}: ${reason}: ${text}${fit === undefined ? '' : `; ${count(fit, 'instance')} would fit there`} (as on ${example.hostname ?? example.agent_id})`,
  ),
  ...(outcome.roles ?? []).map(
    ({role, weight, share_before, share_after, offers}) =>
      `role ${role} (weight ${weight}): ${count(offers, 'offer')} in the next run, share over weight ${percent(share_before)} -> ${percent(share_after)}`,
  ),
];

function instancesText({instances, agents = []}: WhatIfOutcome): string[] {
  if (instances === undefined) return [];
  const {wanted, running, placed, missing} = instances;
  const there = running > 0 ? ` (${running} are running)` : '';
  const places = agents.slice(0, SHOWN).map(({hostname, agent_id, instances: n}) => `${hostname ?? agent_id} ${n}`);
  const more = agents.length > SHOWN ? `, and ${agents.length - SHOWN} more` : '';
  return [
    `${placed} of ${count(wanted - running, 'instance')} would get resources now${there}; ${missing} would wait`,
    ...(places.length === 0 ? [] : [`on ${count(agents.length, 'agent')}: ${places.join(', ')}${more}`]),
  ];
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
