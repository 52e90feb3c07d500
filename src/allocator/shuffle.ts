import type {Random} from '../lib/clock.ts';
import type {AgentEntry} from './records.ts';

/** Lists up to 2^20 long keep their indices apart. */
const INDEX_SPAN = 2 ** 20;

/**
 * The agents in an order that every run draws anew. An agent's place depends only on the draw and on its id. Leaving
 * agents out does not change the order of the rest, so a run may skip agents without changing its decisions.
 */
export function shuffled(agents: readonly AgentEntry[], random: Random): AgentEntry[] {
  const seed = Math.floor(random() * 2 ** 32);
  // Numbers sort faster than objects: the place in the list hides in the low digits.
  const keys = new Float64Array(agents.length);
  for (const [i, {hash}] of agents.entries()) keys[i] = mix(hash ^ seed) * INDEX_SPAN + i;
  keys.sort();
  const order: AgentEntry[] = [];
  for (const key of keys) {
    const agent = agents[key % INDEX_SPAN];
    if (agent !== undefined) order.push(agent);
  }
  return hasEqual(keys) ? order.sort((a, b) => mix(a.hash ^ seed) - mix(b.hash ^ seed) || byId(a, b)) : order;
}

const byId = (a: AgentEntry, b: AgentEntry): number => (a.agentId < b.agentId ? -1 : 1);

function hasEqual(keys: Float64Array): boolean {
  for (let i = 1; i < keys.length; i++) {
    if (Math.floor((keys[i] ?? 0) / INDEX_SPAN) === Math.floor((keys[i - 1] ?? 0) / INDEX_SPAN)) return true;
  }
  return false;
}

/** 32 bits of a text (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Spreads every bit over all others (the finish of MurmurHash3). */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
