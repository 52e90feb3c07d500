import {delimiter} from 'node:path';

/** What a shell has that was given no PATH. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What npm puts in front of the PATH of its scripts: the programs of packages, ours and of all folders above. */
const OF_NPM = /(^|\/)node_modules\/(\.bin|(.+\/)?node-gyp-bin|node\/bin)\/?$/;

/** The PATH of the person who has started the agent. What npm has added is for scripts of packages: a task is none. */
export function pathOfTasks(path: string | undefined): string {
  const folders = (path ?? '').split(delimiter).filter(folder => folder !== '' && !OF_NPM.test(folder));
  return folders.length === 0 ? DEFAULT_PATH : folders.join(delimiter);
}
