import test from 'ava';
import {Mailbox, type Rest} from '../../../src/controller/runtime/mailbox.ts';

const never = (): void => undefined;

test('a command posted by a command waits for its turn', t => {
  const lines: string[] = [];
  const mailbox: Mailbox<string> = new Mailbox(command => {
    lines.push(`begin ${command}`);
    if (command === 'a') mailbox.post('b');
    lines.push(`end ${command}`);
    return undefined;
  }, never);
  mailbox.post('a');
  t.deepEqual(lines, ['begin a', 'end a', 'begin b', 'end b']);
});

test('a closed mailbox drops what waits and what comes', t => {
  const lines: string[] = [];
  const mailbox: Mailbox<string> = new Mailbox(command => {
    lines.push(command);
    if (command !== 'a') return undefined;
    mailbox.post('b');
    mailbox.close();
    return undefined;
  }, never);
  mailbox.post('a');
  mailbox.post('c');
  t.deepEqual(lines, ['a']);
});

/** Commands are numbers of parts; a pause ends when the test says so. */
function inParts() {
  const lines: string[] = [];
  const pauses: (() => void)[] = [];
  const rest =
    (parts: number): Rest =>
    () => {
      lines.push(`${parts} left`);
      return parts > 1 ? rest(parts - 1) : undefined;
    };
  const mailbox: Mailbox<number> = new Mailbox(
    parts => {
      lines.push(`begin ${parts}`);
      return parts > 0 ? rest(parts) : undefined;
    },
    resume => pauses.push(resume),
  );
  return {lines, pauses, mailbox};
}

test('commands wait until the last part of a long one is done', t => {
  const {lines, pauses, mailbox} = inParts();
  mailbox.post(2);
  mailbox.post(0);
  t.is(mailbox.length, 1);
  t.deepEqual(lines, ['begin 2']);
  pauses.shift()?.();
  t.deepEqual(lines, ['begin 2', '2 left']);
  pauses.shift()?.();
  t.deepEqual(lines, ['begin 2', '2 left', '1 left', 'begin 0']);
  t.is(mailbox.length, 0);
});

test('a mailbox closed in a pause drops what is left', t => {
  const {lines, pauses, mailbox} = inParts();
  mailbox.post(2);
  mailbox.post(0);
  mailbox.close();
  pauses.shift()?.();
  t.deepEqual(lines, ['begin 2']);
});
