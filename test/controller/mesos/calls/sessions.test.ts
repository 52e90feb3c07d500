import test from 'ava';
import type {SchedulerEvent} from '../../../../src/api/mesos/v1/scheduler.ts';
import {Sessions} from '../../../../src/controller/mesos/calls/sessions.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

const SUBSCRIBED: SchedulerEvent = {type: 'SUBSCRIBED', subscribed: {framework_id: {value: 'f'}}};
const ERROR: SchedulerEvent = {type: 'ERROR', error: {message: 'no'}};

function sessions(isFast: () => boolean = () => true) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  let ids = 0;
  const table = new Sessions(
    clock,
    () => `s${ids++}`,
    (streamId, reason) => lines.push(`lost ${streamId}: ${reason}`),
  );
  const open = () =>
    table.open(streamId => ({
      write: event => {
        if (isFast()) lines.push(`${streamId} ${event.type}`);
        return isFast();
      },
      end: reason => lines.push(`${streamId} ended: ${reason}`),
    }));
  return {clock, lines, table, open};
}

test('a heartbeat follows SUBSCRIBED at once, then every 15 seconds', t => {
  const {clock, lines, table, open} = sessions();
  const id = open();
  table.send(id, SUBSCRIBED);
  t.deepEqual(lines, ['s0 SUBSCRIBED', 's0 HEARTBEAT']);
  clock.advance(30_000);
  t.is(lines.length, 4);
});

test('a stream that is refused has no heartbeat', t => {
  const {clock, lines, table, open} = sessions();
  const id = open();
  table.send(id, ERROR);
  table.close(id, 'refused');
  clock.advance(60_000);
  t.deepEqual(lines, ['s0 ERROR', 's0 ended: refused']);
});

test('the end of a stream ends its heartbeats; later events are dropped', t => {
  const {clock, lines, table, open} = sessions();
  const id = open();
  table.send(id, SUBSCRIBED);
  table.lost(id, 'gone');
  table.lost(id, 'gone');
  table.send(id, ERROR);
  clock.advance(60_000);
  t.deepEqual(lines, ['s0 SUBSCRIBED', 's0 HEARTBEAT', 's0 ended: gone', 'lost s0: gone']);
  t.is(table.size, 0);
});

test('a reader that is too slow is lost, also by a heartbeat', t => {
  let fast = true;
  const {clock, lines, table, open} = sessions(() => fast);
  const id = open();
  table.send(id, SUBSCRIBED);
  fast = false;
  clock.advance(15_000);
  t.true(lines.includes('lost s0: the reader is too slow'));
  t.is(clock.waiting, 0);
});

test('two streams do not see each other', t => {
  const {lines, table, open} = sessions();
  const [first, second] = [open(), open()];
  table.send(second, ERROR);
  table.close(first, 'bye');
  t.deepEqual(lines, ['s1 ERROR', 's0 ended: bye']);
  t.is(table.size, 1);
});
