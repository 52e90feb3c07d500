import {mkdir, open, readFile, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {err, ok, type Result} from '../../lib/result.ts';
import {identify, isAlive, type ProcessIdentity} from './process-identity.ts';

/**
 * Makes sure that one process at a time runs a node's pods. The lock of a process that has died is taken over.
 *
 * @returns how to release it, or who holds it
 */
export async function lockNode(path: string): Promise<Result<() => Promise<void>, string>> {
  try {
    await mkdir(dirname(path), {recursive: true});
    const holder = await holderOf(path);
    if (holder !== undefined && holder.pid !== process.pid && (await isAlive(holder))) {
      return err(`process ${holder.pid} runs this node already (${path})`);
    }
    await rm(path, {force: true});
    const handle = await open(path, 'wx');
    await handle.write(JSON.stringify(await identify(process.pid, process.argv[1] ?? 'node')));
    await handle.close();
    return ok(() => rm(path, {force: true}));
  } catch (error) {
    return err(`can't lock ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function holderOf(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
