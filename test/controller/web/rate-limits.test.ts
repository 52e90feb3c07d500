import test from 'ava';
import {parseRateLimits, Turnstile} from '../../../src/controller/web/rate-limits.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

const limitsOf = (text: string) => {
  const limits = parseRateLimits(text);
  if (!limits.ok) throw new Error(limits.error);
  return limits.value;
};

const mistakes: Record<string, string> = {
  'no JSON': 'x',
  'a rate of 0': '{"limits": [{"principal": "a", "qps": 0}]}',
  'no principal': '{"limits": [{"qps": 1}]}',
  'a principal twice': '{"limits": [{"principal": "a", "qps": 1}, {"principal": "a"}]}',
};
for (const [title, text] of Object.entries(mistakes)) {
  test(`${title} is no set of rate limits`, t => t.false(parseRateLimits(text).ok));
}

test('without a rate of its own, a principal shares one with all that have none', async t => {
  const clock = new VirtualClock();
  const limits = limitsOf(
    '{"limits": [{"principal": "free"}], "aggregate_default_qps": 2, "aggregate_default_capacity": 0}',
  );
  const turnstile = new Turnstile(limits, clock);
  const pass = async (principal?: string) => (await turnstile.pass(principal)).ok;
  t.deepEqual([await pass('a'), await pass('b'), await pass()], [true, false, false]);
  t.deepEqual([await pass('free'), await pass('free')], [true, true]);
  await clock.advance(500);
  t.true(await pass('b'));
});

test('those who wait pass in order', async t => {
  const clock = new VirtualClock();
  const turnstile = new Turnstile(limitsOf('{"limits": [{"principal": "a", "qps": 10}]}'), clock);
  const passed: number[] = [];
  const all = [0, 1, 2].map(async index => {
    await turnstile.pass('a');
    passed.push(index);
  });
  await settle();
  t.deepEqual(passed, [0]);
  await clock.advance(100);
  await settle();
  t.deepEqual(passed, [0, 1]);
  await clock.advance(100);
  await Promise.all(all);
  t.deepEqual(passed, [0, 1, 2]);
});
