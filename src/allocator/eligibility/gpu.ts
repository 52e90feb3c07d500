import type {Rule} from './rule.ts';

/** The whole agent, not only its GPUs, is kept for frameworks that know GPUs (`--filter_gpu_resources`). */
export const gpuRule: Rule = {
  name: 'gpu',
  refuses: (agent, client) =>
    (agent.total.milli.get('gpus') ?? 0) > 0 && !client.framework.capabilities.has('GPU_RESOURCES'),
};
