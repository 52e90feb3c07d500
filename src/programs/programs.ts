import {AGENT_FLAGS} from './agent-flags.ts';
import {marathonMistakes} from '../controller/marathon/flags.ts';
import {accessMistakes} from '../controller/web/access-flags.ts';
import {CONTROLLER_FLAGS, controllerMistakes} from './controller-flags.ts';
import {FETCH_FLAGS} from './fetch-flags.ts';
import {EXPLAIN_FLAGS} from './explain-flags.ts';
import {program, type Program} from './program.ts';
import {REPLAY_FLAGS} from './replay-flags.ts';
import {SIMULATE_FLAGS} from './simulate-flags.ts';
import {STANDALONE_FLAGS} from './standalone-flags.ts';
import {UNINSTALL_FLAGS} from './uninstall-flags.ts';
import {WHAT_IF_FLAGS} from './what-if-flags.ts';

/** The roles of the one executable, by name. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  standalone: program(
    'Everything on one machine: API server, master, Marathon and agents.',
    STANDALONE_FLAGS,
    async () => (await import('./standalone.ts')).runStandalone,
    values => [...marathonMistakes(values), ...accessMistakes(values)],
  ),
  controller: program(
    'The master and Marathon. Several may run: one leads, the others stand by.',
    CONTROLLER_FLAGS,
    async () => (await import('./controller.ts')).runController,
    controllerMistakes,
  ),
  agent: program(
    'Offers what a node has; runs tasks as processes where no kubelet does.',
    AGENT_FLAGS,
    async () => (await import('./agent.ts')).runAgent,
  ),
  replay: program(
    'Decides again what a journal of the allocator says was decided, and compares.',
    REPLAY_FLAGS,
    async () => (await import('./replay.ts')).runReplay,
  ),
  simulate: program(
    'Lets a workload happen on a virtual clock: who gets what, and who waits how long.',
    SIMULATE_FLAGS,
    async () => (await import('./simulate.ts')).runSimulate,
  ),
  'what-if': program(
    'Asks a master what would get resources now, and what is in the way of the rest.',
    WHAT_IF_FLAGS,
    async () => (await import('./what-if.ts')).runWhatIf,
  ),
  fetch: program(
    'Brings the URIs of a task into its sandbox; run by the pod of the task.',
    FETCH_FLAGS,
    async () => (await import('./fetch.ts')).runFetch,
  ),
  uninstall: program(
    'Ends a cluster in good order: its tasks if they are to go, its controllers, and what waits for them.',
    UNINSTALL_FLAGS,
    async () => (await import('./uninstall.ts')).runUninstall,
  ),
  explain: program(
    'Asks a master why a framework gets no offers.',
    EXPLAIN_FLAGS,
    async () => (await import('./explain.ts')).runExplain,
  ),
};
