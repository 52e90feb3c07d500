/** A stand-in for an agent: starts one run in the directory given and waits to be killed. */
import {dirname} from 'node:path';
import {systemClock} from '../../../src/kube/system-clock.ts';
import {startRun} from '../../../src/standalone/node/run.ts';
import {runFiles} from '../../../src/standalone/node/run-files.ts';

const directory = process.argv[2] ?? '';
const files = runFiles(dirname(directory), 0);
await startRun(
  files,
  'child/task/0',
  {argv: ['/bin/sleep', '1000'], env: {PATH: '/usr/bin:/bin'}, cwd: '/'},
  {clock: systemClock, hostEnv: {}},
);
setTimeout(() => console.log('started'), 300);
setInterval(() => {}, 1000);
