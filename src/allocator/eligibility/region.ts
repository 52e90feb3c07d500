import type {Domain} from '../records.ts';
import type {Rule} from './rule.ts';

/**
 * Agents of another region are for REGION_AWARE frameworks only. An agent without a domain is local; one with a domain
 * is foreign to a master without.
 */
export const regionRule = (master: Domain | undefined): Rule => ({
  name: 'region',
  refuses: ({traits: {domain}}, client) =>
    domain !== undefined && domain.region !== master?.region && !client.framework.capabilities.has('REGION_AWARE'),
});
