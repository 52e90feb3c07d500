import {Writable} from 'node:stream';
import test from 'ava';
import {createLogger, type LoggerOptions} from '../../src/kube/log.ts';

function capture(options: Omit<LoggerOptions, 'stream'>) {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return {log: createLogger({...options, stream}), text: () => chunks.join(''), stream};
}

test('a JSON line holds time, level, message and the fields', t => {
  const {log, text} = capture({level: 'info', format: 'json'});
  log.info('offer rescinded', {offerId: 'o-1', heldMs: 12});
  const {time, ...rest} = JSON.parse(text());
  t.regex(time, /^\d{4}-\d\d-\d\dT/);
  t.deepEqual(rest, {level: 'info', message: 'offer rescinded', offerId: 'o-1', heldMs: 12});
});

test('a field cannot replace the message or the level', t => {
  const {log, text} = capture({level: 'info', format: 'json'});
  log.warn('pod refused', {message: 'no room', level: 9});
  const {level, message, message_, level_} = JSON.parse(text());
  t.deepEqual(
    {level, message, message_, level_},
    {level: 'warn', message: 'pod refused', message_: 'no room', level_: 9},
  );
});

test('a text line quotes what holds blanks and leaves out what is undefined', t => {
  const {log, text} = capture({level: 'debug', format: 'text'});
  log.debug('agent lost', {agentId: 'S1', reason: 'silent for 75 s', pod: undefined, counts: {a: 1}});
  t.is(text().replace(/^\S+ /, ''), 'DEBUG agent lost agentId=S1 reason="silent for 75 s" counts={"a":1}\n');
});

test('lines below the level are dropped', t => {
  const {log, text} = capture({level: 'warn', format: 'json'});
  log.info('hidden');
  t.is(text(), '');
});

test('values that JSON cannot hold do not throw', t => {
  const {log, text} = capture({level: 'info', format: 'text'});
  const loop: {self?: unknown} = {};
  loop.self = loop;
  log.info('odd', {loop, big: 2n ** 70n, map: new Map([['a', 1]])});
  t.true(text().includes('big="1180591620717411303424"') && text().includes('map={"a":1}'));
});

test('a stream that fails does not throw', t => {
  const {log, stream} = capture({level: 'info', format: 'text'});
  stream.emit('error', new Error('EPIPE'));
  t.notThrows(() => log.info('still here'));
});
