import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {environmentOf} from './container-command.ts';
import {resolveReferences} from './env-references.ts';
import {type LaunchPlan, planHostProcess, planImage} from './launch-plan.ts';
import {trim} from './log-rotation.ts';
import {prepareSandbox} from './sandbox.ts';
import type {NodeContext} from './node-context.ts';
import type {Container, ContainerStateTerminated, ContainerStatus, Pod, Probe} from './pod.ts';
import {
  type ContainerRunState,
  type ContainerView,
  crashBackOffMs,
  crashesAfter,
  type Termination,
} from './pod-machine.ts';
import {graceMs} from './pod-machine.ts';
import {cannotRun} from './pod-status.ts';
import {Prober, type ProbeKind} from './probe.ts';
import {performProbe} from './probe-actions.ts';
import {findProgram} from './program.ts';
import {type RecoveredRun, recoverRun, type Run, startRun} from './run.ts';
import {volumeSources} from './volume-sources.ts';
import {listRuns, type RunExit, type RunRecord, removeRun, runFiles} from './run-files.ts';
import type {Surroundings} from './run-beside.ts';

/** Runs that are kept for `logs --previous`, the current one included. */
const KEPT_RUNS = 3;
const MAX_MESSAGE_BYTES = 2048;
const UNKNOWN = 137;

/** One container of one pod: its run, its probes, what became of the runs before. */
export class ContainerWorker {
  readonly container: Container;
  readonly isInit: boolean;
  readonly directory: string;
  readonly #node: NodeContext;
  readonly #pod: () => Pod;
  readonly #onChange: () => void;
  #state: ContainerRunState = {kind: 'new'};
  /** Runs begun so far. */
  #runs = 0;
  #crashes = 0;
  #last: Termination | undefined;
  #run: Run | undefined;
  #prober: Prober | undefined;
  #surroundings: Surroundings | undefined;

  constructor(container: Container, isInit: boolean, pod: () => Pod, node: NodeContext, onChange: () => void) {
    this.container = container;
    this.isInit = isInit;
    this.#pod = pod;
    this.#node = node;
    this.#onChange = onChange;
    this.directory = join(node.podsDirectory, pod().metadata.uid, container.name);
  }

