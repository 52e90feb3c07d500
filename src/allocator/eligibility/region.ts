import type {AgentEntry, Client, Domain} from '../records.ts';
import type {Rule} from './rule.ts';

/**
 * Agents of another region than the master's are for REGION_AWARE frameworks only. An agent without a domain is local;
 * one with a domain is foreign to a master without.
 */
export class HomeRegion implements Rule {
  readonly name = 'region';
  /** Of the master. */
  domain: Domain | undefined;

  constructor(domain: Domain | undefined) {
    this.domain = domain;
  }

  refuses({traits: {domain}}: AgentEntry, client: Client): boolean {
    return (
      domain !== undefined &&
      domain.region !== this.domain?.region &&
      !client.framework.capabilities.has('REGION_AWARE')
    );
  }
}
