import type {Rule} from './rule.ts';

/** Old agents are hidden from those whose tasks they would misunderstand. */
export const agentCapabilityRule: Rule = {
  name: 'agent-capability',
  refuses: ({traits: {capabilities}}, client) => {
    if (capabilities === undefined) return false;
    const multiRole = client.framework.capabilities.has('MULTI_ROLE');
    if (multiRole && !capabilities.has('MULTI_ROLE')) return true;
    return client.role.role.includes('/') && !capabilities.has('HIERARCHICAL_ROLE');
  },
};
