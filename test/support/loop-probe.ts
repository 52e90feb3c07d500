// Loaded into a program with `node --import`: measures the longest time for which its event loop stood still, and tells
// it on a socket in $LOOP_PROBE. Stands for nothing without that variable.
import {createServer} from 'node:http';
import {join} from 'node:path';

const folder = process.env['LOOP_PROBE'];
const TICK_MS = 5;

if (folder !== undefined) {
  let longest = {wallMs: 0, cpuMs: 0};
  let [wall, cpu] = [performance.now(), cpuMsNow()];
  setInterval(() => {
    const [wallNow, cpuNow] = [performance.now(), cpuMsNow()];
    // The loop turned in between, so a tick that comes late waited for one piece of work.
    const seen = {wallMs: wallNow - wall - TICK_MS, cpuMs: cpuNow - cpu};
    longest = {
      wallMs: Math.max(longest.wallMs, seen.wallMs),
      cpuMs: Math.max(longest.cpuMs, Math.min(seen.cpuMs, seen.wallMs)),
    };
    [wall, cpu] = [wallNow, cpuNow];
  }, TICK_MS).unref();
  const server = createServer((_request, response) => {
    response.end(JSON.stringify(longest));
    longest = {wallMs: 0, cpuMs: 0};
  });
  server.listen(join(folder, `${process.pid}.sock`)).unref();
}

/** Of this thread alone: what other programs take of the machine does not count. */
function cpuMsNow(): number {
  const {user, system} = process.threadCpuUsage();
  return (user + system) / 1000;
}
