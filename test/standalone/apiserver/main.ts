// A server in a process of its own, for tests that kill it: argv = data directory; prints its kubeconfig's path.
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock} from '../../../src/kube/system-clock.ts';
import {startApiServer} from '../../../src/standalone/apiserver/server.ts';

const dataDir = process.argv[2] ?? '';
const started = await startApiServer({dataDir, ip: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger});
if (!started.ok) throw new Error(started.error.message);
console.log(started.value.kubeconfigPath);
