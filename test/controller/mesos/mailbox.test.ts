import test from 'ava';
import {Mailbox} from '../../../src/controller/mesos/mailbox.ts';

test('a command posted by a command waits for its turn', t => {
  const lines: string[] = [];
  const mailbox: Mailbox<string> = new Mailbox(command => {
    lines.push(`begin ${command}`);
    if (command === 'a') mailbox.post('b');
    lines.push(`end ${command}`);
  });
  mailbox.post('a');
  t.deepEqual(lines, ['begin a', 'end a', 'begin b', 'end b']);
});

test('a closed mailbox drops what waits and what comes', t => {
  const lines: string[] = [];
  const mailbox: Mailbox<string> = new Mailbox(command => {
    lines.push(command);
    if (command !== 'a') return;
    mailbox.post('b');
    mailbox.close();
  });
  mailbox.post('a');
  mailbox.post('c');
  t.deepEqual(lines, ['a']);
});
