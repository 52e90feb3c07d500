// Runs the contract suite of the API server against a real one: `node test/cluster/run.ts [arguments of ava]`. Needs `go`.
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {type ControlPlane, startControlPlane} from './control-plane.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const AVA = fileURLToPath(new URL('../../node_modules/ava/entrypoints/cli.js', import.meta.url));
const SUITE = 'test/contract/apiserver/**/*.test.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const controlPlane = await start();
if (controlPlane !== undefined) {
  try {
    process.exitCode = await runSuite(controlPlane.kubeconfigPath);
  } finally {
    await controlPlane.stop();
  }
}

/** Without a control plane nothing can be said: the reason is shown, and the run has failed. */
async function start(): Promise<ControlPlane | undefined> {
  try {
    return await startControlPlane(interrupted.signal);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
    return undefined;
  }
}

/** Resolves with the exit code. */
async function runSuite(kubeconfigPath: string): Promise<number> {
  const given = process.argv.slice(2);
  const ava = spawn(process.execPath, [AVA, ...(given.length > 0 ? given : [SUITE])], {
    cwd: ROOT,
    env: {...process.env, CONTRACT_KUBECONFIG: kubeconfigPath},
    stdio: 'inherit',
    signal: interrupted.signal,
  });
  return new Promise(resolve => {
    ava.once('exit', code => resolve(code ?? 1));
    ava.once('error', () => resolve(1));
  });
}