  get view(): ContainerView {
    const running = this.#state.kind === 'new' ? 0 : 1;
    return {
      container: this.container,
      state: this.#state,
      restarts: Math.max(0, this.#runs - running),
      ...(this.#last !== undefined && {last: this.#last}),
      backOffMs: crashBackOffMs(this.#crashes, this.#node.crashBackOffMs),
    };
  }

  /** Where commands run beside the task; undefined while it does not run. */
  get surroundings(): Surroundings | undefined {
    return this.#state.kind === 'running' ? this.#surroundings : undefined;
  }

  /** The directory with stdout and stderr of the current run, or of the one before. */
  logDirectory(previous: boolean): string | undefined {
    const restart = this.#runs - (previous ? 2 : 1);
    return restart < 0 ? undefined : runFiles(this.directory, restart).directory;
  }

  /**
   * Takes up the runs that an earlier agent process began.
   *
   * @param reported what it said of them last, for what the disk does not know
   */
  async recover(reported: ContainerStatus | undefined): Promise<void> {
    const runs = await listRuns(this.directory);
    this.#runs = runs.length === 0 ? 0 : (runs.at(-1)?.restart ?? 0) + 1;
    for (const files of runs.slice(-2)) {
      const found = await recoverRun(files, this.#node);
      if (found !== undefined) await this.#takeUp(found, reported);
    }
    this.#crashes = this.#state.kind === 'running' ? this.#runs - 1 : this.#runs;
    if (this.#runs === 0) this.#state = lostState(reported, this.#node.clock.now());
  }

  async #takeUp(found: RecoveredRun, reported: ContainerStatus | undefined): Promise<void> {
    if (found.kind === 'void') return;
    if (found.kind === 'running') await this.#adopt(found.run, reported);
    else await this.#end(found.record, found.exit);
  }

  async #adopt(run: Run, reported: ContainerStatus | undefined): Promise<void> {
    this.#node.log.info('container adopted', {pod: this.#pod().metadata.name, container: this.container.name});
    const plan = await this.#plan(run.record.id, run.files.directory).catch(() => undefined);
    this.#began(run, plan, reported?.started === true, reported?.ready === true);
  }

  /** Begins the next run. What goes wrong is the run's end, not an error. */
  async start(): Promise<void> {
    if (this.#state.kind === 'ended') this.#last = this.#state.termination;
    this.#state = {kind: 'starting'};
    const files = runFiles(this.directory, this.#runs++);
    const id = `${this.#pod().metadata.uid}/${this.container.name}/${files.restart}`;
    try {
      const plan = await this.#plan(id, files.directory);
      await prepareSandbox(files.directory, plan);
      const argv = await this.#resolve(plan);
      const run = await startRun(files, id, {...plan, argv}, this.#node);
      this.#began(run, plan, false, false);
      this.#event('Normal', 'Started', `Started container ${this.container.name} as process ${run.pid}`);
    } catch (error) {
      this.#failed(error);
    }
    this.#onChange();
    await this.#forgetOldRuns();
  }

  /** Ends the run: SIGTERM, then SIGKILL after `graceMs`. May be called again with less. */
  stop(graceMs: number): void {
    if (this.#state.kind !== 'running') return;
    this.#prober?.stop();
    this.#run?.terminate(graceMs);
  }

  /** Leaves the processes alone and forgets them. */
  abandon(): void {
    this.#prober?.stop();
    this.#run?.abandon();
  }

  async #plan(runId: string, runDirectory: string): Promise<LaunchPlan> {
    const pod = this.#pod();
    const {container, isInit} = this;
    const {hostEnv, imageProgram, ip, ownProgram} = this.#node;
    const references = await resolveReferences(container, pod.metadata.namespace, this.#node.client);
    if (!references.ok) throw new CannotRun('CreateContainerConfigError', references.error, 128);
    const volumes = await volumeSources(pod, this.#node);
    if (!volumes.ok) throw new CannotRun('CreateContainerConfigError', volumes.error, 128);
    const env = environmentOf({pod, container, ip, references: references.value});
    const volumesDirectory = join(this.directory, '..', '.volumes');
    const context = {
      ...{pod, container, isInit, env, hostEnv, ownProgram, ip, runDirectory, volumesDirectory, runId},
      volumes: volumes.value,
    };
    const plan = container.image && imageProgram ? planImage(context, imageProgram) : planHostProcess(context);
    this.#surroundings = {env: {...plan.env, MESOS_CONTAINER_ID: runId}, cwd: plan.cwd, execPrefix: plan.execPrefix};
    return plan;
  }

  async #resolve(plan: LaunchPlan): Promise<string[]> {
    const [name, ...args] = plan.argv;
    if (name === undefined) throw new CannotRun('ContainerCannotRun', 'no command specified', 128);
    const found = await findProgram(name, plan.env['PATH'] ?? '', plan.cwd);
    if (!found.ok) throw new CannotRun('ContainerCannotRun', found.error.message, found.error.exitCode);
    for (const {reason, message} of plan.warnings) this.#event('Warning', reason, message);
    if (this.container.image && plan.execPrefix.length === 0) {
      const message = `No docker or podman answers: the command runs as a host process, without image ${this.container.image}`;
      this.#event('Warning', 'ImageIgnored', message);
    }
    return [found.value, ...args];
  }

  #began(run: Run, plan: LaunchPlan | undefined, started: boolean, ready: boolean): void {
    this.#run = run;
    const {startedAtMs} = run.record;
    const containerId = `process://${run.pid}`;
    this.#state = {kind: 'running', startedAtMs, containerId, started, ready};
    const act = (probe: Probe) =>
      performProbe(probe, this.container, this.#node.ip, this.#surroundings ?? {env: {}, cwd: '/', execPrefix: []});
    this.#prober = new Prober(act, this.#node.clock, {
      started: () => this.#setProbed({started: true}),
      ready: isReady => this.#setProbed({ready: isReady}),
      dead: (kind, probe, message) => this.#dead(kind, probe, message),
      failed: (kind, message) =>
        this.#event('Warning', 'Unhealthy', `${kind[0]?.toUpperCase()}${kind.slice(1)} probe failed: ${message}`),
    });
    if (plan !== undefined) this.#prober.start(this.container, started);
    void run.ended.then(exit => this.#onEnd(run, exit));
  }

  #setProbed(change: {started?: boolean; ready?: boolean}): void {
    if (this.#state.kind !== 'running') return;
    this.#state = {...this.#state, ...change};
    this.#onChange();
  }

  #dead(kind: ProbeKind, probe: Probe, message: string): void {
    this.#event(
      'Normal',
      'Killing',
      `Container ${this.container.name} failed its ${kind} probe, will be stopped: ${message}`,
    );
    const grace = probe.terminationGracePeriodSeconds;
    this.stop(grace === undefined ? graceMs(this.#pod()) : grace * 1000);
  }

  async #onEnd(run: Run, exit: RunExit): Promise<void> {
    await trim(run.files.directory);
    this.#prober?.stop();
    this.#crashes = crashesAfter(this.#crashes, exit.finishedAtMs - run.record.startedAtMs);
    await this.#end(run.record, exit);
    this.#onChange();
    if (this.view.backOffMs > 0) this.#event('Warning', 'BackOff', 'Back-off restarting failed container');
  }

  async #end(record: RunRecord, {exitCode, finishedAtMs}: RunExit): Promise<void> {
    if (this.#state.kind === 'ended') this.#last = this.#state.termination;
    const message = exitCode === 0 ? undefined : await this.#lastWords(record);
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const {startedAtMs} = record;
    this.#state = {
      kind: 'ended',
      termination: {exitCode, reason, startedAtMs, finishedAtMs, ...(message !== undefined && {message})},
    };
  }

  /** The end of what the task wrote, for pods that ask for it. */
  async #lastWords(record: RunRecord): Promise<string | undefined> {
    if (this.container.terminationMessagePolicy !== 'FallbackToLogsOnError') return undefined;
    const directory = join(this.directory, record.id.split('/').at(-1) ?? '');
    const texts = ['stderr', 'stdout'].map(name => readFile(join(directory, name)).catch(() => Buffer.alloc(0)));
    const written = (await Promise.all(texts)).find(({length}) => length > 0);
    return written?.subarray(-MAX_MESSAGE_BYTES).toString();
  }

  #failed(error: unknown): void {
    const {reason, message, exitCode} =
      error instanceof CannotRun ? error : new CannotRun('ContainerCannotRun', String(error), 128);
    this.#node.log.warn('container cannot run', {
      pod: this.#pod().metadata.name,
      container: this.container.name,
      reason: message,
    });
    this.#event('Warning', 'Failed', `Error: ${message}`);
    this.#crashes++;
    this.#state = {kind: 'ended', termination: cannotRun(reason, message, exitCode, this.#node.clock.now())};
  }

