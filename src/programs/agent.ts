import type {FlagValues} from '../lib/flags.ts';
import type {AGENT_FLAGS} from './agent-flags.ts';
import type {Surroundings} from './program.ts';

/** The agent of a node. What it needs is loaded once it is known who runs the pods. */
export async function runAgent(flags: FlagValues<typeof AGENT_FLAGS>, surroundings: Surroundings): Promise<number> {
  if (flags.pods === 'kubelet') return (await import('./agent-kubelet.ts')).runKubeletAgent(flags, surroundings);
  return (await import('./agent-process.ts')).runProcessAgent(flags, surroundings);
}
