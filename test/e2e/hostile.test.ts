import test from 'ava';
import {HostilePlay} from '../support/hostile-play.ts';

/** Of work of the main process alone: what else runs on the machine does not count. */
const MOST_MS = 250;

test.serial('nothing hostile that is sent to any route stops the loop or fails in it', async t => {
  t.timeout(600_000);
  const play = await HostilePlay.start(t);
  for await (const {route, title, status, answer, stall} of play.all({twiceFromMs: MOST_MS})) {
    const what = `${route}, ${title}: ${status} ${answer.slice(0, 200)}`;
    t.true(stall.cpuMs < MOST_MS, `${Math.round(stall.cpuMs)} ms: ${what}`);
    t.true(status < 500 || status === 503, what);
    t.not(answer, 'Error: no answer', what);
  }
  t.is((await play.system.marathon('GET', '/v2/apps')).status, 200);
});
