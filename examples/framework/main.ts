import process from 'node:process';
import {parseArgs} from 'node:util';
import {runFramework} from './scheduler.ts';

const {values} = parseArgs({
  options: {
    master: {type: 'string', default: 'http://127.0.0.1:5050'},
    tasks: {type: 'string', default: '10'},
    command: {type: 'string', default: 'echo hello from $MESOS_SANDBOX'},
    role: {type: 'string', default: '*'},
    cpus: {type: 'string', default: '0.1'},
    mem: {type: 'string', default: '32'},
  },
});

try {
  const {finished, hosts} = await runFramework({
    master: values.master,
    tasks: Number(values.tasks),
    command: values.command,
    role: values.role,
    cpus: Number(values.cpus),
    mem: Number(values.mem),
    print: console.log,
  });
  console.log(`${finished} tasks finished on ${hosts.join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