  async #forgetOldRuns(): Promise<void> {
    const runs = await listRuns(this.directory);
    for (const files of runs.slice(0, -KEPT_RUNS)) await removeRun(files).catch(() => undefined);
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#node.events.record(this.#pod(), {type, reason, message, container: this.container.name});
  }
}

class CannotRun extends Error {
  readonly reason: string;
  readonly exitCode: number;

  constructor(reason: string, message: string, exitCode: number) {
    super(message);
    this.reason = reason;
    this.exitCode = exitCode;
  }
}

/**
 * What to believe of a container that was reported but has left nothing on the disk: it ran, so a pod that may run only
 * once must not run again.
 */
function lostState(reported: ContainerStatus | undefined, nowMs: number): ContainerRunState {
  const {running, terminated} = reported?.state ?? {};
  if (terminated) return {kind: 'ended', termination: reportedEnd(terminated, nowMs)};
  if (!running) return {kind: 'new'};
  const message = 'The container was not found when the node came back.';
  return {kind: 'ended', termination: cannotRun('ContainerStatusUnknown', message, UNKNOWN, nowMs)};
}

function reportedEnd(terminated: ContainerStateTerminated, nowMs: number): Termination {
  const {exitCode, reason = 'Error', message, startedAt, finishedAt} = terminated;
  const time = (text: string | undefined): number => Date.parse(text ?? '') || nowMs;
  const times = {startedAtMs: time(startedAt), finishedAtMs: time(finishedAt)};
  return {exitCode, reason, ...times, ...(message !== undefined && {message})};
}
