import test from 'ava';
import {blame, Blamed, messageOf} from '../../src/lib/blame.ts';

const app = {kind: 'MarathonApp', name: 'web', version: '1'};
const task = {kind: 'Pod', name: 'web-1'};
const fail = (): never => {
  throw new TypeError('no such port');
};

test('what work on behalf of a subject throws names the subject, and keeps what was thrown', t => {
  const thrown = t.throws(() => blame(app, fail), {instanceOf: Blamed, message: 'no such port'});
  t.deepEqual(thrown.subject, app);
  t.true(thrown.cause instanceof TypeError);
});

test('of several subjects the innermost is blamed', t => {
  const thrown = t.throws(() => blame(app, () => blame(task, fail)), {instanceOf: Blamed});
  t.deepEqual(thrown.subject, task);
});

test('work that goes well answers', t => {
  t.is(
    blame(app, () => 7),
    7,
  );
});

test('what is no Error has a message too', t => {
  t.is(messageOf('oh'), 'oh');
});
