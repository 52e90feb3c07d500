import test, {type ExecutionContext} from 'ava';
import {silentLogger} from '../../../src/kube/log.ts';
import {limitOf} from '../../../src/lib/limits.ts';
import {openApi} from '../../../src/standalone/apiserver/api.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;

function start(t: ExecutionContext) {
  const clock = new VirtualClock();
  /** How many events there were each time a timer was due. */
  const counts: number[] = [];
  const after: VirtualClock['after'] = (delayMs, callback) =>
    clock.after(delayMs, () => {
      counts.push(names().length);
      callback();
    });
  const {now, monotonic} = clock;
  const opened = openApi({clock: {now, monotonic, after}, log: silentLogger, random: () => 0.5});
  if (!opened.ok) throw new Error(opened.error);
  const {cluster, close} = opened.value;
  t.teardown(close);
  const event = (name: string): void => {
    const lastTimestamp = new Date(clock.now()).toISOString();
    cluster.store.put('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {name, namespace: 'default'},
      lastTimestamp,
    });
  };
  const names = (): string[] => cluster.store.list('events').map(({metadata}) => metadata.name);
  return {clock, event, names, counts};
}

test('an event goes an hour after its last change', t => {
  const {clock, event, names} = start(t);
  event('first');
  clock.advance(HOUR_MS / 2);
  event('second');
  clock.advance(HOUR_MS / 2);
  event('first');
  clock.advance(HOUR_MS / 2 + 20_000);
  t.deepEqual(names(), ['first']);
});

test('of more events than are kept the oldest go, a few at a time', t => {
  const {clock, event, names, counts} = start(t);
  const most = limitOf('events');
  for (let n = 0; n < most + 500; n++) {
    event(`e${String(n).padStart(5, '0')}`);
    clock.advance(1);
  }
  clock.advance(10_000);
  const all = [...counts, names().length];
  t.is(names().length, most);
  t.is(Math.max(...all.map((count, index) => (all[index - 1] ?? count) - count)), 200);
  t.is(names()[0], 'e00500');
});
