import type {MasterInfo} from '../../../api/mesos/v1/container.ts';
import type {ReadonlyMaster} from './state.ts';

/** The master as frameworks and operators see it. */
export function masterInfoNow({options: {masterInfo}, domain}: Pick<ReadonlyMaster, 'options' | 'domain'>): MasterInfo {
  if (domain === undefined) return masterInfo;
  const {region, zone} = domain;
  return {...masterInfo, domain: {fault_domain: {region: {name: region}, zone: {name: zone}}}};
}
