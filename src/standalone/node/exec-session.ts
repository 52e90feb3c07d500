import type {WebSocket} from 'ws';
import {type Beside, killBeside, spawnBeside, type Surroundings} from './run-beside.ts';

/** Channels of Kubernetes's remote command protocol: the first byte of every message. */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
/** v5 only: `[255, channel]` says that a channel is closed. Channel 4 is the terminal's size, which nothing here has. */
const CLOSE = 255;

export const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

export type ExecRequest = {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
};

/** Runs a command beside a task, with its streams on the socket, and closes the socket when it has ended. */
export async function serveExec(socket: WebSocket, request: ExecRequest, task: Surroundings): Promise<void> {
  // Input that comes before the command runs waits on the socket.
  socket.pause();
  const child = await spawnBeside(commandOf(request, task), task);
  socket.on('close', () => killBeside(child));
  socket.on('error', () => killBeside(child));
  if (request.stdin) takeInput(socket, child);
  else child.stdin.end();
  socket.resume();
  child.stdin.on('error', () => undefined);
  if (request.stdout) forward(socket, child, STDOUT);
  if (request.stderr && !request.tty) forward(socket, child, STDERR);
  child.stdout.resume();
  child.stderr.resume();
  child.once('error', error => finish(socket, failure('InternalError', error.message)));
  child.once('close', (code, signal) => finish(socket, statusOf(code ?? (signal === 'SIGTERM' ? 143 : 137))));
}

/** With `tty`, util-linux's or BSD's `script` makes the terminal: Node has none. */
function commandOf({command, tty}: ExecRequest, task: Surroundings): readonly string[] {
  if (!tty || task.execPrefix.length > 0) return command;
  const line = command.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const script = 'if command -v script >/dev/null; then exec script -qefc "$1" /dev/null; else eval "exec $1"; fi';
  return ['/bin/sh', '-c', script, 'sh', line];
}

function takeInput(socket: WebSocket, child: Beside): void {
  socket.on('message', (data: Buffer) => {
    if (data[0] === STDIN && data.length > 1) child.stdin.write(data.subarray(1));
    if (data[0] === CLOSE && data[1] === STDIN) child.stdin.end();
  });
}

const MAX_BUFFERED = 1024 * 1024;

/** A slow reader makes the command wait. */
function forward(socket: WebSocket, child: Beside, channel: typeof STDOUT | typeof STDERR): void {
  const stream = channel === STDOUT ? child.stdout : child.stderr;
  stream.on('data', (chunk: Buffer) => {
    const wait = socket.bufferedAmount > MAX_BUFFERED;
    if (wait) stream.pause();
    socket.send(Buffer.concat([Buffer.from([channel]), chunk]), () => wait && stream.resume());
  });
}

function finish(socket: WebSocket, status: object): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.send(Buffer.concat([Buffer.from([ERROR]), Buffer.from(JSON.stringify(status))]));
  socket.close(1000);
}

function statusOf(code: number): object {
  if (code === 0) return {metadata: {}, status: 'Success'};
  const causes = [{reason: 'ExitCode', message: String(code)}];
  return {
    ...failure('NonZeroExitCode', `command terminated with non-zero exit code: exit status ${code}`),
    details: {causes},
  };
}

const failure = (reason: string, message: string): object => ({metadata: {}, status: 'Failure', reason, message});
