import type {ReadonlyMaster} from '../state.ts';

/** Whether too few agents are back, and too little time has passed, for anything to be offered. */
export const isHeldOff = ({holdOff, agents}: ReadonlyMaster, nowMs: number): boolean =>
  holdOff !== undefined && agents.size < holdOff.agents && nowMs < holdOff.untilMs;
