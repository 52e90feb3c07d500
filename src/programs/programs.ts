import {AGENT} from './agent.ts';
import {CONTROLLER} from './controller.ts';
import type {Program} from './program.ts';
import {STANDALONE} from './standalone.ts';

/** The roles of the one executable, by name. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  standalone: STANDALONE,
  controller: CONTROLLER,
  agent: AGENT,
};
