import {type ChildProcess, spawn} from 'node:child_process';
import {eventually} from './eventually.ts';

/** A Node program that runs beside the test, with all that it printed. */
export class ChildProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = '';

  /** @param argv the source file or script, then its arguments */
  constructor(argv: readonly string[]) {
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#ended = new Promise(resolve => this.#child.once('exit', resolve));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the program did not start');
    return this.#child.pid;
  }

  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with its exit code, null when a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends the signal and waits for the end. */
  async end(name: NodeJS.Signals): Promise<number | null> {
    if (this.isRunning) this.signal(name);
    return this.#ended;
  }

  /** What the first group of the pattern caught in the output; throws when the program ends before. */
  async printed(pattern: RegExp): Promise<string> {
    const found = await eventually(`output ${String(pattern)}`, () => {
      const match = pattern.exec(this.#output);
      return match ?? (this.isRunning ? undefined : 'ended');
    });
    if (found === 'ended') throw new Error(`the program ended:\n${this.#output}`);
    return found[1] ?? '';
  }
}
