import {spawn} from 'node:child_process';

/**
 * Runs a program to its end.
 *
 * @param input for its standard input
 * @returns     what it printed
 * @throws      when it fails, with what it said
 */
export async function command(argv: readonly string[], input: string | Buffer = ''): Promise<string> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {stdio: ['pipe', 'pipe', 'pipe']});
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // A program may end before it has read all.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject),
  );
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}\n${stderr}${stdout}`);
  return stdout;
}
