import {numberAt, stringAt} from '../fields.ts';
import {invalid} from '../schema/cause.ts';
import type {Strategy} from './strategy.ts';

export const leaseStrategy: Strategy = {
  validate: lease => {
    const seconds = numberAt(lease, 'spec', 'leaseDurationSeconds') ?? 1;
    const transitions = numberAt(lease, 'spec', 'leaseTransitions') ?? 0;
    return [
      ...(seconds > 0 ? [] : [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]),
      ...(transitions >= 0
        ? []
        : [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]),
    ];
  },
};

/** What an event is about is in the event's namespace; things without one have theirs in `default`. */
export const eventStrategy: Strategy = {
  validate: event => {
    const about = stringAt(event, 'involvedObject', 'namespace') ?? '';
    const {namespace = ''} = event.metadata;
    if (about === namespace || (about === '' && ['default', 'kube-system'].includes(namespace))) return [];
    return [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
  },
};
