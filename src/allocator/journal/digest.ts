import type {Allocation} from '../records.ts';
import type {ResourceTexts} from './resources-json.ts';

/** One decision in JSON: `["framework","role","agent",resources]`. */
export const decisionText = ({frameworkId, role, agentId, resources}: Allocation, texts: ResourceTexts): string =>
  `[${JSON.stringify(frameworkId)},${JSON.stringify(role)},${JSON.stringify(agentId)},${texts.textOf(resources)}]`;

/** 64 bits of what a run handed out, in order, as 16 hexadecimal digits: other decisions have another digest. */
export function digestOf(allocations: readonly Allocation[], texts: ResourceTexts): string {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (const allocation of allocations) {
    const text = decisionText(allocation, texts);
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x85ebca6b) ^ (high >>> 13);
    }
  }
  return hex(low) + hex(high);
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
