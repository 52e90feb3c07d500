import {execFile} from 'node:child_process';

const PATIENCE_MS = 2000;

/** The first of docker and podman whose server answers within two seconds; both are asked at once. */
export async function findImageProgram(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const programs = ['docker', 'podman'];
  const answers = await Promise.all(programs.map(program => answersVersion(program, env)));
  return programs.find((_, i) => answers[i]);
}

const answersVersion = (program: string, env: Readonly<Record<string, string>>): Promise<boolean> =>
  new Promise(resolve => {
    const options = {timeout: PATIENCE_MS, env, killSignal: 'SIGKILL'} as const;
    execFile(program, ['version', '--format', '{{.Server.Version}}'], options, (error, stdout) =>
      resolve(error === null && stdout.trim() !== ''),
    );
  });
