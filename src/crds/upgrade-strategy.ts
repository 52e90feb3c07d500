import type {MarathonAppSpec} from './marathon-app.ts';

export type UpgradeStrategy = {readonly minimumHealthCapacity: number; readonly maximumOverCapacity: number};

/** Its data stays on one agent. */
export const isResident = ({container}: MarathonAppSpec): boolean =>
  (container?.volumes ?? []).some(({persistent}) => persistent !== undefined);

const hasDataOfItsOwn = ({container}: MarathonAppSpec): boolean =>
  (container?.volumes ?? []).some(({persistent, external}) => (persistent ?? external) !== undefined);

/** What an upgrade leaves and adds. Where the data is, there cannot be a second instance, so none is added then. */
export function upgradeStrategyOf(spec: MarathonAppSpec): UpgradeStrategy {
  if (spec.upgradeStrategy === undefined && hasDataOfItsOwn(spec)) {
    return {minimumHealthCapacity: 0.5, maximumOverCapacity: 0};
  }
  const {minimumHealthCapacity = 1, maximumOverCapacity = 1} = spec.upgradeStrategy ?? {};
  return {minimumHealthCapacity, maximumOverCapacity};
}
