import type {LiveCluster} from '../../../simulator/what-if/what-if.ts';

/** A live cluster whose frameworks have names. */
export type NamedCluster = LiveCluster & {
  readonly frameworkName: (frameworkId: string) => string;
  /** Nothing is offered yet, as too few agents are back after a change of leaders. */
  readonly isHeldOff: boolean;
};
