import type {AgentTraits} from './records.ts';

/** Whether filters on the agent still mean the same agent. */
export const sameAttributes = (a: AgentTraits, b: AgentTraits): boolean =>
  JSON.stringify(a.attributes ?? []) === JSON.stringify(b.attributes ?? []);

/** Whether nothing that decides who may use the agent has changed. */
export const sameTraits = (a: AgentTraits, b: AgentTraits): boolean =>
  sameAttributes(a, b) &&
  a.hostname === b.hostname &&
  JSON.stringify(a.domain) === JSON.stringify(b.domain) &&
  JSON.stringify([...(a.capabilities ?? ['all'])].sort()) === JSON.stringify([...(b.capabilities ?? ['all'])].sort());
