import type {AllocatorOptions} from '../options.ts';
import {agentCapabilityRule} from './agent-capability.ts';
import {gpuRule} from './gpu.ts';
import {regionRule} from './region.ts';
import type {Rule} from './rule.ts';

/** The rules in force. Which one refuses first decides only what an explanation names. */
export const rulesOf = ({filterGpuResources, domain}: AllocatorOptions): readonly Rule[] => [
  agentCapabilityRule,
  ...(filterGpuResources === false ? [] : [gpuRule]),
  regionRule(domain),
];
