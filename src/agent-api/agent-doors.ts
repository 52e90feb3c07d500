import {dirname, join} from 'node:path';
import type {Verbosity} from '../controller/runtime/verbosity.ts';
import type {RateLimit} from '../controller/mesos/http/rate-limit.ts';
import {type Shown, VirtualFiles} from '../controller/web/virtual-files.ts';
import type {Clock} from '../lib/clock.ts';
import type {AgentSnapshot, PlacedRun} from './agent-views.ts';
import {LONE_TASK} from '../controller/mesos/pods/marks.ts';
import {containerIdOf, executorIdOf, type TaskNotes, type TaskRun} from './task-runs.ts';
import {type Usage, usageByContainer} from './usage.ts';

export type AgentDoorsOptions = {
  readonly clock: Clock;
  readonly facts: () => Promise<AgentSnapshot>;
  /** Tasks whose pods are there. */
  readonly live: () => Promise<readonly TaskRun[]>;
  readonly notes: TaskNotes;
  /** Of this process; shown as `/slave/log`. */
  readonly logFile: string | undefined;
  readonly verbosity: Verbosity;
  /** Of `/metrics/snapshot` and `/monitor/statistics`. */
  readonly limit: RateLimit;
};

/** What the routes of an agent show. */
export class AgentDoors {
  readonly #options: AgentDoorsOptions;
  readonly files: VirtualFiles;
  #shown: readonly Shown[] = [];

  constructor(options: AgentDoorsOptions) {
    this.#options = options;
    this.files = new VirtualFiles(() => this.#shown);
  }

  get facts(): Promise<AgentSnapshot> {
    return this.#options.facts();
  }

  get verbosity(): Verbosity {
    return this.#options.verbosity;
  }

  get limit(): RateLimit {
    return this.#options.limit;
  }

  nowSeconds(): number {
    return this.#options.clock.now() / 1000;
  }

  /** Tasks that run or have a sandbox here, the latest state of each. */
  async runs(): Promise<PlacedRun[]> {
    const {live, notes} = this.#options;
    const byId = new Map((await notes.all()).map(run => [containerIdOf(run), run]));
    for (const run of await live()) byId.set(containerIdOf(run), run);
    return Promise.all([...byId.values()].map(async run => ({...run, directory: await notes.sandboxOf(run)})));
  }

  async usage(): Promise<ReadonlyMap<string, Usage>> {
    return usageByContainer('MESOS_CONTAINER_ID');
  }

  /** Finds out which paths are shown: to be called before `files` are read. */
  async lookAround(): Promise<void> {
    const {logFile} = this.#options;
    const runs = await this.runs();
    this.#shown = [...(logFile === undefined ? [] : [{path: '/slave/log', real: logFile}]), ...runs.flatMap(shownOf)];
  }
}

/** Of a task its real path, and those that need no path of this machine. What was fetched for it is linked into it. */
function shownOf(run: PlacedRun): Shown[] {
  const {directory: real} = run;
  if (real === undefined) return [];
  const named = join('/frameworks', run.frameworkId, 'executors', executorIdOf(run), 'runs');
  const links = [join(dirname(dirname(real)), run.container.replace(LONE_TASK.task, LONE_TASK.fetch))];
  // The sandboxes of a group are those of its tasks, below that of its executor.
  const below = run.container === LONE_TASK.task ? '' : `/tasks/${run.info.task_id.value}`;
  return [real, `${named}/${run.uid}${below}`, `${named}/latest${below}`].map(path => ({path, real, links}));
}

/** The usage of the latest run of a task. */
export function usageOf(run: PlacedRun, usage: ReadonlyMap<string, Usage>): Usage | undefined {
  const restart = run.directory?.split('/').at(-1);
  return usage.get(`${run.uid}/${run.container}/${restart}`);
}
