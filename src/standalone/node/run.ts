import {type ChildProcess, execFile, spawn} from 'node:child_process';
import type {Clock, Timer} from '../../lib/clock.ts';
import {descendantsOf, isAlive, killByMark, type ProcessIdentity, signal} from './process-identity.ts';
import {
  beginRun,
  claim,
  listRuns,
  type RunExit,
  type RunFiles,
  type RunRecord,
  readExit,
  readMonitor,
  readRecord,
  writeExit,
} from './run-files.ts';

/**
 * The parent of a container's command, leader of its own session. It outlives the agent, says who it is before it
 * starts the command, and writes down how the command ended. Traps (not "ignore") leave the command's signals alone, and a
 * foreground command keeps SIGINT, which `&` would take away. It uses built-ins only, since PATH is the task's, and
 * odd variable names, since it must not change one that the task exports. Its last act takes with it whatever the command left in the group.
 */
const MONITOR = `trap : HUP INT TERM
MESOS_MONITOR_RUN=$1; shift
MESOS_MONITOR_BOOT=; MESOS_MONITOR_STAT=
if [ -r /proc/$$/stat ]; then
read -r MESOS_MONITOR_BOOT </proc/sys/kernel/random/boot_id; read -r MESOS_MONITOR_STAT </proc/$$/stat; fi
set -C
{ printf '%s %s %s\\n' "$$" "$MESOS_MONITOR_BOOT" "$MESOS_MONITOR_STAT" >"$MESOS_MONITOR_RUN.pid"; } 2>/dev/null || exit 0
set +C
"$@" </dev/null >>"$MESOS_MONITOR_RUN/stdout" 2>>"$MESOS_MONITOR_RUN/stderr"
printf '%s\\n' "$?" >"$MESOS_MONITOR_RUN.exit"
kill -9 0`;

/** The variable that marks every process of a run. */
const MARKER = 'MESOS_CONTAINER_ID';
/** A monitor sets its traps and starts the command within this time; a SIGTERM sent earlier could be lost. */
const SETTLE_MS = 100;
const POLL_MS = 500;
const KILLED = 137;

