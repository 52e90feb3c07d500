import type {AllocatorOptions} from '../options.ts';
import {agentCapabilityRule} from './agent-capability.ts';
import {gpuRule} from './gpu.ts';
import {offerConstraintRule} from './offer-constraint.ts';
import type {HomeRegion} from './region.ts';
import type {Rule} from './rule.ts';
import type {Whitelist} from './whitelist.ts';

/** The rules in force. Which one refuses first decides only what an explanation names. */
export const rulesOf = (
  {filterGpuResources}: AllocatorOptions,
  whitelist: Whitelist,
  home: HomeRegion,
): readonly Rule[] => [
  whitelist,
  agentCapabilityRule,
  ...(filterGpuResources === false ? [] : [gpuRule]),
  home,
  offerConstraintRule,
];
