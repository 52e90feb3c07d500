import test from 'ava';
import {createBreath} from '../../../src/controller/runtime/breath.ts';

test('others get their turn once the pieces have taken long, and whenever it is asked for', async t => {
  let nowMs = 0;
  const pauses: number[] = [];
  const breath = createBreath(
    () => nowMs,
    resume => {
      pauses.push(nowMs);
      resume();
    },
  );
  for (; nowMs < 20; nowMs++) await breath();
  t.deepEqual(pauses, [8, 16]);
  await breath('at-once');
  t.deepEqual(pauses, [8, 16, 20]);
});
