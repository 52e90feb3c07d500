import {DEFINITIONS} from '../registry.ts';
import {configMapStrategy, namespaceStrategy, secretStrategy, serviceStrategy} from './core-strategies.ts';
import {eventStrategy, leaseStrategy} from './coordination.ts';
import {definitionStrategy} from './definitions.ts';
import {podStrategy} from './pods.ts';
import type {Strategy} from './strategy.ts';

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  [DEFINITIONS]: definitionStrategy,
  'coordination.k8s.io/leases': leaseStrategy,
  configmaps: configMapStrategy,
  events: eventStrategy,
  namespaces: namespaceStrategy,
  pods: podStrategy,
  secrets: secretStrategy,
  services: serviceStrategy,
};

export const strategyOf = (storage: string): Strategy => STRATEGIES[storage] ?? {};