export type RunCommand = {
  /** The program as an absolute path, and its arguments. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly cleanup?: readonly string[];
};

/** What a run needs of its node; NodeContext has it. */
export type RunHost = {readonly clock: Clock; readonly hostEnv: Readonly<Record<string, string>>};

/** One run of one container, started here or found again. */
export class Run {
  readonly files: RunFiles;
  readonly record: RunRecord;
  /** Resolves once nothing of the run is left. */
  readonly ended: Promise<RunExit>;
  readonly #clock: Clock;
  readonly #hostEnv: RunHost['hostEnv'];
  readonly #group: number;
  #over = false;
  #stopped = false;
  #terminating = false;
  #killAtMs = Number.POSITIVE_INFINITY;
  #timers: Timer[] = [];
  /** What descended from the monitor when it was told to end: once parents have ended, nobody knows. */
  #family: Promise<readonly ProcessIdentity[]> = Promise.resolve([]);
  #poll: Timer | undefined;

  constructor(
    files: RunFiles,
    record: RunRecord,
    group: number,
    host: RunHost,
    leaderGone: (run: Run) => Promise<void>,
  ) {
    this.files = files;
    this.record = record;
    this.#clock = host.clock;
    this.#hostEnv = host.hostEnv;
    this.#group = group;
    this.ended = leaderGone(this).then(() => this.#collect());
  }

  /** The process group, which is also the monitor's pid. */
  get pid(): number {
    return this.#group;
  }

  /**
   * SIGTERM to every process of the group now, SIGKILL after `graceMs`. A second call can only bring the SIGKILL nearer.
   */
  terminate(graceMs: number): void {
    if (this.#over) return;
    const nowMs = this.#clock.monotonic();
    if (!this.#terminating) this.#family = descendantsOf(this.#group);
    if (!this.#terminating && graceMs > 0) {
      const age = this.#clock.now() - this.record.startedAtMs;
      this.#after(Math.max(0, SETTLE_MS - age), () => void this.#family.then(() => this.#signal('SIGTERM')));
    }
    this.#terminating = true;
    if (nowMs + graceMs >= this.#killAtMs) return;
    this.#killAtMs = nowMs + graceMs;
    this.#after(graceMs, () => void this.#kill());
  }

  /** Forgets the run and leaves its processes alone. */
  abandon(): void {
    this.#stopped = true;
    this.#poll?.cancel();
    for (const timer of this.#timers) timer.cancel();
  }

  /** Waits until an adopted monitor, which is no child of this process, is gone. */
  async watch(identity: ProcessIdentity): Promise<void> {
    while (await isAlive(identity)) {
      await new Promise<void>(resolve => {
        this.#poll = this.#clock.after(POLL_MS, resolve);
      });
      if (this.#stopped) return new Promise(() => undefined);
    }
  }

  #after(delayMs: number, action: () => void): void {
    if (!this.#stopped) this.#timers.push(this.#clock.after(delayMs, action));
  }

  #signal(name: NodeJS.Signals): void {
    if (!this.#over) signal(-this.#group, name);
  }

  async #kill(): Promise<void> {
    await this.#family;
    this.#signal('SIGKILL');
    // The image runtime's client is gone now; its container is not.
    void cleanUp(this.record, this.#hostEnv);
  }

  async #collect(): Promise<RunExit> {
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
    for (const member of await this.#family) if (await isAlive(member)) signal(member.pid, 'SIGKILL');
    await killByMark(`${MARKER}=${this.record.id}`);
    await cleanUp(this.record, this.#hostEnv);
    const exit = await readExit(this.files);
    if (exit !== undefined) return exit;
    await writeExit(this.files, KILLED);
    return {exitCode: KILLED, finishedAtMs: this.#clock.now()};
  }
}

/**
 * Starts a command. The record is on disk before the process exists.
 *
 * @throws when the sandbox can't be made or no process can be started
 */
export async function startRun(files: RunFiles, id: string, command: RunCommand, host: RunHost): Promise<Run> {
  const record: RunRecord = {id, startedAtMs: host.clock.now(), ...(command.cleanup && {cleanup: command.cleanup})};
  await beginRun(files, record);
  const child = spawn('/bin/sh', ['-c', MONITOR, 'mesos-monitor', files.directory, ...withOddNames(command)], {
    cwd: command.cwd,
    detached: true,
    env: {...command.env, [MARKER]: id},
    stdio: 'ignore',
  });
  await spawned(child);
  child.unref();
  return new Run(files, record, child.pid ?? 0, host, () => exited(child));
}

export type RecoveredRun =
  | {readonly kind: 'running'; readonly run: Run}
  | {readonly kind: 'ended'; readonly record: RunRecord; readonly exit: RunExit}
  /** Begun, but its command never ran and never will. */
  | {readonly kind: 'void'; readonly record: RunRecord};

/** Finds out what became of a run that another agent process began. */
export async function recoverRun(files: RunFiles, host: RunHost): Promise<RecoveredRun | undefined> {
  const record = await readRecord(files);
  if (record === undefined) return undefined;
  const exit = await readExit(files);
  if (exit !== undefined) return {kind: 'ended', record, exit};
  if (await claim(files)) return {kind: 'void', record};
  const identity = await readMonitor(files);
  if (identity === 'void') return {kind: 'void', record};
  if (identity !== undefined && (await isAlive(identity))) {
    return {kind: 'running', run: new Run(files, record, identity.pid, host, run => run.watch(identity))};
  }
  // It may have ended just now; what outlived a killed monitor ends here.
  const ended = new Run(files, record, identity?.pid ?? 0, host, () => Promise.resolve());
  return {kind: 'ended', record, exit: await ended.ended};
}

/** Kills what still runs in a container's directory; for pods that exist no more. */
export async function killRuns(containerDirectory: string, graceMs: number, host: RunHost): Promise<void> {
  for (const files of await listRuns(containerDirectory)) {
    const found = await recoverRun(files, host);
    if (found?.kind !== 'running') continue;
    found.run.terminate(graceMs);
    await found.run.ended;
  }
}

/** Shells drop variables that they could not name themselves (`app.name`); those are put back behind the shell's back. */
function withOddNames({argv, env}: RunCommand): string[] {
  const odd = Object.entries(env).filter(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return odd.length === 0 ? [...argv] : ['/usr/bin/env', ...odd.map(([name, value]) => `${name}=${value}`), ...argv];
}

const spawned = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });

const exited = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

const cleanUp = ({cleanup}: RunRecord, env: RunHost['hostEnv']): Promise<void> =>
  new Promise(resolve => {
    const [program, ...args] = cleanup ?? [];
    if (program === undefined) resolve();
    else execFile(program, args, {timeout: 30_000, env}, () => resolve());
  });
