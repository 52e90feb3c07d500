import {execFile} from 'node:child_process';
import {findProgram} from './program.ts';

const PATIENCE_MS = 2000;

/** The path of the first of docker and podman whose server answers within two seconds; both are asked at once. */
export async function findImageProgram(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const answers = await Promise.all(['docker', 'podman'].map(name => findAnswering(name, env)));
  return answers.find(path => path !== undefined);
}

async function findAnswering(name: string, env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const found = await findProgram(name, env['PATH'] ?? '', '/');
  return found.ok && (await answersVersion(found.value, env)) ? found.value : undefined;
}

const answersVersion = (program: string, env: Readonly<Record<string, string>>): Promise<boolean> =>
  new Promise(resolve => {
    const options = {timeout: PATIENCE_MS, env, killSignal: 'SIGKILL'} as const;
    execFile(program, ['version', '--format', '{{.Server.Version}}'], options, (error, stdout) =>
      resolve(error === null && stdout.trim() !== ''),
    );
  });
